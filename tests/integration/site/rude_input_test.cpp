// SPDX-License-Identifier: Apache-2.0
// What goes wrong at the edges of a whole company is refused in clear words, and disturbs nothing else: two people talk
// and a browser watches them all the while.
#include <fstream>

#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>

#include "site.hpp"

namespace jackfield::tests {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class RudeInput : public testing::Test {
 protected:
  RudeInput() : watching(alice) {
    alice.post("/calls", {{"to", "1002"}});
    EXPECT_TRUE(site.alicePhone().waitForEvent("CALL_INCOMING", 10s));
    site.alicePhone().answer();
    EXPECT_TRUE(site.bobPhone().waitForEvent("CALL_INCOMING", 10s));
    site.bobPhone().answer();
    EXPECT_TRUE(waitFor(10s, [&] { return connected() == 2; }));
  }

  // Connections of Alice's only call that are connected.
  int connected() const {
    int out = 0;
    const auto calls = alice.get("/calls").body.at("calls");
    for (const auto& call : calls.as_array())
      for (const auto& connection : call.at("connections").as_array())
        out += connection.at("state").as_string() == "connected" ? 1 : 0;
    return out;
  }
  // The talk goes on and can be controlled, the servers are connected, the stream is open, nobody was alarmed.
  void expectNothingElseDisturbed() {
    EXPECT_EQ(connected(), 2);
    EXPECT_TRUE(site.waitForServer(morgan, "pbx", "connected", 1s));
    EXPECT_TRUE(site.waitForServer(morgan, "directory", "connected", 1s));
    EXPECT_TRUE(watching.open());
    const std::string call(alice.get("/calls").body.at("calls").at(0).at("id").as_string());
    ASSERT_TRUE(waitFor(10s, [&] { return alice.post("/calls/" + call + "/drop", json::object{}).status == 202; }));
    EXPECT_TRUE(site.bobPhone().waitForEvent("CALL_CLOSED", 10s));
    EXPECT_TRUE(watching.waitForFrame(5s, [](const json::object& frame) { return frame.at("type") == "contactLog"; }));
  }
  std::size_t alarms() const { return morgan.get("/admin/alarms?open=true").body.at("alarms").as_array().size(); }

  static std::string code(const Answer& answer) { return std::string(answer.body.at("code").as_string()); }
  // The text of that finding of a *Test*; empty when there is none.
  std::string finding(const std::string& type, const json::object& settings, const std::string& wanted) const {
    const auto answer = morgan.post("/admin/servers/test", {{"type", type}, {"settings", settings}});
    EXPECT_EQ(answer.status, 200) << json::serialize(answer.body);
    for (const auto& one : answer.body.at("findings").as_array())
      if (one.at("code").as_string() == wanted) return std::string(one.at("text").as_string());
    ADD_FAILURE() << wanted << " is not among " << json::serialize(answer.body);
    return {};
  }
  json::object directoryAt(const std::string& host, int port, const std::filesystem::path& authority) const {
    return {{"directoryType", "openLdap"},
            {"caFile", authority.string()},
            {"user",
             {{"domain", "brightwater.test"},
              {"servers", json::array{{{"host", host}, {"port", port}, {"security", "ldaps"}}}},
              {"loginId", "cn=jackfield,ou=services,dc=brightwater,dc=test"},
              {"password", "demo-service"}}},
            {"groups",
             {{"user", "cn=jackfield-users,ou=groups,dc=brightwater,dc=test"},
              {"administrator", "cn=jackfield-administrators,ou=groups,dc=brightwater,dc=test"}}}};
  }

