// SPDX-License-Identifier: Apache-2.0
// A running Jackfield for benches: a real slapd with generated people, all of them users with a phone, and jackfieldd
// over TLS with its plugins in processes of their own, measured from outside. The call server is the bench's: sipp, or
// Kamailio, on callServerPort().
#ifndef JACKFIELD_BENCH_SITE_HPP
#define JACKFIELD_BENCH_SITE_HPP

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "support/process.hpp"
#include "support/slapd.hpp"
#include "unit/gateway/sockets.hpp"

namespace jackfield::bench {

struct Reply {
  int status = 0;
  boost::json::value body;  // null when there is none
};

// A program's connection, kept open. One thread at a time.
class ApiConnection {
 public:
  explicit ApiConnection(std::uint16_t port) : http_(port, true) {}
  // `path` begins behind /api/v1; `body` is sent as JSON unless null.
  Reply ask(const std::string& method, const std::string& path, const std::string& token,
            const boost::json::value& body = nullptr);

 private:
  tests::HttpClient http_;
};

class Site {
 public:
  static constexpr const char* domain = "site.test";

  // Returns when all people are synchronised and have their phones. The call server need not be there yet.
  explicit Site(std::size_t people);

  std::uint16_t port() const { return static_cast<std::uint16_t>(http_port_); }
  int sipPort() const { return sip_port_; }
  int callServerPort() const { return call_server_port_; }
  std::filesystem::path folder() const { return folder_.path(); }

  // People are numbered from 1.
  static std::string extension(std::size_t person) { return std::to_string(100000 + person); }
  // Tokens of people 1 to `count`, in this order.
  std::vector<std::string> signIn(std::size_t count) const;

  void stop();
  void start();  // returns when it is ready; gives the seconds that this took with startSeconds()
  double startSeconds() const { return start_seconds_; }

  pid_t host() const { return host_->pid(); }
  pid_t callServerPlugin() const;
  double metric(const std::string& name) const;  // of /metrics
  // Until the call server is connected; throws after 30 s.
  void waitForCallServer() const;
  // Until no call is live and the events have gone out; throws after 60 s.
  void waitForQuiet() const;

 private:
  void configure(std::size_t people);
  tests::TemporaryFolder folder_;
  const int http_port_ = tests::freePort(), sip_port_ = tests::freePort(), call_server_port_ = tests::freePort();
  tests::SlapdServer slapd_;
  std::unique_ptr<tests::Process> host_;
  std::string administrator_;
  double start_seconds_ = 0;
};

// Sums of CPU time and memory of the host and of the plugin that holds the calls, between two moments.
class Meter {
 public:
  explicit Meter(const Site& site);
  void restart();
  double hostSeconds() const;
  double pluginSeconds() const;
  double hostMegabytes() const;
  double pluginMegabytes() const;

 private:
  pid_t host_, plugin_;
  double host_at_ = 0, plugin_at_ = 0;
};

}  // namespace jackfield::bench

#endif
