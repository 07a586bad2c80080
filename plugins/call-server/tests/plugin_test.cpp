// SPDX-License-Identifier: Apache-2.0
// The plugin as the host sees it: settings judged, link state told, Test answered, records loaded, commands served.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <jackfield/plugin.hpp>
#include <jackfield/server.hpp>
#include <jackfield/testing/fake_host.hpp>

#include "link/check.hpp"
#include "settings.hpp"
#include "sip/agent.hpp"

extern "C" const jf_plugin_entry jf_plugin_entry_1;

namespace jackfield::calls::tests {
namespace {

using namespace std::chrono_literals;
using jackfield::testing::FakeClock;
using jackfield::testing::FakeHost;
using jackfield::testing::FakeLoop;
using server::LinkState;

unsigned freePort() {
  for (;;) {
    const int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    bind(udp, reinterpret_cast<sockaddr*>(&at), size);
    getsockname(udp, reinterpret_cast<sockaddr*>(&at), &size);
    const bool both = bind(tcp, reinterpret_cast<sockaddr*>(&at), size) == 0;
    close(udp);
    close(tcp);
    if (both) return ntohs(at.sin_port);
  }
}

// A call server that answers OPTIONS, in a thread of its own.
class Peer {
 public:
  explicit Peer(unsigned port, std::string domain = "site.test", int refuse_with = 0)
      : thread_([this, port, domain, refuse_with](const std::stop_token& stop) {
          sip::AgentConfig config;
          config.listen = {{"127.0.0.1", port, "udp"}};
          sip::Agent agent(config);
          agent.onRequest([&](std::shared_ptr<sip::Inbound> in) {
            const bool own = sip::hostOf(in->request().uri) == domain;
            in->reply(refuse_with ? refuse_with : own ? 200 : 404);
          });
          up_ = true;
          while (!stop.stop_requested()) agent.step(5ms);
        }) {
    while (!up_) std::this_thread::yield();
  }

 private:
  std::atomic<bool> up_ = false;
  std::jthread thread_;
};

class PluginEdge : public ::testing::Test {
 protected:
  PluginEdge() : host(jf_plugin_entry_1, "sip", FakeLoop::own, FakeClock::real) {
    host.answer("storage/1.load", [this](const boost::json::value& body) {
      loaded_prefix = std::string(body.at("prefix").as_string());
      Reply part;
      part.body = {{"records", boost::json::object()}};
      return std::vector<Reply>{part};
    });
  }
  boost::json::object settings() const {
    return {{"domain", "site.test"}, {"sipRemoteHost", "127.0.0.1"}, {"sipRemotePort", remote},
            {"probeSeconds", 1},     {"localHost", "127.0.0.1"},     {"localPort", local}};
  }
  bool reaches(LinkState state) {
    return host.runUntil([&] {
      const auto states = host.eventsAs<server::State>("server/1.state");
      return !states.empty() && states.back().state == state;
    });
  }
  // The field that is refused, or "taken".
  std::string refused(const std::function<void(boost::json::object&)>& change) {
    auto changed = settings();
    change(changed);
    try {
      host.configure(changed);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::invalid);
      EXPECT_FALSE(std::string(error.what()).empty());
      return error.field();
    }
    return "taken";
  }
  std::set<std::string> findings(const boost::json::object& with) {
    host.configure(with);
    std::set<std::string> codes;
    for (const auto& finding : host.call<server::TestResult>("server/1.test", boost::json::object()).findings)
      codes.insert(finding.code);
    return codes;
  }

