// SPDX-License-Identifier: Apache-2.0
// The plugin with a real call server and real phones: calls, keys, commands, failures and kills.
#include <fstream>

#include "fixture.hpp"

namespace jackfield::tests {
namespace {

using namespace std::chrono_literals;

using InPath = CallServerSite;

TEST_F(InPath, ACallBetweenTwoServedUsersIsOneCallWithTwoServedConnections) {
  open({"1001", "1002"});
  talk();
  const auto all = events();
  for (const auto& event : all) EXPECT_EQ(event.call.id, all.front().call.id);
  ASSERT_EQ(call().connections.size(), 2U);
  for (const auto& connection : call().connections) {
    EXPECT_TRUE(connection.served) << connection.number;
    EXPECT_GT(connection.answered, 0) << connection.number;
  }
  phone("1001").hangUp();
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(ended());
  EXPECT_TRUE(waitFor(5s, [&] { return records().empty(); }));
}

TEST_F(InPath, APhonesOwnKeyHoldsAndRetrieves) {
  open({"1001", "1002"});
  talk();
  phone("1001").hold();
  EXPECT_TRUE(becomes("1001", "held"));
  EXPECT_EQ(state("1002"), "connected");
  phone("1001").resume();
  EXPECT_TRUE(becomes("1001", "connected"));
  phone("1002").hangUp();
  EXPECT_TRUE(ended());
}

TEST_F(InPath, HoldRetrieveAndDropFromJackfield) {
  open({"1001", "1002"});
  talk();
  onParty("holdCall", "1002");
  EXPECT_TRUE(becomes("1002", "held"));
  onParty("retrieveCall", "1002");
  EXPECT_TRUE(becomes("1002", "connected"));
  onParty("clearConnection", "1002");
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(ended());
}

TEST_F(InPath, MissedAndRefusedCallsSaySo) {
  open({"1001", "1002"});
  missedAndRefused();
}

TEST_F(InPath, ACallFromTheBrowserRingsTheOwnPhoneThenTheOther) {
  open({"1001", "1002"});
  callFromTheBrowser();
}

TEST_F(InPath, WithoutJackfieldPhonesCallEachOtherWithinAProbeInterval) {
  open({"1001", "1002"});
  killJackfield();
  // At once: the failure route, at most its two seconds for each of the two phases.
  phone("1001").dial(uri("1002"));
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 6s));
  phone("1002").answer();
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_ESTABLISHED", 5s));
  phone("1001").hangUp();
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 5s));
  // And it comes back into the path by itself.
  startJackfield();
  EXPECT_TRUE(waitFor(15s, [&] {
    phone("1001").dial(uri("1002"));
    const bool rang = phone("1002").waitForEvent("CALL_INCOMING", 5s);
    phone("1001").hangUp();
    phone("1002").waitForEvent("CALL_CLOSED", 5s);
    return rang && !events().empty();
  }));
}

TEST_F(InPath, EmergencyNumbersNeverPassJackfield) {
  open({"1001", "1002"});
  phone("1001").dial(uri("112"));
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  phone("1001").dial(uri("1002"));
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 10s));
  ASSERT_TRUE(becomes("1002", "alerting"));
  for (const auto& event : events()) {
    for (const auto& connection : event.call.connections) EXPECT_NE(connection.number, "112");
  }
}

using Killed = CallServerSite;

TEST_F(Killed, AnAnsweredCallIsThereAgainConfirmedAndControllable) {
  open({"1001", "1002"});
  talk();
  const auto id = call().id;
  ASSERT_TRUE(waitFor(5s, [&] { return !records().empty(); }));
  killJackfield();
  startJackfield();
  EXPECT_EQ(call().id, id);
  ASSERT_TRUE(waitFor(10s, [&] {
    const auto now = call();
    return !now.connections.empty() && now.connections[0].confirmed && now.connections[1].confirmed;
  }));
  EXPECT_EQ(state("1001"), "connected");
  onParty("holdCall", "1001");
  EXPECT_TRUE(becomes("1001", "held"));
  onParty("retrieveCall", "1001");
  EXPECT_TRUE(becomes("1001", "connected"));
}

TEST_F(Killed, AHangUpFromEitherSideEndsBothLegs) {
  open({"1001", "1002"});
  for (const auto& [who, other] : {std::pair("1001", "1002"), std::pair("1002", "1001")}) {
    talk();
    killJackfield();
    startJackfield();
    phone(who).hangUp();
    EXPECT_TRUE(phone(other).waitForEvent("CALL_CLOSED", 10s)) << who;
    EXPECT_TRUE(waitFor(10s, [&] { return records().empty(); }));
    killJackfield();
    startJackfield();
    ASSERT_TRUE(waitFor(15s, [&] { return linkState() == "connected"; }));
  }
}

TEST_F(Killed, ACallThatEndedMeanwhileIsNoPhantom) {
  open({"1001", "1002"});
  talk();
  killJackfield();
  phone("1001").hangUp();
  phone("1002").hangUp();
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 40s));
  startJackfield();
  EXPECT_TRUE(waitFor(40s, [&] { return call().ended > 0 && records().empty(); }));
  for (const auto& connection : call().connections) EXPECT_EQ(nameOf(connection.state), "null") << connection.number;
}

