// SPDX-License-Identifier: Apache-2.0
// What differs between directory products: object class, id attribute, default mapping and how changes are found.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_PRESETS_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_PRESETS_HPP

#include <span>
#include <string>
#include <string_view>

#include "settings.hpp"

namespace jackfield::directory {

// How the immutable id is stored: as text, or as 16 octets (Microsoft writes the first three fields little-endian).
enum class IdForm { text, microsoftGuid, plainGuid };

struct Preset {
  std::span<const std::string_view> object_classes;  // those that hold people; the first is the default (LDAP-020)
  std::string_view id_attribute;
  IdForm id_form;
  bool microsoft;        // ranges, uSNChanged, matching rule in chain, userPrincipalName
  bool filter_allowed;   // LDAP-027
  bool base_dn_allowed;  // LDAP-016
};

const Preset& presetOf(DirectoryType type);

// The mapping in effect: every member has a value, empty where nothing is mapped.
Attributes effectiveAttributes(const Settings& settings);

// The object class in effect, as a filter: "(objectClass=inetOrgPerson)" (LDAP-028).
std::string classFilter(const Settings& settings);

// The search filter in effect: the administrator's, else the object class (LDAP-028, LDAP-029). In Microsoft
// directories computer accounts, which are users by their object class, are left out.
std::string peopleFilter(const Settings& settings);

}  // namespace jackfield::directory

#endif
