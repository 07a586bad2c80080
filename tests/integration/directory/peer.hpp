// SPDX-License-Identifier: Apache-2.0
// A real slapd of a test's own, and settings that fit it.
#ifndef JACKFIELD_TESTS_INTEGRATION_DIRECTORY_PEER_HPP
#define JACKFIELD_TESTS_INTEGRATION_DIRECTORY_PEER_HPP

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <jackfield/directory.hpp>
#include <jackfield/error.hpp>

#include "settings.hpp"
#include "support/process.hpp"
#include "synchronisation.hpp"

namespace jackfield::tests {

// Started by tests/peers/slapd/start, ended with the object.
class Slapd {
 public:
  // `ldif`: a file; empty for the demonstration company. `environment`: such as "SLAPD_CERT=expired".
  explicit Slapd(std::string ldif = {}, const std::vector<std::string>& environment = {})
      : folder_("slapd"), ldap_port_(freePort()), ldaps_port_(freePort()), ldif_(std::move(ldif)) {
    if (ldif_.empty()) ldif_ = std::string(JACKFIELD_PEERS) + "/slapd/people.ldif";
    start(environment);
  }
  ~Slapd() { stop(); }

  void start(const std::vector<std::string>& environment = {}) {
    std::vector<std::string> command{"env"};
    command.insert(command.end(), environment.begin(), environment.end());
    command.insert(command.end(), {std::string(JACKFIELD_PEERS) + "/slapd/start", data().string(),
                                   std::to_string(ldap_port_), std::to_string(ldaps_port_), ldif_});
    run(command, folder_.path() / "start.log");
  }
  void stop() { run({std::string(JACKFIELD_PEERS) + "/slapd/stop", data().string()}, folder_.path() / "stop.log"); }
  void kill() {
    std::ifstream file(data() / "slapd.pid");
    int pid = 0;
    file >> pid;
    ASSERT_GT(pid, 1);
    ::kill(pid, SIGKILL);
  }

  // Changes entries as the directory's root; throws with ldapmodify's words.
  void modify(const std::string& ldif) {
    const auto file = folder_.path() / "change.ldif";
    std::ofstream(file) << ldif;
    run({"ldapmodify", "-x", "-H", "ldap://127.0.0.1:" + std::to_string(ldap_port_), "-D", "cn=admin," + suffix(), "-w",
         "demo-root", "-f", file.string()},
        folder_.path() / "modify.log");
  }

  std::string suffix() const {
    std::ifstream file(ldif_);
    for (std::string line; std::getline(file, line);)
      if (line.starts_with("dn: ")) return line.substr(4);
    return {};
  }
  int ldapPort() const { return ldap_port_; }
  int ldapsPort() const { return ldaps_port_; }
  std::filesystem::path data() const { return folder_.path() / "data"; }
  std::filesystem::path folder() const { return folder_.path(); }

  directory::Settings settings(directory::Security security = directory::Security::ldaps) const {
    directory::Settings s;
    s.ca_file = (data() / "ca.pem").string();
    s.user.domain = "brightwater.test";
    const int port = security == directory::Security::ldaps ? ldaps_port_ : ldap_port_;
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

 private:
  TemporaryFolder folder_;
  int ldap_port_;
  int ldaps_port_;
  std::string ldif_;
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