TEST_F(Killed, ARingingCallEndsForBothPhonesAfterTheRestart) {
  open({"1001", "1002"});
  phone("1001").dial(uri("1002"));
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 10s));
  ASSERT_TRUE(becomes("1002", "alerting"));
  ASSERT_TRUE(phone("1001").waitForEvent("CALL_RINGING", 5s));
  ASSERT_TRUE(waitFor(5s, [&] { return keptRinging() == 2; })) << "that of each phone";
  killJackfield();
  startJackfield();
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(waitFor(5s, [&] { return records().empty(); }));
}

TEST_F(Killed, KamailioAwayIsSaidAtOnceAndTalkGoesOn) {
  open({"1001", "1002"});
  talk();
  stopKamailio();
  EXPECT_TRUE(waitFor(10s, [&] { return linkState() == "disconnected"; }));
  EXPECT_EQ(state("1001"), "connected");
  startKamailio();
  ASSERT_TRUE(waitFor(10s, [&] { return linkState() == "connected"; }));
  EXPECT_EQ(call().ended, 0);
  phone("1001").hangUp();
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 15s));
  EXPECT_TRUE(ended());
}

TEST_F(Killed, AHangUpThatNobodyHeardIsFoundByProbing) {
  open({"1001", "1002"});
  talk();
  stopKamailio();
  ASSERT_TRUE(waitFor(10s, [&] { return linkState() == "disconnected"; }));
  phone("1001").hangUp();
  ASSERT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_EQ(call().ended, 0) << "Jackfield does not guess";
  startKamailio();
  EXPECT_TRUE(waitFor(40s, [&] { return call().ended > 0 && records().empty(); }));
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s)) << "who still waited is free";
}

TEST_F(Killed, ACallWhosePhonesDiedWhileKamailioWasAwayIsFoundByProbing) {
  open({"1001", "1002"});
  talk();
  stopKamailio();
  ASSERT_TRUE(waitFor(10s, [&] { return linkState() == "disconnected"; }));
  killPhone("1001");
  killPhone("1002");
  EXPECT_EQ(call().ended, 0) << "Jackfield does not guess";
  startKamailio();
  EXPECT_TRUE(waitFor(40s, [&] { return call().ended > 0 && records().empty(); }));
  for (const auto& connection : call().connections) {
    EXPECT_EQ(nameOf(connection.state), "null") << connection.number;
    EXPECT_EQ(connection.cause, cc::Cause::lost) << connection.number;
  }
}

class Transports : public CallServerSite, public testing::WithParamInterface<std::string> {
 protected:
  // Two phones that ring or talk over it between Kamailio and Jackfield.
  void openOver(const std::string& transport) {
    if (transport == "tls") {
      // Both ends show certificates of one authority, which Kamailio's start script makes.
      startKamailio("tls");
      stopKamailio();
      const auto made = folder.path() / "kamailio", certificates = folder.path() / "certificates";
      std::filesystem::create_directory(certificates);
      std::filesystem::copy(made / "ca.pem", certificates / "cafile.pem");
      std::ofstream agent(certificates / "agent.pem");
      agent << std::ifstream(made / "server.pem").rdbuf() << std::ifstream(made / "server.key").rdbuf();
      settings["certificateFolder"] = certificates.string();
      settings["localSecurePort"] = jackfield_tls_port;
      settings["requireClientCertificate"] = true;
      settings["sipRemoteSecure"] = true;
      settings["sipRemotePort"] = tls_port;
    } else {
      settings["sipRemoteTransport"] = transport;
    }
    open({"1001", "1002"}, transport);
  }
};

TEST_P(Transports, CarryACallBetweenKamailioAndJackfield) {
  openOver(GetParam());
  talk();
  onParty("holdCall", "1001");
  EXPECT_TRUE(becomes("1001", "held"));
  phone("1002").hangUp();
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(ended());
}

// The connections have died with the process; the ends travel over new ones.
TEST_P(Transports, CarryTheEndOfWhatRangWhenJackfieldWasKilled) {
  openOver(GetParam());
  phone("1001").dial(uri("1002"));
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 10s));
  ASSERT_TRUE(becomes("1002", "alerting"));
  ASSERT_TRUE(phone("1001").waitForEvent("CALL_RINGING", 5s));
  ASSERT_TRUE(waitFor(5s, [&] { return keptRinging() == 2; })) << "that of each phone";
  killJackfield();
  startJackfield();
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s)) << "the called phone stops ringing";
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s)) << "the caller's hears why it waits in vain";
  EXPECT_TRUE(waitFor(5s, [&] { return records().empty(); }));
}

INSTANTIATE_TEST_SUITE_P(Each, Transports, testing::Values("tcp", "tls"), [](const auto& each) { return each.param; });

}  // namespace
}  // namespace jackfield::tests
