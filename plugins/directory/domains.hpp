// SPDX-License-Identifier: Apache-2.0
// The domains of the settings as connections: which server, bound as whom, searching below what.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_DOMAINS_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_DOMAINS_HPP

#include <stop_token>
#include <string>

#include "ldap/connection.hpp"
#include "presets.hpp"

namespace jackfield::directory {

// The domain that holds the security groups: the resource domain, else the user domain (LDAP-004, LDAP-005).
const Domain& groupDomain(const Settings& settings);

ldap::Endpoint endpointOf(const Settings& settings, const Server& server);

// A connection to the first server of the domain that answers, not bound. Throws the first server's Error when none
// does.
ldap::Connection connect(const Settings& settings, const Domain& domain, const std::stop_token& stop);

// The same, bound with the domain's service account. Error(auth, "directory.bind.refused").
ldap::Connection connectBound(const Settings& settings, const Domain& domain, const std::stop_token& stop);

// The DN to search below: the setting, else what the server names as its own (AD: the domain). Domino and eDirectory
// are searched from the root. Error(notFound, "directory.baseDn.unknown") when the server serves several.
std::string baseOf(const Settings& settings, const Domain& domain, ldap::Connection& connection);

// One attribute of one entry, its first value; empty when entry or attribute is missing.
std::string readText(ldap::Connection& connection, const std::string& dn, const std::string& attribute);

}  // namespace jackfield::directory

#endif