  unsigned remote = freePort(), local = freePort();
  std::string loaded_prefix;
  FakeHost host;
};

TEST_F(PluginEdge, RefusesABadSettingByItsField) {
  EXPECT_EQ(refused([](auto&) {}), "taken");
  EXPECT_EQ(refused([](auto& s) { s["domain"] = "site test"; }), "/domain");
  EXPECT_EQ(refused([](auto& s) { s["sipRemoteHost"] = ""; }), "/sipRemoteHost");
  EXPECT_EQ(refused([](auto& s) { s["localHost"] = "0.0.0.0"; }), "/localHost");
  EXPECT_EQ(refused([](auto& s) { s.erase("localPort"); }), "/localPort");
  EXPECT_EQ(refused([](auto& s) { s["sipRemoteSecure"] = true; }), "/localSecurePort");
  EXPECT_EQ(refused([](auto& s) { s["localSecurePort"] = 15061; }), "/certificateFolder");
  EXPECT_EQ(refused([](auto& s) { s["minSessionSeconds"] = 3600; }), "/minSessionSeconds");
  EXPECT_EQ(refused([](auto& s) { s["trustedPeers"] = {"10.0.0.0/99"}; }), "/trustedPeers/0");
  EXPECT_EQ(refused([](auto& s) {
              s["sessionManagers"] = boost::json::array{{{"host", "a"}, {"transport", "tls"}}};
            }),
            "/sessionManagers/0/transport");
}

TEST_F(PluginEdge, TellsTheStateOfTheLinkAndItsReasonAndFindsBackByItself) {
  host.configure(settings());
  host.start();
  ASSERT_TRUE(reaches(LinkState::disconnected));
  EXPECT_NE(host.eventsAs<server::State>("server/1.state").back().reason.find("127.0.0.1:" + std::to_string(remote)),
            std::string::npos);
  EXPECT_EQ(loaded_prefix, "call/");
  {
    const Peer peer(remote);
    ASSERT_TRUE(reaches(LinkState::connected));
    EXPECT_GE(host.events("call-control/1.resync").size(), 2U) << "after the start and after the reconnection";
  }
  EXPECT_TRUE(reaches(LinkState::disconnected));
  host.stop();
}

TEST_F(PluginEdge, SessionManagersAreUsedInTheirOrderAndTheDirectWayLast) {
  const unsigned first = freePort(), second = freePort();
  auto with = settings();
  with["sessionManagers"] = boost::json::array{{{"host", "127.0.0.1"}, {"port", first}, {"transport", "udp"}},
                                               {{"host", "127.0.0.1"}, {"port", second}, {"transport", "udp"}}};
  host.configure(with);
  const Peer direct(remote);
  host.start();
  ASSERT_TRUE(reaches(LinkState::degraded)) << "the direct way works when no session manager does";
  const Peer manager(first);
  ASSERT_TRUE(reaches(LinkState::connected)) << "back to the first in the list";
  host.stop();
}

TEST_F(PluginEdge, WithoutLeaveThereIsNoDirectConnection) {
  auto with = settings();
  with["sessionManagers"] = boost::json::array{{{"host", "127.0.0.1"}, {"port", freePort()}, {"transport", "udp"}}};
  with["allowDirectConnection"] = false;
  host.configure(with);
  const Peer direct(remote);
  host.start();
  EXPECT_TRUE(reaches(LinkState::disconnected));
  host.stop();
}

TEST_F(PluginEdge, ATakenPortIsSaidAndStopStillWorks) {
  const Peer squatter(local);
  host.configure(settings());
  host.start();
  ASSERT_TRUE(reaches(LinkState::disconnected));
  EXPECT_NE(host.eventsAs<server::State>("server/1.state").back().reason.find("cannot listen"), std::string::npos);
  EXPECT_EQ(host.call("call-control/1.makeCall", {{"requestId", ""}, {"from", "1"}, {"to", "2"}}).status,
            Status::state);
  host.stop();
}

TEST_F(PluginEdge, TestNamesWhatWorksAndWhatDoesNot) {
  EXPECT_TRUE(findings(settings()).contains("sip.test.silent"));
  {
    const Peer peer(remote);
    const auto found = findings(settings());
    EXPECT_TRUE(found.contains("sip.test.ok"));
    EXPECT_TRUE(found.contains("sip.test.domain"));
    EXPECT_TRUE(found.contains("sip.test.byHand"));
    const auto result = host.call<server::TestResult>("server/1.test", boost::json::object());
    EXPECT_EQ(result.findings.front().text, "call server 127.0.0.1:" + std::to_string(remote) +
                                                " accepts SIP messages from this appliance at 127.0.0.1");
  }
  {
    const Peer foreign(remote, "elsewhere.test");
    EXPECT_TRUE(findings(settings()).contains("sip.test.foreign"));
  }
  const Peer refusing(remote, "site.test", 403);
  EXPECT_TRUE(findings(settings()).contains("sip.test.refused"));
}

// Makes an authority and a certificate with these names in a folder; nothing else stands in it.
void makeCertificate(const std::filesystem::path& folder, const std::string& names) {
  std::filesystem::create_directories(folder);
  const std::string in = "cd " + folder.string() + " && ";
  const std::string key = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test ";
  const auto shell = [&](const std::string& line) {
    ASSERT_EQ(std::system((in + line + " 2>/dev/null").c_str()), 0) << line;
  };
  shell(key + "-x509 -days 10 -keyout ca.key -out cafile.pem");
  shell(key + "-keyout key.pem -out request.pem");
  shell("echo subjectAltName=" + names + " > names");
  shell(
      "openssl x509 -req -in request.pem -CA cafile.pem -CAkey ca.key -CAcreateserial -extfile names -out cert.pem "
      "-days 10");
  shell("cat cert.pem key.pem > agent.pem");
}

// Takes one TLS connection and ends.
class TlsServer {
 public:
  TlsServer(unsigned port, const std::filesystem::path& certificate)
      : program_(popen(("timeout 10 openssl s_server -www -naccept 1 -accept 127.0.0.1:" + std::to_string(port) +
                        " -cert " + certificate.string() + " </dev/null 2>/dev/null")
                           .c_str(),
                       "r")) {
    std::array<char, 256> line;
    while (std::fgets(line.data(), line.size(), program_)) {
      if (std::string_view(line.data()).starts_with("ACCEPT")) return;
    }
    ADD_FAILURE() << "openssl s_server does not listen";
  }
  ~TlsServer() { pclose(program_); }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

