// SPDX-License-Identifier: Apache-2.0
// The program jackfieldd: options, refusals to start, certificates while running, and its end.
#include <filesystem>
#include <fstream>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"
#include "unit/gateway/sockets.hpp"

namespace jackfield::tests {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Host : public testing::Test {
 protected:
  Host() { fs::create_directories(folder_.path() / "plugins"); }
  fs::path configure(const std::string& more, const std::string& data = "data") {
    fs::path file = folder_.path() / "jackfield.conf";
    std::ofstream(file) << "data.folder = " << data
                        << "\nplugins.folder = plugins\nplugins.hosting = inHost\nlog.target = stderr\n"
                        << "http.certificate = c.pem\nhttp.privateKey = k.pem\nweb.folder = plugins\n"
                        << "http.port = " << port_ << "\n"
                        << more;
    return file;
  }
  std::unique_ptr<Process> start(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{JACKFIELDD};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return std::make_unique<Process>(all, folder_.path() / "log");
  }
  std::unique_ptr<Process> serve(const std::string& more = {}) {
    auto host = start({"--config=" + configure(more).string()});
    const bool ready = waitFor(30s, [&] {
      try {
        return !host->running() || HttpClient(port_, !plain_).ask("GET", "/readyz").status == 200;
      } catch (const std::runtime_error&) {
        return false;
      }
    });
    EXPECT_TRUE(ready && host->running()) << host->output();
    return host;
  }
  void certificate(const std::string& name) {
    run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", (folder_.path() / "k.pem").string(), "-out", (folder_.path() / "c.pem").string(), "-subj",
         "/CN=" + name, "-days", "30"},
        folder_.path() / "openssl.log");
  }

  TemporaryFolder folder_{"host"};
  std::uint16_t port_ = static_cast<std::uint16_t>(freePort());
  bool plain_ = false;
};

TEST_F(Host, TellsItsVersionAndPrintsAConfigurationThatItAccepts) {
  auto version = start({"--version"});
  EXPECT_EQ(version->wait(10s), 0);
  EXPECT_THAT(version->output(), testing::MatchesRegex("jackfieldd [0-9.]+\n"));
  auto sample = start({"--print-config"});
  EXPECT_EQ(sample->wait(10s), 0);
  EXPECT_THAT(sample->output(), testing::HasSubstr("http.port"));
}

TEST_F(Host, CheckListsEveryErrorAtOnce) {
  auto check = start(
      {"--check", "--config=" + configure("http.plain = perhaps\nhttp.thread = 4\nlimits.queueBytes = 1\n").string()});
  EXPECT_EQ(check->wait(10s), 2);
  EXPECT_THAT(check->output(), testing::AllOf(testing::HasSubstr("http.plain"), testing::HasSubstr("http.threads"),
                                              testing::HasSubstr("limits.queueBytes"), testing::HasSubstr("3 wrong")));
}

TEST_F(Host, RefusesToStartWithASentenceThatNamesTheFault) {
  auto plain = start({"--config=" + configure("http.plain = true\nhttp.host = 0.0.0.0\n").string()});
  EXPECT_EQ(plain->wait(20s), 78);
  EXPECT_THAT(plain->output(), testing::HasSubstr("http.plain"));

  const auto running = serve();
  auto second = start({"--config=" + configure("", "data2").string()});
  EXPECT_EQ(second->wait(20s), 69);
  EXPECT_THAT(second->output(), testing::HasSubstr("port " + std::to_string(port_)));

  auto wrong = start({"--config=" + configure("http.port = 99999\n").string()});
  EXPECT_EQ(wrong->wait(20s), 78);
  EXPECT_THAT(wrong->output(), testing::HasSubstr("99999"));
}

TEST_F(Host, MakesACertificateOfItsOwnAndTakesAConfiguredOneOnHangUpWithoutDroppingAnyone) {
  certificate("first");
  const auto host = serve();
  HttpClient before(port_, true);
  EXPECT_EQ(before.socket.certificate(), "/CN=first");
  certificate("second");
  host->signal(SIGHUP);
  EXPECT_TRUE(waitFor(10s, [&] { return Socket(port_, true).certificate() == "/CN=second"; }));
  EXPECT_EQ(before.ask("GET", "/healthz").status, 200);
  std::ofstream(folder_.path() / "c.pem") << "broken";
  host->signal(SIGHUP);
  EXPECT_TRUE(waitFor(10s, [&] { return host->output().find("new certificate is not used") != std::string::npos; }));
  EXPECT_EQ(Socket(port_, true).certificate(), "/CN=second");
  host->signal(SIGTERM);
  EXPECT_EQ(host->wait(30s), 0) << host->output();
}

TEST_F(Host, UsesTlsWhenNothingIsConfiguredAndEndsCleanlyUnderLoad) {
  const auto host = serve();
  std::atomic<int> served = 0, broken = 0;
  std::vector<std::future<void>> load;
  for (int i = 0; i < 4; ++i)
    load.push_back(std::async(std::launch::async, [&] {
      try {
        for (HttpClient client(port_, true);;) {
          const auto answer = client.ask("GET", "/healthz");
          if (answer.status == 200) ++served;
          // Told that the connection ends: the next request needs another one, which is refused.
          if (answer.headers.contains("connection")) return;
        }
      } catch (const std::runtime_error&) {
        ++broken;
      }
    }));
  EXPECT_TRUE(waitFor(20s, [&] { return served > 200; }));
  host->signal(SIGTERM);
  EXPECT_EQ(host->wait(30s), 0) << host->output();
  for (auto& one : load) one.wait();
  EXPECT_THAT(host->output(), testing::HasSubstr("Jackfield has stopped"));
}

}  // namespace
}  // namespace jackfield::tests
