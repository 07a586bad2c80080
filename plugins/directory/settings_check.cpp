// SPDX-License-Identifier: Apache-2.0
// What JSON Schema cannot say about the settings.
#include <algorithm>
#include <cctype>

#include <boost/mp11.hpp>

#include <jackfield/error.hpp>

#include "groups.hpp"
#include "ldap/filter.hpp"
#include "presets.hpp"

namespace jackfield::directory {

namespace {

[[noreturn]] void refuse(const char* code, const std::string& field, const std::string& value,
                         const std::string& rule) {
  throw Error(Status::invalid, code, field + ": \"" + value.substr(0, 80) + "\" " + rule, field, value.substr(0, 80));
}

// The host becomes part of a URL: nothing that could turn it into another one, or into several.
void checkHost(const std::string& host, const std::string& field) {
  const bool good = !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == ':' || c == '_';
  });
  if (!good) refuse("directory.settings.host", field, host, "is not a host name or an IP address");
}

void checkDomain(const Settings& settings, const Domain& domain, const std::string& field) {
  if (domain.servers.empty()) refuse("directory.settings.server", field + "/servers", "", "names no server");
  for (std::size_t i = 0; i < domain.servers.size(); ++i)
    checkHost(domain.servers[i].host, field + "/servers/" + std::to_string(i) + "/host");
  if (!domain.login_id.empty() && domain.password.empty())
    refuse("directory.settings.password", field + "/password", "",
           "is empty: a directory takes a login without a password for an anonymous one");
  if (!domain.base_dn.empty() && !presetOf(settings.directory_type).base_dn_allowed)
    refuse("directory.settings.baseDn", field + "/baseDn", domain.base_dn,
           "must be empty for Domino and eDirectory, which are searched from the root");
  if (!domain.base_dn.empty() && !ldap::isDn(domain.base_dn))
    refuse("directory.settings.baseDn", field + "/baseDn", domain.base_dn, "is not a distinguished name");
}

void checkFilterSetting(const Settings& settings) {
  if (settings.contact_filter.empty()) return;
  if (!presetOf(settings.directory_type).filter_allowed)
    refuse("directory.filter.unsupported", "/contactFilter", settings.contact_filter,
           "must be empty: this type of directory takes no filter, only an object class");
  if (const auto fault = ldap::checkFilter(settings.contact_filter))
    refuse("directory.filter.syntax", "/contactFilter", settings.contact_filter,
           "is wrong at character " + std::to_string(fault->position) + ": " + fault->rule);
}

bool isAttributeName(const std::string& name) {
  return name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == ';';
         });
}

void checkAttributes(const Settings& settings) {
  boost::mp11::mp_for_each<boost::describe::describe_members<Attributes, boost::describe::mod_public>>([&](auto d) {
    const auto& name = settings.attributes.*d.pointer;
    if (name && !isAttributeName(*name))
      refuse("directory.settings.attribute", "/attributes", *name, "is not the name of an attribute");
  });
  const Attributes a = effectiveAttributes(settings);
  if (a.login->empty())
    refuse("directory.settings.attribute", "/attributes/login", "", "must name the attribute that people sign in with");
  if (!a.mail2->empty() && ldap::sameName(*a.mail, *a.mail2))
    refuse("directory.settings.mail2", "/attributes/mail2", *a.mail2,
           "is the attribute of E-mail too: the two must differ, or clients cannot sign in");
}

void checkObjectClass(const Settings& settings) {
  if (settings.object_class.empty()) return;
  std::string offered;
  for (const auto name : presetOf(settings.directory_type).object_classes) {
    if (ldap::sameName(settings.object_class, name)) return;
    (offered += offered.empty() ? "" : ", ") += name;
  }
  refuse("directory.settings.objectClass", "/objectClass", settings.object_class,
         "is no object class of people in this type of directory, which has " + offered);
}

}  // namespace

void checkSettings(const Settings& settings) {
  checkDomain(settings, settings.user, "/user");
  if (settings.resource) {
    if (settings.directory_type != DirectoryType::activeDirectory)
      refuse("directory.settings.split", "/resource/domain", settings.resource->domain,
             "only Active Directory may have a resource domain of its own");
    checkDomain(settings, *settings.resource, "/resource");
  }
  for (std::size_t i = 0; i < settings.contacts.size(); ++i) {
    const std::string field = "/contacts/" + std::to_string(i);
    if (settings.directory_type != DirectoryType::activeDirectory)
      refuse("directory.settings.contact", field + "/domain", settings.contacts[i].domain,
             "contact domains are for Active Directory only");
    if (i >= 4)
      refuse("directory.settings.contact", field + "/domain", settings.contacts[i].domain,
             "is one too many: at most four");
    checkDomain(settings, settings.contacts[i], field);
  }
  for (const RoleGroup& group : roleGroups(settings))
    if (!ldap::isDn(group.dn))
      refuse("directory.settings.group", group.pointer, group.dn, "is not a distinguished name");
  checkAttributes(settings);
  checkObjectClass(settings);
  checkFilterSetting(settings);
}

}  // namespace jackfield::directory
