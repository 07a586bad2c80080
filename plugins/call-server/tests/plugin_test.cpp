// SPDX-License-Identifier: Apache-2.0
// The plugin as the host sees it: settings judged, link state told, Test answered, records loaded, commands served.
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
    (void)bind(udp, reinterpret_cast<sockaddr*>(&at), size);
    getsockname(udp, reinterpret_cast<sockaddr*>(&at), &size);
    const bool both = bind(tcp, reinterpret_cast<sockaddr*>(&at), size) == 0;
    close(udp);
    close(tcp);
    if (both) return ntohs(at.sin_port);
  }
}

std::string readAll(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
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
    last = host.call<server::TestResult>("server/1.test", boost::json::object()).findings;
    std::set<std::string> codes;
    for (const auto& finding : last) codes.insert(finding.code);
    return codes;
  }
  // Of the last findings.
  std::string textOf(const std::string& code) const {
    for (const auto& finding : last)
      if (finding.code == code) return finding.text;
    return {};
  }
  std::set<std::string> itemsOf(const std::string& code) const {
    std::set<std::string> items;
    for (const auto& finding : last)
      if (finding.code == code) items.insert(finding.item);
    return items;
  }

  unsigned remote = freePort(), local = freePort();
  std::string loaded_prefix;
  std::vector<server::Finding> last;
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
  EXPECT_EQ(textOf("sip.test.refused"), "call server 127.0.0.1:" + std::to_string(remote) +
                                            " is not accepting SIP messages from this appliance at 127.0.0.1 (403 "
                                            "Forbidden)");
}

TEST_F(PluginEdge, TestListsWhatOnlyAPersonCanCompareWithTheValuesThatMustBeThere) {
  const Peer peer(remote);
  EXPECT_FALSE(findings(settings()).contains("sip.test.byHand.certificate"));
  const std::string own = "127.0.0.1:" + std::to_string(local);
  EXPECT_EQ(textOf("sip.test.byHand.port"),
            "the call server must send to one of " + own + " over udp, " + own + " over tcp");
  EXPECT_EQ(textOf("sip.test.byHand.domain"), "the call server must address this appliance by the domain site.test");
  EXPECT_NE(textOf("sip.test.byHand.phases"), "");
  auto secure = settings();
  secure["localSecurePort"] = local + 1;
  secure["certificateFolder"] = "/nonexistent";
  EXPECT_TRUE(findings(secure).contains("sip.test.byHand.certificate"));
}

TEST_F(PluginEdge, TestTellsAnUnknownHostAndAnotherTransportApart) {
  const Peer peer(remote);
  auto unknown = settings();
  unknown["sipRemoteHost"] = "callserver.invalid";  // RFC 6761: never resolves
  const auto found = findings(unknown);
  EXPECT_TRUE(found.contains("sip.test.unknownHost"));
  EXPECT_FALSE(found.contains("sip.test.silent"));
  EXPECT_NE(textOf("sip.test.unknownHost").find("callserver.invalid"), std::string::npos);
  auto other = settings();
  other["sipRemoteTransport"] = "tcp";  // the peer listens on UDP alone
  EXPECT_TRUE(findings(other).contains("sip.test.silent"));
  EXPECT_NE(textOf("sip.test.silent").find("over tcp"), std::string::npos);
}

TEST_F(PluginEdge, TestAsksEverySessionManagerAndTheCallServerOnlyWhereItMayBeReachedDirectly) {
  const unsigned first = freePort();
  const Peer direct(remote), manager(first);
  auto with = settings();
  with["sessionManagers"] = boost::json::array{{{"host", "127.0.0.1"}, {"port", first}, {"transport", "udp"}},
                                               {{"host", "127.0.0.1"}, {"port", freePort()}, {"transport", "udp"}}};
  const auto found = findings(with);
  EXPECT_TRUE(found.contains("sip.test.ok"));
  EXPECT_TRUE(found.contains("sip.test.silent")) << "the second manager";
  const auto asks = [&] { return itemsOf("sip.test.ok"); };
  using Items = std::set<std::string>;
  const std::string by_manager = "reachability of session manager 127.0.0.1:" + std::to_string(first);
  EXPECT_EQ(asks(), (Items{by_manager, "reachability of call server 127.0.0.1:" + std::to_string(remote)}));
  with["allowDirectConnection"] = false;
  findings(with);
  EXPECT_EQ(asks(), Items{by_manager});
}

TEST_F(PluginEdge, TheStateSaysThatTheCallServerTakesNoMessagesFromHere) {
  const Peer refusing(remote, "site.test", 403);
  host.configure(settings());
  host.start();
  ASSERT_TRUE(reaches(LinkState::disconnected));
  EXPECT_EQ(host.eventsAs<server::State>("server/1.state").back().reason,
            "127.0.0.1:" + std::to_string(remote) + " is not accepting SIP messages from this appliance at 127.0.0.1:" +
                std::to_string(local) + " (403 Forbidden)");
  host.stop();
}

