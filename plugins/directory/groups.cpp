// SPDX-License-Identifier: Apache-2.0
// Reading security groups, nested ones too, and the roles that follow from them.
#include "groups.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <unordered_set>

#include "domains.hpp"
#include "ldap/filter.hpp"

namespace jackfield::directory {

namespace {

constexpr std::size_t max_members = 1'000'000;
constexpr std::size_t max_groups = 20'000;  // CAP-004

constexpr const char* group_classes =
    "(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)"
    "(objectClass=dominoGroup))";

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// FNV-1a: only to notice change, never to tell people apart.
std::uint64_t hashOf(std::string_view text, Roles roles) {
  std::uint64_t hash = 1469598103934665603u ^ roles;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

Error missingGroup(const RoleGroup& group, const std::string& why) {
  return Error(Status::notFound, "directory.group.missing",
               "the " + std::string(group.name) + " group " + group.dn + " cannot be read: " + why, group.pointer,
               group.dn);
}

}  // namespace

std::vector<std::string> roleNames(Roles roles) {
  std::vector<std::string> out;
  if (roles & role_user) out.emplace_back("user");
  if (roles & role_administrator) out.emplace_back("administrator");
  if (roles & role_auditor) out.emplace_back("auditor");
  return out;
}

std::vector<RoleGroup> roleGroups(const Settings& settings) {
  std::vector<RoleGroup> out;
  const auto add = [&](const std::string& dn, Roles role, const char* name, const char* pointer) {
    if (!dn.empty()) out.push_back({dn, role, name, pointer});
  };
  add(settings.groups.administrator, role_administrator, "administrator", "/groups/administrator");
  add(settings.groups.auditor, role_auditor, "auditor", "/groups/auditor");
  add(settings.groups.user, role_user, "user", "/groups/user");
  return out;
}

// Walks one role's group and the groups inside it. All groups' DNs are read once, so that a member is known as a group
// without a question for each of possibly thousands.
class Membership::Reader {
 public:
  Reader(Membership& out, const Settings& settings, ldap::Connection& connection, const std::string& base)
      : out_(out),
        connection_(connection),
        microsoft_(presetOf(settings.directory_type).microsoft),
        range_(groupDomain(settings).range_size) {
    ldap::Query all{base, ldap::Scope::subtree, group_classes};
    all.page_size = groupDomain(settings).page_size;
    connection_.search(all, [&](const ldap::Entry& entry) {
      known_groups_.insert(ldap::canonicalDn(entry.dn));
      if (known_groups_.size() > max_groups)
        throw Error(Status::unsupported, "directory.group.tooMany",
                    "the directory holds more than " + std::to_string(max_groups) + " groups: give a narrower base DN");
      return true;
    });
  }

  void readRole(const RoleGroup& group) {
    const std::string first = ldap::canonicalDn(group.dn);
    known_groups_.insert(first);
    try {
      ldap::Query there{group.dn, ldap::Scope::base};
      bool found = false;
      connection_.search(there, [&](const ldap::Entry&) { return found = true; });
      if (!found) throw missingGroup(group, "there is no such entry");
    } catch (const Error& error) {
      if (error.status() == Status::notFound || error.status() == Status::invalid)
        throw missingGroup(group, "there is no such entry");
      throw;
    }
    if (microsoft_)
      if (const std::string token = readText(connection_, group.dn, "primaryGroupToken"); !token.empty())
        out_.by_primary_group_[token] |= group.role;
    visited_.clear();
    visited_.insert(first);
    std::vector<std::string> waiting{group.dn};
    while (!waiting.empty()) {
      const std::string dn = std::move(waiting.back());
      waiting.pop_back();
      expand(dn, group.role, waiting);
    }
  }

 private:
  void expand(const std::string& dn, Roles role, std::vector<std::string>& waiting) {
    const auto member = [&](std::string_view value) {
      std::string canonical = ldap::canonicalDn(value);
      if (!known_groups_.count(canonical))
        add(out_.by_dn_, std::move(canonical), role);
      else if (visited_.insert(std::move(canonical)).second)
        waiting.emplace_back(value);
    };
    connectionValues(dn, "member", member);
    if (microsoft_) return;
    connectionValues(dn, "uniqueMember", member);
    connectionValues(dn, "memberUid", [&](std::string_view value) { add(out_.by_login_, lowered(value), role); });
  }

  void connectionValues(const std::string& dn, const char* attribute,
                        const std::function<void(std::string_view)>& each) {
    try {
      connection_.readValues(dn, attribute, range_, microsoft_, each);
    } catch (const Error& error) {
      if (error.status() != Status::notFound) throw;  // removed since the list was read
    }
  }

