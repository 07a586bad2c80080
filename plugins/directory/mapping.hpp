// SPDX-License-Identifier: Apache-2.0
// From a directory entry to a Person, or to the reason why it is left out.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_MAPPING_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_MAPPING_HPP

#include <string>
#include <vector>

#include <jackfield/directory.hpp>

#include "ldap/connection.hpp"
#include "presets.hpp"

namespace jackfield::directory {

// Immutable after construction: any thread.
class Mapping {
 public:
  explicit Mapping(const Settings& settings);

  // What a search must ask for.
  const std::vector<std::string>& attributes() const { return attributes_; }

  // The attribute that holds the login name.
  const std::string& loginAttribute() const { return login_; }

  // Fills `person` but for its roles. Returns an empty text, or why the entry cannot be taken: no id, no name, text
  // that is not UTF-8 or holds control characters, a value too long. Such an entry leaves `person` unspecified.
  std::string map(const ldap::Entry& entry, Person& person) const;

 private:
  // Where an attribute's value goes: a text member, or a number of a kind.
  struct Target {
    std::string attribute;
    std::string Person::*text = nullptr;
    NumberKind kind = NumberKind::office;
  };
  void add(const std::string& attribute, std::string Person::*text);
  void add(const std::string& attribute, NumberKind kind);
  void request(const std::string& attribute);
  std::string take(const ldap::Attribute& attribute, Person& person) const;

  std::string id_attribute_;
  IdForm id_form_;
  std::string login_;
  std::vector<Target> targets_;
  std::vector<std::string> attributes_;
};

}  // namespace jackfield::directory

#endif
