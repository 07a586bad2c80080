// SPDX-License-Identifier: Apache-2.0
// A real slapd of a test's own, and settings that fit it.
#ifndef JACKFIELD_TESTS_INTEGRATION_DIRECTORY_PEER_HPP
#define JACKFIELD_TESTS_INTEGRATION_DIRECTORY_PEER_HPP

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <jackfield/directory.hpp>
#include <jackfield/error.hpp>

#include "settings.hpp"
#include "support/slapd.hpp"
#include "synchronisation.hpp"

namespace jackfield::tests {

class Slapd : public SlapdServer {
 public:
  explicit Slapd(std::string ldif = {}, const std::vector<std::string>& environment = {})
      : SlapdServer(JACKFIELD_PEERS, std::move(ldif), environment) {}

  directory::Settings settings(directory::Security security = directory::Security::ldaps) const {
    directory::Settings s;
    s.ca_file = caFile();
    s.user.domain = "brightwater.test";
    const int port = security == directory::Security::ldaps ? ldapsPort() : ldapPort();
    s.user.servers = {{"127.0.0.1", port, security}};
    s.user.login_id = "cn=jackfield,ou=services," + suffix();
    s.user.password = "demo-service";
    const bool company = suffix() == "dc=brightwater,dc=test";
    const std::string groups = ",ou=groups," + suffix();
    s.groups.administrator = (company ? "cn=jackfield-administrators" : "cn=administrators") + groups;
    s.groups.auditor = (company ? "cn=jackfield-auditors" : "cn=auditors") + groups;
    s.groups.user = (company ? "cn=jackfield-users" : "cn=users") + groups;
    s.connect_timeout_ms = 3000;
    s.search_timeout_ms = 10000;
    return s;
  }
};

// A whole run, gathered.
struct Gathered {
  std::vector<directory::Person> entries;
  std::vector<directory::Skipped> skipped;
  std::string cursor;
  std::size_t parts = 0;

  const directory::Person* find(const std::string& login) const {
    for (const auto& person : entries)
      if (person.login == login) return &person;
    return nullptr;
  }
  std::vector<std::string> logins() const {
    std::vector<std::string> out;
    for (const auto& person : entries) out.push_back(person.login.empty() ? person.name : person.login);
    std::sort(out.begin(), out.end());
    return out;
  }
  std::string reason(const std::string& dn) const {
    for (const auto& one : skipped)
      if (one.dn == dn) return one.reason;
    return {};
  }
};

inline Gathered gather(const directory::Settings& settings, const std::string& cursor = {}) {
  Gathered out;
  const auto add = [&](const directory::SyncPart& part) {
    out.entries.insert(out.entries.end(), part.entries.begin(), part.entries.end());
    out.skipped.insert(out.skipped.end(), part.skipped.begin(), part.skipped.end());
    ++out.parts;
  };
  const directory::Sync request{cursor.empty() ? directory::SyncMode::full : directory::SyncMode::incremental, cursor};
  const auto last = directory::synchronise(settings, request, add, {});
  add(last);
  out.cursor = last.cursor;
  return out;
}

// The Error that `call` throws; fails the test when it throws none.
inline Error errorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return Error(Status::ok, "", "");
}

}  // namespace jackfield::tests

#endif
