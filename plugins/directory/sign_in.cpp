// SPDX-License-Identifier: Apache-2.0
// Signing people in by a bind of their own.
#include "sign_in.hpp"

#include <algorithm>

#include "domains.hpp"
#include "groups.hpp"
#include "ldap/filter.hpp"
#include "mapping.hpp"

namespace jackfield::directory {

namespace {

constexpr std::size_t max_login = 256;
constexpr std::size_t max_password = 1024;

Error wrongCredentials() {
  return Error(Status::auth, "directory.credentials", "login or password is wrong");
}

bool endsWithDomain(const std::string& login, const std::string& domain) {
  return login.size() > domain.size() + 1 && login[login.size() - domain.size() - 1] == '@' &&
         ldap::sameName(std::string_view(login).substr(login.size() - domain.size()), domain);
}

// The name that `DOMAIN\` must be for people of this domain: Microsoft directories keep it in the Partitions container.
bool isOwnNetbiosName(ldap::Connection& connection, const std::string& name) {
  const std::string configuration = readText(connection, "", "configurationNamingContext");
  const std::string own = ldap::canonicalDn(readText(connection, "", "defaultNamingContext"));
  if (configuration.empty() || own.empty()) return false;
  ldap::Query query{"CN=Partitions," + configuration, ldap::Scope::subtree,
                    "(&(objectClass=crossRef)" + ldap::equals("nETBIOSName", name) + ")"};
  query.attributes = {"nCName"};
  bool found = false;
  connection.search(query, [&](const ldap::Entry& entry) {
    found = found || ldap::canonicalDn(entry.first("nCName")) == own;
    return true;
  });
  return found;
}

// The condition on the login name, in every form that this directory knows. Empty: nobody can be meant.
std::string loginFilter(const Settings& settings, const Mapping& mapping, ldap::Connection& connection,
                        const std::string& login) {
  const std::string plain = ldap::equals(mapping.loginAttribute(), login);
  if (!presetOf(settings.directory_type).microsoft) return plain;
  if (const auto slash = login.find('\\'); slash != std::string::npos) {
    const bool own = isOwnNetbiosName(connection, login.substr(0, slash));
    return own ? ldap::equals("sAMAccountName", login.substr(slash + 1)) : std::string();
  }
  if (login.find('@') == std::string::npos) return plain;
  std::string forms = plain + ldap::equals("userPrincipalName", login);
  // Without a userPrincipalName of its own, an account is known as account@domain all the same.
  if (endsWithDomain(login, settings.user.domain))
    forms += ldap::equals("sAMAccountName", login.substr(0, login.rfind('@')));
  return "(|" + forms + ")";
}

struct Found {
  std::string dn;
  Person person;
  std::string fault;  // why the entry cannot be taken
  std::string primary_group;
};

std::vector<Found> find(const Settings& settings, const Mapping& mapping, ldap::Connection& connection,
                        const std::string& base, const std::string& login) {
  std::vector<Found> out;
  const std::string filter = loginFilter(settings, mapping, connection, login);
  if (filter.empty()) return out;
  ldap::Query query{base, ldap::Scope::subtree, "(&" + classFilter(settings) + filter + ")", mapping.attributes()};
  query.limit = 2;
  connection.search(query, [&](const ldap::Entry& entry) {
    Found found;
    found.dn = std::string(entry.dn);
    found.fault = mapping.map(entry, found.person);
    found.primary_group = std::string(entry.first("primaryGroupID"));
    out.push_back(std::move(found));
    return out.size() < 2;
  });
  return out;
}

}  // namespace

Authenticated authenticate(const Settings& settings, const Authenticate& request, const std::stop_token& stop) {
  const bool possible = !request.login.empty() && request.login.size() <= max_login && !request.password.empty() &&
                        request.password.size() <= max_password && request.login.find('\0') == std::string::npos &&
                        request.password.find('\0') == std::string::npos;
  if (!possible) throw wrongCredentials();
  const Mapping mapping(settings);
  auto service = connectBound(settings, settings.user, stop);
  const std::string base = baseOf(settings, settings.user, service);
  std::vector<Found> found = find(settings, mapping, service, base, request.login);
  // Nobody, or two: bind all the same, as somebody who cannot be, so that the time tells nothing.
  const bool one = found.size() == 1;
  const std::string dn = one ? found.front().dn : "cn=nobody" + std::string(base.empty() ? "" : ",") + base;
  auto person = connect(settings, settings.user, stop);
  if (person.bind(dn, request.password) != ldap::Bound::accepted || !one) throw wrongCredentials();
  Found& who = found.front();
  if (!who.fault.empty())
    throw Error(Status::invalid, "directory.entry.unusable", "the directory entry " + who.dn + ": " + who.fault);
  auto groups = connectBound(settings, groupDomain(settings), stop);
  who.person.roles = roleNames(rolesOfPerson(settings, groups, baseOf(settings, groupDomain(settings), groups), who.dn,
                                             who.person.login, who.primary_group));
  return {std::move(who.person)};
}

}  // namespace jackfield::directory
