// SPDX-License-Identifier: Apache-2.0
// A real slapd of a test's own on free ports, ended with the object.
#ifndef JACKFIELD_TESTS_SUPPORT_SLAPD_HPP
#define JACKFIELD_TESTS_SUPPORT_SLAPD_HPP

#include <filesystem>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace jackfield::tests {

class SlapdServer {
 public:
  // `peers`: tests/peers of the tree. `ldif`: a file; empty: the demonstration company. `environment`: such as
  // "SLAPD_CERT=expired". It runs and holds its entries afterwards; throws with the output of what starts it.
  explicit SlapdServer(std::filesystem::path peers, std::string ldif = {},
                       const std::vector<std::string>& environment = {});
  ~SlapdServer();
  SlapdServer(const SlapdServer&) = delete;
  SlapdServer& operator=(const SlapdServer&) = delete;

  void start(const std::vector<std::string>& environment = {});
  void stop();
  void kill();  // SIGKILL

  // Changes entries as the directory's root; throws with ldapmodify's words.
  void modify(const std::string& ldif) const;

  int ldapPort() const { return ldap_port_; }
  int ldapsPort() const { return ldaps_port_; }
  std::string uri() const { return "ldap://127.0.0.1:" + std::to_string(ldap_port_); }
  const std::string& suffix() const { return suffix_; }
  std::filesystem::path data() const { return folder_.path() / "data"; }
  std::filesystem::path folder() const { return folder_.path(); }
  std::string caFile() const { return (data() / "ca.pem").string(); }

 private:
  const std::filesystem::path peers_;
  const std::string ldif_, suffix_;
  TemporaryFolder folder_{"slapd"};
  const int ldap_port_ = freePort(), ldaps_port_ = freePort();
};

}  // namespace jackfield::tests

#endif
