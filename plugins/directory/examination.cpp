// SPDX-License-Identifier: Apache-2.0
// What *Test* examines, one finding an item.
#include "examination.hpp"

#include <functional>
#include <optional>

#include "domains.hpp"
#include "groups.hpp"
#include "ldap/filter.hpp"
#include "mapping.hpp"

namespace jackfield::directory {

using server::Finding;
using server::Severity;

namespace {

constexpr int sample = 5;                   // entries read to see whether filter and mapping fit
constexpr std::size_t administrators = 20;  // looked at to see whether the filter lets one through (LDAP-030)

std::string plural(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

class Examination {
 public:
  Examination(const Settings& settings, const std::stop_token& stop) : settings_(settings), stop_(stop) {}

  server::TestResult run() {
    examineDomain(settings_.user, "user domain", [&](ldap::Connection& c, const std::string& base) {
      examinePeople(c, base);
      if (!settings_.resource) examineGroups(c, base);
    });
    if (settings_.resource)
      examineDomain(*settings_.resource, "resource domain",
                    [&](ldap::Connection& c, const std::string& base) { examineGroups(c, base); });
    for (const Domain& domain : settings_.contacts)
      if (domain.enabled)
        examineDomain(domain, "contact domain " + domain.domain, [](ldap::Connection&, const std::string&) {});
    if (settings_.directory_type == DirectoryType::adam)
      add(Severity::warning, "directory.adam.presence", "directory type",
          "with this type of directory a presence server cannot be used");
    return std::move(result_);
  }

 private:
  using Then = std::function<void(ldap::Connection&, const std::string&)>;

  void add(Severity severity, const char* code, const std::string& item, const std::string& text) {
    result_.findings.push_back({severity, code, item, text});
  }
  void addError(const std::string& item, const Error& error) {
    result_.findings.push_back({Severity::error, error.code(), item, error.what()});
  }

  // Runs one step; what it throws becomes a finding. False: later steps make no sense.
  bool step(const std::string& item, const std::function<void()>& work) {
    try {
      work();
      return true;
    } catch (const Error& error) {
      if (error.status() == Status::cancelled) throw;
      addError(item, error);
      return false;
    }
  }

  void examineDomain(const Domain& domain, const std::string& name, const Then& then) {
    std::optional<ldap::Connection> connection;
    if (!connectTo(domain, name, connection)) return;
    const std::string address = connection->endpoint().address();
    if (domain.login_id.empty())
      add(Severity::warning, "directory.bind.anonymous", name + ": bind",
          "no login ID is set: what " + address + " shows to everybody is all that Jackfield sees");
    else if (!step(name + ": bind", [&] { bind(domain, *connection, name); }))
      return;
    std::string base;
    const bool based = step(name + ": base DN", [&] {
      base = baseOf(settings_, domain, *connection);
      if (!base.empty()) connection->search({base, ldap::Scope::base}, [](const ldap::Entry&) { return true; });
      add(Severity::info, "directory.baseDn.found", name + ": base DN",
          base.empty() ? "searched from the root" : base + " is there");
    });
    if (based) then(*connection, base);
  }

  bool connectTo(const Domain& domain, const std::string& name, std::optional<ldap::Connection>& connection) {
    const Server& server = domain.servers.front();
    const auto endpoint = endpointOf(settings_, server);
    try {
      connection.emplace(connect(settings_, domain, stop_));
    } catch (const Error& error) {
      if (error.status() == Status::cancelled) throw;
      const bool certificate = error.code().starts_with("directory.tls.");
      if (certificate) reached(endpoint, name);
      addError(name + (certificate ? ": TLS" : ": reachability"), error);
      return false;
    }
    reached(connection->endpoint(), name);
    if (server.security == Security::none)
      add(Severity::warning, "directory.tls.off", name + ": TLS",
          "passwords cross the network in clear text: choose LDAPS or StartTLS");
    else
      add(Severity::info, "directory.tls.checked", name + ": TLS",
          "the certificate is valid, bears the name " + server.host + " and is vouched for by " + endpoint.ca_file);
    return true;
  }

  void reached(const ldap::Endpoint& endpoint, const std::string& name) {
    add(Severity::info, "directory.reached", name + ": reachability", endpoint.address() + " takes connections");
  }

  void bind(const Domain& domain, ldap::Connection& connection, const std::string& name) {
    if (connection.bind(domain.login_id, domain.password) != ldap::Bound::accepted)
      throw Error(Status::auth, "directory.bind.refused",
                  connection.endpoint().address() + " refuses the service account " + domain.login_id +
                      ": check login ID and password");
    add(Severity::info, "directory.bind.accepted", name + ": bind", domain.login_id + " is accepted");
  }

  // A bounded search: does the filter find anybody, and can the mapping make people of them?
  void examinePeople(ldap::Connection& connection, const std::string& base) {
    const Mapping mapping(settings_);
    std::size_t found = 0, usable = 0, with_login = 0;
    std::string reason;
    const bool searched = step("user domain: filter", [&] {
      ldap::Query query{base, ldap::Scope::subtree, peopleFilter(settings_), mapping.attributes()};
      query.limit = sample;
      connection.search(query, [&](const ldap::Entry& entry) {
        Person person;
        const std::string fault = mapping.map(entry, person);
        ++found;
        usable += fault.empty() ? 1 : 0;
        with_login += fault.empty() && !person.login.empty() ? 1 : 0;
        if (!fault.empty()) reason = std::string(entry.dn) + " " + fault;
        return true;
      });
    });
    if (!searched) return;
    if (found == 0) {
      add(Severity::error, "directory.filter.empty", "user domain: filter",
          "the filter " + peopleFilter(settings_) + " finds nobody below \"" + base + "\"");
      return;
    }
    add(Severity::info, "directory.filter.finds", "user domain: filter",
        peopleFilter(settings_) + " finds " + (found == sample ? "people" : plural(found, "entry", "entries")));
    if (usable == 0)
      add(Severity::error, "directory.mapping.unusable", "user domain: attributes",
          "no entry looked at can be used: " + reason);
    else if (with_login == 0)
      add(Severity::warning, "directory.mapping.login", "user domain: attributes",
          "no entry looked at has the login attribute " + mapping.loginAttribute());
    else
      add(Severity::info, "directory.mapping.usable", "user domain: attributes",
          plural(usable, "entry", "entries") + " looked at can be used");
  }

  void examineGroups(ldap::Connection& connection, const std::string& base) {
    for (const RoleGroup& group : roleGroups(settings_)) {
      const std::string item = std::string("security groups: ") + group.name;
      step(item, [&] { examineGroup(connection, base, group, item); });
    }
  }

  void examineGroup(ldap::Connection& connection, const std::string& base, const RoleGroup& group,
                    const std::string& item) {
    Settings alone = settings_;
    alone.groups = SecurityGroups();
    if (group.role == role_administrator) alone.groups.administrator = group.dn;
    if (group.role == role_auditor) alone.groups.auditor = group.dn;
    if (group.role == role_user) alone.groups.user = group.dn;
    const Membership members(alone, connection, base);
    if (members.members() == 0) {
      const bool needed = group.role == role_administrator;
      add(needed ? Severity::error : Severity::warning,
          needed ? "directory.administrators.none" : "directory.group.empty", item, group.dn + " has no member");
      return;
    }
    add(Severity::info, "directory.group.read", item,
        group.dn + " has " + plural(members.members(), "member", "members"));
    if (group.role == role_administrator) examineAdministrators(members, item);
  }

  // LDAP-030: the filter must include the administrators.
  void examineAdministrators(const Membership& members, const std::string& item) {
    if (settings_.contact_filter.empty()) return;
    auto connection = connectBound(settings_, settings_.user, stop_);
    const std::string filter = peopleFilter(settings_);
    bool matched = false;
    std::size_t looked = 0;
    for (const std::string& dn : members.unmetDns()) {
      if (matched || ++looked > administrators) break;
      try {
        connection.search({dn, ldap::Scope::base, filter}, [&](const ldap::Entry&) { return matched = true; });
      } catch (const Error& error) {
        if (error.status() != Status::notFound && error.status() != Status::invalid) throw;
      }
    }
    if (!matched)
      add(Severity::warning, "directory.administrators.filtered", item,
          "no administrator matches the contact filter " + settings_.contact_filter + ": it should include them");
  }

  const Settings& settings_;
  std::stop_token stop_;
  server::TestResult result_;
};

}  // namespace

server::TestResult examine(const Settings& settings, const std::stop_token& stop) {
  return Examination(settings, stop).run();
}

void checkLink(const Settings& settings, const std::stop_token& stop) {
  connectBound(settings, settings.user, stop);
  if (settings.resource) connectBound(settings, *settings.resource, stop);
  for (const Domain& domain : settings.contacts)
    if (domain.enabled) connectBound(settings, domain, stop);
}

}  // namespace jackfield::directory