 private:
  FILE* program_;
};

TEST_F(PluginEdge, TestJudgesChainAndNameOfTheCertificate) {
  const auto folder = std::filesystem::temp_directory_path() / ("jackfield-tls-" + std::to_string(getpid()));
  const auto judged = [&](const std::string& names, bool other_authority) {
    std::filesystem::remove_all(folder);
    makeCertificate(folder / "peer", names);
    makeCertificate(folder / "own", "DNS:own.test");
    const unsigned port = freePort();
    const TlsServer peer(port, folder / "peer/agent.pem");
    std::set<std::string> codes;
    const auto authority = folder / (other_authority ? "own" : "peer") / "cafile.pem";
    for (const auto& finding : checkCertificate({"127.0.0.1", port, "tls"}, authority)) codes.insert(finding.code);
    return codes;
  };
  using Codes = std::set<std::string>;
  EXPECT_EQ(judged("URI:sip:127.0.0.1", false), Codes{"sip.test.tls.ok"});
  EXPECT_EQ(judged("DNS:elsewhere.test,IP:127.0.0.1", false), Codes{"sip.test.tls.name"});
  EXPECT_EQ(judged("URI:sip:127.0.0.1", true), Codes{"sip.test.tls.chain"});
  EXPECT_EQ(checkCertificate({"127.0.0.1", 1, "tls"}, "/nonexistent").front().code, "sip.test.tls.ca");
  std::filesystem::remove_all(folder);
}

TEST_F(PluginEdge, TestWorksOnARunningServerToo) {
  const Peer peer(remote);
  host.configure(settings());
  host.start();
  ASSERT_TRUE(reaches(LinkState::connected));
  const auto result = host.call<server::TestResult>("server/1.test", boost::json::object());
  EXPECT_EQ(result.findings.front().code, "sip.test.ok");
  host.stop();
}

TEST_F(PluginEdge, CommandsAnswerWithTheirReason) {
  const Peer peer(remote);
  host.configure(settings());
  host.start();
  ASSERT_TRUE(reaches(LinkState::connected));
  const auto unknown = host.call("call-control/1.holdCall", {{"requestId", ""}, {"call", "x"}, {"device", "y"}});
  EXPECT_EQ(unknown.status, Status::notFound);
  EXPECT_EQ(unknown.error().code(), "sip.call.unknown");
  EXPECT_TRUE(host.call("call-control/1.makeCall", {{"requestId", "r"}, {"from", "1001"}, {"to", "1002"}}).ok());
  EXPECT_TRUE(host.runUntil([&] { return !host.events("call-control/1.event").empty(); }));
  host.stop();
}

// messages.json, the code and the manifest must name the same things.
std::string readAll(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Documents, EveryMessageIsUsedAndEverySettingIsDescribed) {
  const std::filesystem::path folder = CALL_SERVER_SOURCE;
  std::string code;
  for (const char* room : {".", "b2bua", "link", "sip"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder / room)) {
      if (entry.path().extension() == ".cpp") code += readAll(entry.path());
    }
  }
  std::set<std::string> codes;
  const auto messages = parseJson(readAll(folder / "messages.json"));
  for (const auto& message : messages.as_array()) {
    const std::string name(message.at("code").as_string());
    EXPECT_TRUE(codes.insert(name).second) << name << " stands there twice";
    EXPECT_NE(code.find("\"" + name + "\""), std::string::npos) << name << " is not used";
    for (const char* part : {"text", "cause", "action"}) EXPECT_FALSE(message.at(part).as_string().empty()) << name;
  }
  const auto manifest = parseJson(readAll(folder / "plugin.json"));
  const auto& schema = manifest.at("serverTypes").at(0).at("settings");
  std::set<std::string> described, known;
  for (const auto& [name, property] : schema.at("properties").as_object()) {
    described.insert(std::string(name));
    EXPECT_TRUE(property.as_object().contains("x-label")) << std::string(name);
  }
  const auto plain = toJson([] {
    Settings all;
    all.local_port = all.local_secure_port = 1;
    return all;
  }());
  for (const auto& [name, value] : plain.as_object()) {
    known.insert(std::string(name));
    const auto* standard = schema.at("properties").at(name).as_object().if_contains("default");
    if (standard) {
      EXPECT_EQ(boost::json::serialize(*standard), boost::json::serialize(value)) << std::string(name);
    }
  }
  EXPECT_EQ(described, known);
}

}  // namespace
}  // namespace jackfield::calls::tests
