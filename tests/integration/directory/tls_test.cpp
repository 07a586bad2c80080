// SPDX-License-Identifier: Apache-2.0
// Certificates that must be refused, servers that do not answer, and answers that never end.
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "examination.hpp"
#include "peer.hpp"
#include "sign_in.hpp"

namespace jackfield::tests {

using directory::authenticate;
using directory::Security;

namespace {

constexpr Security protected_ways[] = {Security::ldaps, Security::startTls};

Error failureWith(const directory::Settings& settings) {
  return errorOf([&] { authenticate(settings, {"alice", "demo-alice"}, {}); });
}

// Takes connections and gives the same octets to each, then nothing.
class SilentServer {
 public:
  explicit SilentServer(std::string greeting = {}) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, greeting] {
      for (int fd; (fd = accept(listener_, nullptr, nullptr)) >= 0;) {
        if (!greeting.empty()) {
          std::array<char, 4096> request{};
          if (read(fd, request.data(), request.size()) > 0) {
            const auto sent = send(fd, greeting.data(), greeting.size(), MSG_NOSIGNAL);
            EXPECT_EQ(sent, static_cast<ssize_t>(greeting.size()));
          }
        }
        open_.push_back(fd);
      }
    });
  }
  ~SilentServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    for (const int fd : open_) close(fd);
  }
  int port() const { return port_; }

 private:
  int listener_;
  int port_ = 0;
  std::vector<int> open_;
  std::thread thread_;
};

directory::Settings settingsFor(int port, Security security) {
  directory::Settings s;
  s.user.domain = "brightwater.test";
  s.user.servers = {{"127.0.0.1", port, security}};
  s.user.login_id = "cn=jackfield";
  s.user.password = "demo-service";
  s.groups.user = "cn=users";
  s.connect_timeout_ms = 500;
  s.search_timeout_ms = 500;
  return s;
}

}  // namespace

TEST(DirectoryTls, RefusesACertificateOfAnUnknownAuthority) {
  const Slapd slapd, other;
  for (const auto way : protected_ways) {
    auto settings = slapd.settings(way);
    settings.ca_file = (other.data() / "ca.pem").string();
    const Error error = failureWith(settings);
    EXPECT_EQ(error.code(), "directory.tls.untrusted") << error.what();
    EXPECT_EQ(error.field(), "/caFile");
  }
}

TEST(DirectoryTls, RefusesAnExpiredCertificateAndNamesTheDay) {
  const Slapd slapd({}, {"SLAPD_CERT=expired"});
  for (const auto way : protected_ways) {
    const Error error = failureWith(slapd.settings(way));
    EXPECT_EQ(error.code(), "directory.tls.expired") << error.what();
    EXPECT_NE(std::string(error.what()).find("Feb  1 00:00:00 2020"), std::string::npos) << error.what();
  }
}

TEST(DirectoryTls, RefusesACertificateForAnotherHostAndNamesBoth) {
  const Slapd slapd({}, {"SLAPD_CERT=othername"});
  for (const auto way : protected_ways) {
    const Error error = failureWith(slapd.settings(way));
    EXPECT_EQ(error.code(), "directory.tls.name") << error.what();
    EXPECT_NE(std::string(error.what()).find("elsewhere.test"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("127.0.0.1"), std::string::npos) << error.what();
  }
}

TEST(DirectoryTls, SaysWhichCaFileCannotBeRead) {
  const Slapd slapd;
  auto settings = slapd.settings();
  settings.ca_file = (slapd.data() / "absent.pem").string();
  const Error error = failureWith(settings);
  EXPECT_EQ(error.code(), "directory.tls.caFile") << error.what();
}

TEST(DirectoryTls, SaysThatThePortSpeaksNoTls) {
  const Slapd slapd;
  auto settings = slapd.settings();
  settings.user.servers[0].port = slapd.ldapPort();
  EXPECT_EQ(failureWith(settings).code(), "directory.tls.failed");
}

TEST(DirectoryTimeouts, SaysThatNobodyListens) {
  const Error error = failureWith(settingsFor(freePort(), Security::ldaps));
  EXPECT_EQ(error.code(), "directory.unreachable");
  EXPECT_EQ(error.status(), Status::unreachable);
  EXPECT_NE(std::string(error.what()).find("refused"), std::string::npos) << error.what();
}

TEST(DirectoryTimeouts, GoesOnToTheNextServerOfTheList) {
  const Slapd slapd;
  auto settings = slapd.settings();
  settings.user.servers.insert(settings.user.servers.begin(), {"127.0.0.1", freePort(), Security::ldaps});
  EXPECT_EQ(authenticate(settings, {"alice", "demo-alice"}, {}).person.login, "alice");
}

TEST(DirectoryTimeouts, SaysThatTheHostIsUnknown) {
  auto settings = settingsFor(636, Security::ldaps);
  settings.user.servers[0].host = "directory.invalid";  // RFC 6761: never resolves
  EXPECT_EQ(failureWith(settings).code(), "directory.unreachable");
}

TEST(DirectoryTimeouts, LeavesAServerThatNeverAnswersAfterTheTimeOut) {
  const SilentServer silent;
  for (const auto way : {Security::ldaps, Security::startTls, Security::none}) {
    const auto started = std::chrono::steady_clock::now();
    const Error error = failureWith(settingsFor(silent.port(), way));
    EXPECT_TRUE(error.status() == Status::timeout || error.status() == Status::unreachable) << error.what();
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(8));
  }
}

TEST(DirectoryTimeouts, LeavesAServerThatStopsInTheMiddleOfAnAnswer) {
  const SilentServer half(std::string("\x30\x84\x00\x00\x00\x0c\x02\x01\x01", 9));  // a bind answer, cut off
  const auto started = std::chrono::steady_clock::now();
  const Error error = failureWith(settingsFor(half.port(), Security::none));
  EXPECT_EQ(error.code(), "directory.timeout") << error.what();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
}

TEST(DirectoryTimeouts, SaysThatAnotherProtocolAnswers) {
  const SilentServer web("HTTP/1.1 400 Bad Request\r\nContent-Length: 200\r\n\r\n" + std::string(200, '.'));
  const Error error = failureWith(settingsFor(web.port(), Security::none));
  EXPECT_EQ(error.code(), "directory.connection.lost") << error.what();
}

TEST(DirectoryTimeouts, RefusesAMessageOfAbsurdSize) {
  const SilentServer huge(std::string("\x30\x84\x7f\xff\xff\xff\x02\x01\x01\x61", 10));
  const Error error = failureWith(settingsFor(huge.port(), Security::none));
  EXPECT_EQ(error.code(), "directory.connection.lost") << error.what();
}

TEST(DirectoryTimeouts, EndsSoonAfterAStopIsRequested) {
  const SilentServer silent;
  auto settings = settingsFor(silent.port(), Security::none);
  settings.connect_timeout_ms = 60000;
  std::stop_source stop;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  const auto started = std::chrono::steady_clock::now();
  const Error error = errorOf([&] { authenticate(settings, {"alice", "x"}, stop.get_token()); });
  later.join();
  EXPECT_EQ(error.status(), Status::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(3));
}

}  // namespace jackfield::tests
