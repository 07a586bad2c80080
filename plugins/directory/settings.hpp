// SPDX-License-Identifier: Apache-2.0
// The settings of one directory: plugin.json describes the same in JSON Schema. One instance is one domain set: the
// user domain, the resource domain where it differs (split set-up), and up to four contact domains (LDAP-003..012).
#ifndef JACKFIELD_PLUGINS_DIRECTORY_SETTINGS_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_SETTINGS_HPP

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

namespace jackfield::directory {

enum class DirectoryType { openLdap, activeDirectory, adam, domino, sunOne, eDirectory };
BOOST_DESCRIBE_ENUM(DirectoryType, openLdap, activeDirectory, adam, domino, sunOne, eDirectory)

// `none` is clear text: only where the administrator chose it for this server.
enum class Security { ldaps, startTls, none };
BOOST_DESCRIBE_ENUM(Security, ldaps, startTls, none)

struct Server {
  std::string host;
  int port = 0;  // 1 to 65535; 0: 636 for ldaps, else 389
  Security security = Security::ldaps;
};
BOOST_DESCRIBE_STRUCT(Server, (), (host, port, security))

struct Domain {
  std::string domain;  // its fully qualified name, "users.example.test"
  std::string description;
  bool enabled = true;
  std::vector<Server> servers;  // in the order of failover; the schema allows one (LDAP-016, LDAP-018)
  std::string login_id;         // bind DN (AD: also user@domain); empty: anonymous
  std::string password;
  std::string base_dn;    // empty: the whole domain
  int page_size = 1000;   // entries a page, 1 to 10000
  int range_size = 1000;  // values of one attribute a query, 1 to 10000
};
BOOST_DESCRIBE_STRUCT(Domain, (),
                      (domain, description, enabled, servers, login_id, password, base_dn, page_size, range_size))

// DNs of the groups that give the roles (LDAP-005, AUTH-007).
struct SecurityGroups {
  std::string administrator;
  std::string auditor;
  std::string user;
};
BOOST_DESCRIBE_STRUCT(SecurityGroups, (), (administrator, auditor, user))

// Which directory attribute holds what. Absent: the directory type's preset; empty: not mapped (LDAP-019).
struct Attributes {
  std::optional<std::string> login, name, given_name, surname, mail, mail2, title, department, company, location,
      extension, office, mobile, home, other;
};
BOOST_DESCRIBE_STRUCT(Attributes, (),
                      (login, name, given_name, surname, mail, mail2, title, department, company, location, extension,
                       office, mobile, home, other))

struct Settings {
  DirectoryType directory_type = DirectoryType::openLdap;
  std::string ca_file;  // PEM; empty: the operating system's certificate authorities
  Domain user;
  std::optional<Domain> resource;
  std::vector<Domain> contacts;  // at most four, Active Directory only
  SecurityGroups groups;
  std::string object_class;    // empty: the preset
  std::string contact_filter;  // empty: the object class
  Attributes attributes;
  int connect_timeout_ms = 5000;  // TCP and TLS together, 100 to 60000
  int search_timeout_ms = 30000;  // one page of a search, 100 to 600000
  int check_seconds = 30;         // how often the link is checked, 1 to 3600
};
BOOST_DESCRIBE_STRUCT(Settings, (),
                      (directory_type, ca_file, user, resource, contacts, groups, object_class, contact_filter,
                       attributes, connect_timeout_ms, search_timeout_ms, check_seconds))

// Throws Error(invalid) with field, value and rule for what the schema cannot say: filter syntax with the position,
// E-mail equal to E-mail 2 (LDAP-022), base DN that must be empty (LDAP-016), contact domains of another type
// (LDAP-009), a login without a password. No I/O.
void checkSettings(const Settings& settings);

}  // namespace jackfield::directory

#endif
