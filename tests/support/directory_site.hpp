// SPDX-License-Identifier: Apache-2.0
// A real slapd and a real jackfieldd that knows it, without telephony: for what concerns the directory alone. Used by
// tests and by the bench. Each object has a folder and ports of its own.
#ifndef JACKFIELD_TESTS_SUPPORT_DIRECTORY_SITE_HPP
#define JACKFIELD_TESTS_SUPPORT_DIRECTORY_SITE_HPP

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "support/jackfieldd.hpp"
#include "support/slapd.hpp"

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

  ApiClient setup() const { return host_.setup(); }
  ApiClient administrator() const { return ApiClient::signIn(host_.port(), "morgan", "demo-morgan"); }

  // The configuration document with the server "directory" for this slapd; for the demonstration company and for what
  // tests/peers/slapd/generate prints.
  boost::json::object configuration() const;
  // Applies it and waits until the directory is connected.
  void configure(const boost::json::object& document) const;
  // Starts a run and waits for its end; the run as the API shows it.
  boost::json::object synchronise(const ApiClient& administrator, const boost::json::object& request,
                                  std::chrono::milliseconds limit = std::chrono::seconds(60)) const;

  SlapdServer& slapd() { return slapd_; }
  const SlapdServer& slapd() const { return slapd_; }
  Jackfieldd& host() { return host_; }
  const Jackfieldd& host() const { return host_; }
  std::filesystem::path folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  const std::string security_;
  SlapdServer slapd_;
  Jackfieldd host_;
};

}  // namespace jackfield::tests

#endif