  void add(Members& members, std::string key, Roles role) {
    members[std::move(key)].roles |= role;
    if (out_.members() > max_members)
      throw Error(Status::unsupported, "directory.group.tooLarge",
                  "the security groups have more than " + std::to_string(max_members) + " members");
  }

  Membership& out_;
  ldap::Connection& connection_;
  const bool microsoft_;
  const int range_;
  std::unordered_set<std::string> known_groups_;
  std::unordered_set<std::string> visited_;
};

Membership::Membership(const Settings& settings, ldap::Connection& groups, const std::string& base) {
  Reader reader(*this, settings, groups, base);
  for (const RoleGroup& group : roleGroups(settings)) reader.readRole(group);
}

Roles Membership::rolesOf(const std::string& canonical_dn, const std::string& login, std::string_view primary_group) {
  Roles roles = 0;
  if (const auto found = by_dn_.find(canonical_dn); found != by_dn_.end()) {
    found->second.met = true;
    roles |= found->second.roles;
  }
  if (!by_login_.empty() && !login.empty())
    if (const auto found = by_login_.find(lowered(login)); found != by_login_.end()) {
      found->second.met = true;
      roles |= found->second.roles;
    }
  if (!primary_group.empty())
    if (const auto found = by_primary_group_.find(std::string(primary_group)); found != by_primary_group_.end())
      roles |= found->second;
  return roles;
}

std::vector<std::string> Membership::unmetDns() const {
  std::vector<std::string> out;
  for (const auto& [dn, member] : by_dn_)
    if (!member.met) out.push_back(dn);
  return out;
}

std::vector<std::string> Membership::unmetLogins() const {
  std::vector<std::string> out;
  for (const auto& [login, member] : by_login_)
    if (!member.met) out.push_back(login);
  return out;
}

std::string Membership::fingerprint() const {
  std::uint64_t sum = 0;  // of hashes: the order of an unordered map does not matter
  for (const auto& [dn, member] : by_dn_) sum += hashOf(dn, member.roles);
  for (const auto& [login, member] : by_login_) sum += hashOf(login, member.roles) * 3;
  for (const auto& [token, roles] : by_primary_group_) sum += hashOf(token, roles) * 5;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(sum));
  return text.data();
}

namespace {

// Microsoft directories follow nested groups themselves: LDAP_MATCHING_RULE_IN_CHAIN, one question for each role.
Roles rolesInChain(const Settings& settings, ldap::Connection& groups, const std::string& dn,
                   const std::string& primary_group) {
  Roles roles = 0;
  for (const RoleGroup& group : roleGroups(settings)) {
    ldap::Query query{group.dn, ldap::Scope::base, ldap::equals("member:1.2.840.113556.1.4.1941:", dn)};
    try {
      groups.search(query, [&](const ldap::Entry&) {
        roles |= group.role;
        return true;
      });
    } catch (const Error& error) {
      if (error.status() == Status::notFound) throw missingGroup(group, "there is no such entry");
      throw;
    }
    if (!primary_group.empty() && readText(groups, group.dn, "primaryGroupToken") == primary_group) roles |= group.role;
  }
  return roles;
}

}  // namespace

Roles rolesOfPerson(const Settings& settings, ldap::Connection& groups, const std::string& base, const std::string& dn,
                    const std::string& login, const std::string& primary_group) {
  if (presetOf(settings.directory_type).microsoft) return rolesInChain(settings, groups, dn, primary_group);
  std::unordered_set<std::string> visited;
  std::vector<std::string> waiting{dn};
  bool first = true;
  while (!waiting.empty() && visited.size() < max_groups) {
    const std::string member = std::move(waiting.back());
    waiting.pop_back();
    ldap::Query query{base, ldap::Scope::subtree};
    query.filter = "(|" + ldap::equals("member", member) + ldap::equals("uniqueMember", member) +
                   (first && !login.empty() ? ldap::equals("memberUid", login) : "") + ")";
    query.page_size = groupDomain(settings).page_size;
    first = false;
    groups.search(query, [&](const ldap::Entry& entry) {
      if (visited.insert(ldap::canonicalDn(entry.dn)).second) waiting.emplace_back(entry.dn);
      return true;
    });
  }
  Roles roles = 0;
  for (const RoleGroup& group : roleGroups(settings))
    if (visited.count(ldap::canonicalDn(group.dn))) roles |= group.role;
  return roles;
}

}  // namespace jackfield::directory
