// SPDX-License-Identifier: Apache-2.0
// Everything that comes from the directory is hostile: each text is checked and bounded before it goes on.
#include "mapping.hpp"

#include <algorithm>

#include <jackfield/text.hpp>

#include "guid.hpp"

namespace jackfield::directory {

namespace {

constexpr std::size_t max_dn = 2048;
constexpr std::size_t max_text = 512;
constexpr std::size_t max_number = 64;
constexpr std::size_t max_numbers = 16;

// Why this value cannot be taken, or null.
const char* faultOf(std::string_view value, std::size_t most) {
  if (value.size() > most) return "too long";
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f) return "with a control character in it";
  }
  return jackfield::detail::isUtf8(value) ? nullptr : "not UTF-8";
}

}  // namespace

Mapping::Mapping(const Settings& settings) {
  const Preset& preset = presetOf(settings.directory_type);
  const Attributes a = effectiveAttributes(settings);
  id_attribute_ = preset.id_attribute;
  id_form_ = preset.id_form;
  login_ = *a.login;
  request(id_attribute_);
  if (preset.microsoft) request("primaryGroupID");
  add(login_, &Person::login);
  add(*a.name, &Person::name);
  add(*a.given_name, &Person::given_name);
  add(*a.surname, &Person::surname);
  add(*a.mail, &Person::mail);
  add(*a.mail2, &Person::mail2);
  add(*a.title, &Person::title);
  add(*a.department, &Person::department);
  add(*a.company, &Person::company);
  add(*a.location, &Person::location);
  add(*a.extension, &Person::extension);
  add(*a.office, NumberKind::office);
  add(*a.mobile, NumberKind::mobile);
  add(*a.home, NumberKind::home);
  add(*a.other, NumberKind::other);
  request("cn");  // the name where nothing better is there
}

void Mapping::request(const std::string& attribute) {
  const auto same = [&](const std::string& other) { return ldap::sameName(other, attribute); };
  if (std::none_of(attributes_.begin(), attributes_.end(), same)) attributes_.push_back(attribute);
}

void Mapping::add(const std::string& attribute, std::string Person::*text) {
  if (attribute.empty()) return;
  targets_.push_back({attribute, text, NumberKind::office});
  request(attribute);
}

void Mapping::add(const std::string& attribute, NumberKind kind) {
  if (attribute.empty()) return;
  targets_.push_back({attribute, nullptr, kind});
  request(attribute);
}

std::string Mapping::take(const ldap::Attribute& attribute, Person& person) const {
  const auto refused = [&](const char* fault) { return "attribute " + std::string(attribute.name) + " is " + fault; };
  for (const Target& target : targets_) {
    if (!ldap::sameName(target.attribute, attribute.name)) continue;
    if (target.text) {
      const std::string_view value = attribute.values.front();
      if (const char* fault = faultOf(value, max_text)) return refused(fault);
      (person.*target.text).assign(value);
      continue;
    }
    for (const std::string_view value : attribute.values) {
      if (const char* fault = faultOf(value, max_number)) return refused(fault);
      if (value.empty()) continue;
      if (person.numbers.size() == max_numbers) return "has more than " + std::to_string(max_numbers) + " numbers";
      person.numbers.push_back({target.kind, std::string(value)});
    }
  }
  return {};
}

std::string Mapping::map(const ldap::Entry& entry, Person& person) const {
  person = Person();
  if (const char* fault = faultOf(entry.dn, max_dn)) return std::string("the DN is ") + fault;
  person.dn.assign(entry.dn);
  std::string_view common_name;
  for (const auto& attribute : entry.attributes) {
    if (attribute.values.empty()) continue;
    if (ldap::sameName(attribute.name, id_attribute_)) person.id = idText(attribute.values.front(), id_form_);
    if (ldap::sameName(attribute.name, "cn")) common_name = attribute.values.front();
    if (std::string reason = take(attribute, person); !reason.empty()) return reason;
  }
  if (person.id.empty()) return "has no usable " + id_attribute_ + ", by which it would be known again";
  if (person.name.empty()) {
    if (const char* fault = faultOf(common_name, max_text)) return std::string("attribute cn is ") + fault;
    person.name.assign(common_name);
  }
  if (person.name.empty() && !(person.given_name + person.surname).empty())
    person.name = person.given_name + (person.given_name.empty() || person.surname.empty() ? "" : " ") + person.surname;
  return person.name.empty() ? "has no name" : "";
}

}  // namespace jackfield::directory
