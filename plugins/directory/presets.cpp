// SPDX-License-Identifier: Apache-2.0
// The table of directory products.
#include "presets.hpp"

#include <array>

#include <boost/mp11.hpp>

namespace jackfield::directory {

namespace {

// plugin.json offers the same in its drop-down (x-choices).
constexpr std::array<std::string_view, 3> standard_classes{"inetOrgPerson", "organizationalPerson", "person"};
constexpr std::array<std::string_view, 4> directory_classes{"user", "contact", "organizationalPerson", "person"};
constexpr std::array<std::string_view, 4> adam_classes{"person", "user", "contact", "organizationalPerson"};
constexpr std::array<std::string_view, 3> domino_classes{"dominoPerson", "inetOrgPerson", "person"};

}  // namespace

const Preset& presetOf(DirectoryType type) {
  static constexpr Preset open_ldap{standard_classes, "entryUUID", IdForm::text, false, true, true};
  static constexpr Preset active_directory{directory_classes, "objectGUID", IdForm::microsoftGuid, true, true, true};
  static constexpr Preset adam{adam_classes, "objectGUID", IdForm::microsoftGuid, true, true, true};
  static constexpr Preset domino{domino_classes, "dominoUNID", IdForm::text, false, false, false};
  static constexpr Preset sun_one{standard_classes, "nsUniqueId", IdForm::text, false, false, true};
  static constexpr Preset e_directory{standard_classes, "GUID", IdForm::plainGuid, false, false, false};
  switch (type) {
    case DirectoryType::activeDirectory:
      return active_directory;
    case DirectoryType::adam:
      return adam;
    case DirectoryType::domino:
      return domino;
    case DirectoryType::sunOne:
      return sun_one;
    case DirectoryType::eDirectory:
      return e_directory;
    case DirectoryType::openLdap:
      break;
  }
  return open_ldap;
}

namespace {

Attributes defaults(DirectoryType type) {
  Attributes a;
  a.name = "displayName";
  a.given_name = "givenName";
  a.surname = "sn";
  a.mail = "mail";
  a.title = "title";
  a.location = "l";
  a.office = "telephoneNumber";
  a.mobile = "mobile";
  a.home = "homePhone";
  if (presetOf(type).microsoft) {
    a.login = type == DirectoryType::adam ? "userPrincipalName" : "sAMAccountName";
    a.department = "department";
    a.company = "company";
    a.extension = "ipPhone";
    a.other = "otherTelephone";
  } else {
    a.login = "uid";
    a.department = "ou";
    a.company = "o";
    a.extension = "telephoneNumber";
  }
  return a;
}

}  // namespace

Attributes effectiveAttributes(const Settings& settings) {
  Attributes effective = defaults(settings.directory_type);
  boost::mp11::mp_for_each<boost::describe::describe_members<Attributes, boost::describe::mod_public>>([&](auto d) {
    const auto& chosen = settings.attributes.*d.pointer;
    auto& member = effective.*d.pointer;
    if (chosen) member = chosen;
    if (!member) member.emplace();
  });
  return effective;
}

std::string classFilter(const Settings& settings) {
  const auto& preset = presetOf(settings.directory_type);
  return "(objectClass=" +
         (settings.object_class.empty() ? std::string(preset.object_classes.front()) : settings.object_class) + ")";
}

std::string peopleFilter(const Settings& settings) {
  const std::string chosen = settings.contact_filter.empty() ? classFilter(settings) : settings.contact_filter;
  return presetOf(settings.directory_type).microsoft ? "(&" + chosen + "(!(objectClass=computer)))" : chosen;
}

}  // namespace jackfield::directory
