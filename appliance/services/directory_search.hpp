// SPDX-License-Identifier: Apache-2.0
// Finding people in the enterprise directory (LDAP-001).
#ifndef JACKFIELD_SERVICES_DIRECTORY_SEARCH_HPP
#define JACKFIELD_SERVICES_DIRECTORY_SEARCH_HPP

#include <cstddef>
#include <string>

#include "model/principal.hpp"
#include "store/people.hpp"

namespace jackfield::services {

class DirectorySearch {
 public:
  explicit DirectorySearch(const store::People&);
  // directory. limit 1 to 200, search at most 200 characters, else Problem(invalid, "value.invalid").
  // The entries' roles and DNs are left out for those who may not view the system.
  store::PersonPage search(const model::Principal&, const std::string& text, std::size_t limit,
                           std::size_t offset) const;
  directory::Person get(const model::Principal&, const std::string& id) const;  // notFound "directory.unknown"

 private:
  const store::People& people_;
};

}  // namespace jackfield::services

#endif
