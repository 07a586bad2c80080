// SPDX-License-Identifier: Apache-2.0
// A real slapd and a real jackfieldd that knows it, without telephony: for what concerns the directory alone. Used by
// tests and by the bench. Each object has a folder and ports of its own.
#ifndef JACKFIELD_TESTS_SUPPORT_DIRECTORY_SITE_HPP
#define JACKFIELD_TESTS_SUPPORT_DIRECTORY_SITE_HPP

#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "support/api_client.hpp"
#include "support/process.hpp"

namespace jackfield::tests {

struct DirectorySiteOptions {
  std::filesystem::path programs;  // where jackfieldd and jackfield-plugin-host are; the plugins are in ../plugins
  std::filesystem::path peers;     // tests/peers of the tree
  std::string ldif;                // a file; empty: the demonstration company
  std::string security = "ldaps";
  std::string hosting = "ownProcess";
};

class DirectorySite {
 public:
  // slapd and jackfieldd run; nothing is configured yet.
  explicit DirectorySite(DirectorySiteOptions options);
  ~DirectorySite();

  // Bearer of the set-up token: an administrator until somebody else is one.
  ApiClient setup() const;
  ApiClient administrator() const { return ApiClient::signIn(http_port_, "morgan", "demo-morgan"); }

  // The configuration document with the server "directory" for this slapd; for the demonstration company and for what
  // tests/peers/slapd/generate prints.
  boost::json::object configuration() const;
  // Applies it and waits until the directory is connected.
  void configure(const boost::json::object& document) const;
  // Starts a run and waits for its end; the run as the API shows it.
  boost::json::object synchronise(const ApiClient& administrator, const boost::json::object& request,
                                  std::chrono::milliseconds limit = std::chrono::seconds(60)) const;

  // Changes entries as the directory's root; throws with ldapmodify's words.
  void modify(const std::string& ldif) const;
  // Further lines for jackfieldd's configuration file, in force after startHost().
  void setHostOptions(std::vector<std::string> lines) { host_options_ = std::move(lines); }
  void startHost();
  void stopHost();  // SIGTERM, waits
  void killHost();  // SIGKILL

  Process& host() { return *host_; }
  int httpPort() const { return http_port_; }
  std::string ldapUri() const { return "ldap://127.0.0.1:" + std::to_string(ldap_port_); }
  std::string suffix() const;
  std::filesystem::path data() const { return folder_.path() / "data"; }
  std::filesystem::path folder() const { return folder_.path(); }

 private:
  const DirectorySiteOptions options_;
  TemporaryFolder folder_;
  const int ldap_port_, ldaps_port_, http_port_;
  std::vector<std::string> host_options_;
  std::unique_ptr<Process> host_;
};

}  // namespace jackfield::tests

#endif
