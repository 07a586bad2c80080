// SPDX-License-Identifier: Apache-2.0
// Who is in the security groups, and so has which role. Static groups (member, uniqueMember, memberUid), nested to any
// depth, and the primary group of Microsoft directories.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_GROUPS_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_GROUPS_HPP

#include <cstdint>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include <jackfield/directory.hpp>

#include "ldap/connection.hpp"
#include "settings.hpp"

namespace jackfield::directory {

using Roles = std::uint8_t;  // a set of the bits below
inline constexpr Roles role_user = 1;
inline constexpr Roles role_administrator = 2;
inline constexpr Roles role_auditor = 4;

std::vector<std::string> roleNames(Roles roles);

// The role groups of the settings that are set: DN and role.
struct RoleGroup {
  std::string dn;
  Roles role = 0;
  const char* name = "";     // "administrator"
  const char* pointer = "";  // "/groups/administrator"
};
std::vector<RoleGroup> roleGroups(const Settings& settings);

// All members at once, for a synchronisation. Holds one short text for each member.
class Membership {
 public:
  // Reads the groups from the domain that holds them. Error(notFound, "directory.group.missing") for a group that is
  // not there: people would silently lose their role.
  Membership(const Settings& settings, ldap::Connection& groups, const std::string& base);

  // The roles of an entry; marks it as met. `primary_group` is its primaryGroupID or empty.
  Roles rolesOf(const std::string& canonical_dn, const std::string& login, std::string_view primary_group);

  // The members that rolesOf() was not asked about, as DNs; and as login names those of memberUid.
  std::vector<std::string> unmetDns() const;
  std::vector<std::string> unmetLogins() const;

  // Equal when the same entries have the same roles. 16 hexadecimal digits.
  std::string fingerprint() const;

  std::size_t members() const { return by_dn_.size() + by_login_.size(); }

 private:
  struct Member {
    Roles roles = 0;
    bool met = false;
  };
  using Members = std::unordered_map<std::string, Member>;

  class Reader;
  Members by_dn_;
  Members by_login_;
  std::unordered_map<std::string, Roles> by_primary_group_;
};

// The roles of one person, for a sign-in: asks upwards, from the person to the groups, never for all members.
Roles rolesOfPerson(const Settings& settings, ldap::Connection& groups, const std::string& base, const std::string& dn,
                    const std::string& login, const std::string& primary_group);

}  // namespace jackfield::directory

#endif
