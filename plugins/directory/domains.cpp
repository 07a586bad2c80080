// SPDX-License-Identifier: Apache-2.0
// Opening the domains of one directory and finding entries in them.
#include "domains.hpp"

#include <optional>

namespace jackfield::directory {

namespace {

// Where Debian keeps the certificate authorities that its ca-certificates package trusts.
constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";

}  // namespace

const Domain& groupDomain(const Settings& settings) {
  return settings.resource ? *settings.resource : settings.user;
}

ldap::Endpoint endpointOf(const Settings& settings, const Server& server) {
  ldap::Endpoint endpoint;
  endpoint.host = server.host;
  endpoint.port = server.port != 0 ? server.port : (server.security == Security::ldaps ? 636 : 389);
  endpoint.security = server.security;
  endpoint.ca_file = settings.ca_file.empty() ? system_authorities : settings.ca_file;
  endpoint.connect_timeout = std::chrono::milliseconds(settings.connect_timeout_ms);
  endpoint.search_timeout = std::chrono::milliseconds(settings.search_timeout_ms);
  return endpoint;
}

ldap::Connection connect(const Settings& settings, const Domain& domain, const std::stop_token& stop) {
  std::optional<Error> first;
  for (const Server& server : domain.servers) {
    try {
      return ldap::Connection(endpointOf(settings, server), stop);
    } catch (const Error& error) {
      if (error.status() == Status::cancelled) throw;
      if (!first) first = error;
    }
  }
  if (first) throw *first;
  throw Error(Status::invalid, "directory.settings.server", "domain " + domain.domain + " has no server",
              "/user/servers");
}

ldap::Connection connectBound(const Settings& settings, const Domain& domain, const std::stop_token& stop) {
  ldap::Connection connection = connect(settings, domain, stop);
  if (!domain.login_id.empty() && connection.bind(domain.login_id, domain.password) != ldap::Bound::accepted)
    throw Error(Status::auth, "directory.bind.refused",
                connection.endpoint().address() + " refuses the service account " + domain.login_id +
                    ": check login ID and password");
  return connection;
}

std::string readText(ldap::Connection& connection, const std::string& dn, const std::string& attribute) {
  ldap::Query query{dn, ldap::Scope::base};
  query.attributes = {attribute};
  std::string out;
  try {
    connection.search(query, [&](const ldap::Entry& entry) {
      out = std::string(entry.first(attribute));
      return true;
    });
  } catch (const Error& error) {
    if (error.status() != Status::notFound && error.status() != Status::auth) throw;
  }
  return out;
}

std::string baseOf(const Settings& settings, const Domain& domain, ldap::Connection& connection) {
  if (!domain.base_dn.empty()) return domain.base_dn;
  if (!presetOf(settings.directory_type).base_dn_allowed) return {};
  std::string named = readText(connection, "", "defaultNamingContext");
  if (!named.empty()) return named;
  std::size_t count = 0;
  ldap::Query root{"", ldap::Scope::base};
  root.attributes = {"namingContexts"};
  connection.search(root, [&](const ldap::Entry& entry) {
    if (const auto* contexts = entry.find("namingContexts")) {
      count = contexts->values.size();
      named = std::string(entry.first("namingContexts"));
    }
    return true;
  });
  if (count == 1) return named;
  throw Error(Status::notFound, "directory.baseDn.unknown",
              connection.endpoint().address() + " serves " + std::to_string(count) +
                  " naming contexts: enter the base DN of the one to use",
              "/user/baseDn");
}

}  // namespace jackfield::directory