TEST_F(PluginEdge, AnswersTheProbesOfTheFarEnd) {
  host.configure(settings());
  host.start();
  ASSERT_TRUE(reaches(LinkState::disconnected)) << "it listens, whoever is there";
  sip::AgentConfig config;
  config.listen = {{"127.0.0.1", 0, "udp"}};
  sip::Agent manager(config);
  int status = 0;
  const std::string us = "sip:127.0.0.1:" + std::to_string(local);
  const auto probe = manager.send("OPTIONS", us, "<sip:manager@site.test>", "<" + us + ">", us, {},
                                  [&](const sip::Message& answer) { status = answer.status; });
  EXPECT_TRUE(host.runUntil([&] {
    manager.step(1ms);
    return status != 0;
  }));
  EXPECT_EQ(status, 200);
  host.stop();
}

TEST_F(PluginEdge, FourSessionManagersAreTheMost) {
  const auto manifest = parseJson(readAll(std::filesystem::path(CALL_SERVER_SOURCE) / "plugin.json"));
  EXPECT_EQ(manifest.at_pointer("/serverTypes/0/settings/properties/sessionManagers/maxItems").as_int64(), 4);
}

// Makes an authority and a certificate with these names in a folder; nothing else stands in it.
void makeCertificate(const std::filesystem::path& folder, const std::string& names, bool expired = false) {
  std::filesystem::create_directories(folder);
  const std::string in = "cd " + folder.string() + " && ";
  const std::string key = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test ";
  const auto shell = [&](const std::string& line) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else runs yet
    ASSERT_EQ(std::system((in + line + " 2>/dev/null").c_str()), 0) << line;
  };
  shell(key + "-x509 -days 10 -keyout ca.key -out cafile.pem");
  shell(key + "-keyout key.pem -out request.pem");
  shell(
      "touch index.txt && printf '%s\n' '[ca]' 'default_ca=own' '[own]' 'database=index.txt' 'rand_serial=yes' "
      "'new_certs_dir=.' 'default_md=sha256' 'policy=any' '[any]' 'commonName=supplied' '[names]' 'subjectAltName=" +
      names + "' > ca.conf");
  shell(
      "openssl ca -batch -notext -config ca.conf -extensions names -cert cafile.pem -keyfile ca.key -in request.pem "
      "-out cert.pem -startdate 20200101000000Z -enddate " +
      std::string(expired ? "20200201000000Z" : "20991231235959Z"));
  shell("cat cert.pem key.pem > agent.pem");
}

// The call server's and our folder of certificates, and a TLS end that shows one of them.
class Certificates : public ::testing::Test {
 protected:
  Certificates() {
    makeCertificate(folder / "own", "DNS:own.test");
    config.certificates = folder / "peer";
  }
  ~Certificates() override { std::filesystem::remove_all(folder); }

  // What *Test* says of it, with the authorities and the certificate of `ours`.
  std::vector<server::Finding> judged(const std::string& ours) {
    const unsigned port = freePort();
    config.listen = {{"127.0.0.1", port, "tls"}};
    std::atomic<bool> up = false;
    const std::jthread peer([&](const std::stop_token& stop) {
      sip::Agent agent(config);
      up = true;
      while (!stop.stop_requested()) agent.step(5ms);
    });
    while (!up) std::this_thread::yield();
    return checkCertificate({"127.0.0.1", port, "tls"}, folder / ours);
  }
  std::set<std::string> codes(const std::string& ours) {
    std::set<std::string> out;
    for (const auto& finding : judged(ours)) out.insert(finding.code);
    return out;
  }

  using Codes = std::set<std::string>;
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("jackfield-tls-" + std::to_string(getpid()));
  sip::AgentConfig config;
};

TEST_F(Certificates, TestJudgesChainAndName) {
  makeCertificate(folder / "peer", "URI:sip:127.0.0.1");
  EXPECT_EQ(codes("peer"), Codes{"sip.test.tls.ok"});
  EXPECT_EQ(codes("own"), Codes{"sip.test.tls.chain"});
  std::filesystem::remove_all(folder / "peer");
  makeCertificate(folder / "peer", "DNS:elsewhere.test,IP:127.0.0.1");
  EXPECT_EQ(codes("peer"), Codes{"sip.test.tls.name"});
}

TEST_F(Certificates, TestNamesTheDayOnWhichACertificateExpired) {
  makeCertificate(folder / "peer", "URI:sip:127.0.0.1", true);
  const auto found = judged("peer");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, "sip.test.tls.expired");
  EXPECT_NE(found[0].text.find("Feb  1 00:00:00 2020"), std::string::npos) << found[0].text;
}

TEST_F(Certificates, TestShowsOursAndSaysWhetherItIsTaken) {
  makeCertificate(folder / "peer", "URI:sip:127.0.0.1");
  config.client_certificate = true;
  EXPECT_EQ(codes("peer"), (Codes{"sip.test.tls.ok", "sip.test.tls.oursTaken"}));
  EXPECT_TRUE(codes("own").contains("sip.test.tls.ours")) << "its authority is not installed there";
}

TEST_F(Certificates, TestSaysWhichFileOfOursIsMissing) {
  EXPECT_EQ(checkCertificate({"127.0.0.1", 1, "tls"}, folder / "absent").front().code, "sip.test.tls.ca");
  std::filesystem::remove(folder / "own" / "agent.pem");
  EXPECT_EQ(checkCertificate({"127.0.0.1", 1, "tls"}, folder / "own").front().code, "sip.test.tls.agent");
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