  Site site;
  const ApiClient alice = site.person("alice"), morgan = site.administrator();
  EventStream watching;
};

TEST_F(RudeInput, WrongPasswordsLongSearchesHugeBodiesAndSlowClientsAreRefused) {
  const ApiClient stranger(site.host().port());
  const auto wrong = stranger.post("/session", {{"login", "alice"}, {"password", "certainly-wrong"}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(code(wrong), "auth.credentials");

  std::vector<Poco::Net::StreamSocket> slow;
  for (int i = 0; i < 100; ++i) {
    slow.emplace_back(Poco::Net::SocketAddress("127.0.0.1", static_cast<Poco::UInt16>(site.host().port())));
    const std::string begun = "GET /api/v1/calls HTTP/1.1\r\nX-Slow: ";
    slow.back().sendBytes(begun.data(), static_cast<int>(begun.size()));
  }
  const auto search = alice.get("/directory?search=" + std::string(1'000'000, 'a'));
  EXPECT_EQ(search.status, 414);
  EXPECT_EQ(code(search), "http.url");
  const auto huge = alice.post("/calls", {{"to", std::string(10 << 20, '1')}});
  EXPECT_EQ(huge.status, 413);
  EXPECT_EQ(code(huge), "http.body");
  expectNothingElseDisturbed();
  EXPECT_EQ(alarms(), 0U);
  for (auto& one : slow) {
    one.setReceiveTimeout(Poco::Timespan(30, 0));
    std::string answer(4096, '\0');
    answer.resize(static_cast<std::size_t>(one.receiveBytes(answer.data(), static_cast<int>(answer.size()))));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408")) << answer;
  }
}

TEST_F(RudeInput, ExpiredCertificatesAndUnknownServersAreNamedByTheTest) {
  const SlapdServer expired(JACKFIELD_PEERS, {}, {"SLAPD_CERT=expired"});
  const auto as_expired = [&](const std::string& host, int port) { return directoryAt(host, port, expired.caFile()); };
  const std::string day = finding("directory", as_expired("127.0.0.1", expired.ldapsPort()), "directory.tls.expired");
  EXPECT_NE(day.find("Feb  1 00:00:00 2020"), std::string::npos) << day;

  // RFC 6761: never resolves.
  const std::string nowhere = finding("directory", as_expired("directory.invalid", 636), "directory.unreachable");
  EXPECT_NE(nowhere.find("directory.invalid"), std::string::npos) << nowhere;
  const json::object call_server{{"domain", "brightwater.test"},
                                 {"sipRemoteHost", "callserver.invalid"},
                                 {"localHost", "127.0.0.1"},
                                 {"localPort", freePort()}};
  const std::string unknown = finding("sip", call_server, "sip.test.unknownHost");
  EXPECT_NE(unknown.find("callserver.invalid"), std::string::npos) << unknown;
  expectNothingElseDisturbed();
  EXPECT_EQ(alarms(), 0U) << "what is only tested alarms nobody";
}

TEST_F(RudeInput, AMalformedLdifIsRefusedWithItsLineAndTheGoodOneIsTakenAfterwards) {
  const auto folder = site.folder() / "second";
  const auto ldif = site.folder() / "malformed.ldif";
  std::ofstream(ldif) << "dn: dc=second,dc=test\nobjectClass: dcObject\nobjectClass: organization\no: Second\n"
                         "dc: second\n\ndn: uid=x,dc=second,dc=test\nobjectClass inetOrgPerson without a colon\n";
  const int plain = freePort(), secure = freePort();
  const auto start = [&](const std::string& file) {
    Process peer({JACKFIELD_PEERS "/slapd/start", folder.string(), std::to_string(plain), std::to_string(secure), file},
                 site.folder() / "second.out");
    const auto ended = peer.wait(60s);
    return std::pair(ended, peer.output());
  };
  const auto [refused, words] = start(ldif.string());
  EXPECT_NE(refused, 0);
  EXPECT_NE(words.find("the LDIF was refused"), std::string::npos) << words;
  EXPECT_NE(words.find("line"), std::string::npos) << words;
  const auto [taken, more] = start(JACKFIELD_PEERS "/slapd/people.ldif");
  EXPECT_EQ(taken, 0) << more;
  run({JACKFIELD_PEERS "/slapd/stop", folder.string()}, site.folder() / "second.out");
  expectNothingElseDisturbed();
}

}  // namespace
}  // namespace jackfield::tests
