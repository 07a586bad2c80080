// SPDX-License-Identifier: Apache-2.0
// The domains inside the settings of directory servers: one user domain, a resource domain where the security groups
// are elsewhere, contact domains (LDAP-004 to LDAP-008, LDAP-012). What is changed here is a change of the server's
// settings, with the same rules: it waits for a restart (SRV-015) and takes effect at the next synchronisation.
#ifndef JACKFIELD_SERVICES_DIRECTORY_DOMAINS_HPP
#define JACKFIELD_SERVICES_DIRECTORY_DOMAINS_HPP

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json.hpp>

#include "model/principal.hpp"

namespace jackfield::services {

struct Context;
class Servers;

struct DomainView {
  std::string server;                  // handle of the directory server
  std::string domain;                  // fully qualified name
  std::vector<std::string> types;      // "user", "resource", "contact": one domain may serve as several
  std::vector<std::string> addresses;  // "host:port", in the order of failover
  boost::json::object settings;        // of the domain, by the server type's schema; secrets are null
  bool restart_required = false;       // of the server: saved but not yet in force
};
BOOST_DESCRIBE_STRUCT(DomainView, (), (server, domain, types, addresses, settings, restart_required))

struct ContactDomainInput {
  std::optional<std::string> server;  // may be left out while there is exactly one directory server
  std::string domain;
  boost::json::object settings;
};
BOOST_DESCRIBE_STRUCT(ContactDomainInput, (), (server, domain, settings))

// What is absent stays. A domain's types cannot be changed.
struct DomainChange {
  std::optional<std::string> domain;  // a new name; contact domains only, once the directory is set up
  boost::json::object settings;       // members that replace the domain's
};
BOOST_DESCRIBE_STRUCT(DomainChange, (), (domain, settings))

// Any thread. Problems of the settings are those of Servers::replace, their pointers as in the domain's own document.
class DirectoryDomains {
 public:
  DirectoryDomains(const Context&, Servers&);
  ~DirectoryDomains();

  std::vector<DomainView> list(const model::Principal&) const;  // viewSystem; by server: user, resource, contacts
  // changeSystem. notFound "domain.unknown", "sync.server"; conflict "domain.exists".
  DomainView addContact(const model::Principal&, const ContactDomainInput&);
  DomainView change(const model::Principal&, const std::string& server, const std::string& domain, const DomainChange&);
  // conflict "domain.fixed" for the user and the resource domain.
  void removeContact(const model::Principal&, const std::string& server, const std::string& domain);
  // The service account's new password, already in force in the directory (LDAP-025): tries it, copies the database to
  // backups/before-password-change.db of the data folder, suspends the server, changes it, resumes.
  // invalid "domain.password" when the directory refuses it; nothing was changed then.
  DomainView changePassword(const model::Principal&, const std::string& server, const std::string& domain,
                            const std::string& password);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
