// SPDX-License-Identifier: Apache-2.0
// The main job, end to end: sign in with the directory password, see calls live, place, hold, retrieve and end them,
// find them in the log; and what holds when the host is killed, the call server stops, or a phone does it itself.
#include <gtest/gtest.h>

#include "site.hpp"

namespace jackfield::tests {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class MainJob : public testing::Test {
 protected:
  static std::string state(const ApiClient& who, const std::string& login_name) {
    const auto calls = who.get("/calls").body.at("calls").as_array();
    if (calls.empty()) return "none";
    for (const auto& connection : calls.front().at("connections").as_array())
      if (const auto* user = connection.as_object().if_contains("user");
          user && user->at("name").as_string() == login_name)
        return std::string(connection.at("state").as_string());
    return "absent";
  }
  static bool waitForState(const ApiClient& who, const std::string& name, const std::string& wanted) {
    const bool reached = waitFor(10s, [&] { return state(who, name) == wanted; });
    if (!reached) ADD_FAILURE() << name << " is " << state(who, name) << ", not " << wanted;
    return reached;
  }
  // Gives a command for the caller's own connection, once the verb is offered: while the last command is on its way
  // to the phones, no other is.
  static int command(const ApiClient& who, const std::string& name, const std::string& verb) {
    const std::string offered = verb == "drop" ? "clear" : verb;
    waitFor(10s, [&] {
      const auto calls = who.get("/calls").body.at("calls").as_array();
      for (const auto& connection : calls.at(0).at("connections").as_array()) {
        const auto* user = connection.as_object().if_contains("user");
        if (!user || user->at("name").as_string() != name) continue;
        for (const auto& possible : connection.at("verbs").as_array())
          if (possible.as_string() == offered) return true;
      }
      return false;
    });
    return who.post("/calls/" + callId(who) + "/" + verb, json::object{}).status;
  }
  static std::string callId(const ApiClient& who) {
    return std::string(who.get("/calls").body.at("calls").as_array().at(0).at("id").as_string());
  }
  static json::value newestLogEntry(const ApiClient& who) {
    json::value newest;
    waitFor(5s, [&] {
      const auto entries = who.get("/contact-log").body.at("entries").as_array();
      if (entries.empty()) return false;
      newest = entries.front();
      return true;
    });
    return newest;
  }
  // Alice's browser calls Bob; both phones are answered.
  static void talk(Site& site, const ApiClient& alice) {
    ASSERT_EQ(alice.post("/calls", {{"to", "1002"}}).status, 202);
    ASSERT_TRUE(site.alicePhone().waitForEvent("CALL_INCOMING", 10s));
    site.alicePhone().answer();
    ASSERT_TRUE(site.bobPhone().waitForEvent("CALL_INCOMING", 10s));
    site.bobPhone().answer();
    ASSERT_TRUE(waitForState(alice, alice_name, "connected"));
    ASSERT_TRUE(waitForState(alice, bob_name, "connected"));
  }

  static constexpr const char* alice_name = "Alice Archer";
  static constexpr const char* bob_name = "Bob Baker";
  static constexpr const char* carol_name = "Carol Carter";
};

TEST_F(MainJob, ACallMadeInTheBrowserIsSeenByBothHeldRetrievedDroppedAndLoggedWithNames) {
  Site site;
  const ApiClient alice = site.person("alice"), bob = site.person("bob");
  EventStream bob_sees(bob);
  talk(site, alice);
  EXPECT_TRUE(waitForState(bob, alice_name, "connected"));
  EXPECT_EQ(callId(alice), callId(bob)) << "one call, whatever its Call-IDs";

  ASSERT_EQ(command(alice, alice_name, "hold"), 202);
  EXPECT_TRUE(waitForState(bob, alice_name, "held"));
  ASSERT_EQ(command(alice, alice_name, "retrieve"), 202);
  EXPECT_TRUE(waitForState(bob, alice_name, "connected"));
  ASSERT_EQ(command(bob, bob_name, "drop"), 202);
  EXPECT_TRUE(site.alicePhone().waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(site.bobPhone().waitForEvent("CALL_CLOSED", 10s));

  const auto of_alice = newestLogEntry(alice), of_bob = newestLogEntry(bob);
  EXPECT_EQ(of_alice.at("direction"), "outgoing");
  EXPECT_EQ(of_alice.at("name"), bob_name);
  EXPECT_EQ(of_bob.at("direction"), "incoming");
  EXPECT_EQ(of_bob.at("name"), alice_name);
  EXPECT_EQ(of_bob.at("missed"), false);
  EXPECT_GT(of_bob.at("ended").as_int64(), of_bob.at("answered").as_int64());
  EXPECT_EQ(alice.get("/contact-log").body.at("entries").as_array().size(), 1U) << "one row a participant";
  EXPECT_TRUE(bob_sees.waitForFrame(5s, [](const json::object& frame) { return frame.at("type") == "contactLog"; }));
}

TEST_F(MainJob, APhonesOwnKeysHoldRetrieveAndHangUp) {
  Site site;
  const ApiClient bob = site.person("bob");
  site.alicePhone().dial(Site::uri("1002"));
  ASSERT_TRUE(site.bobPhone().waitForEvent("CALL_INCOMING", 10s));
  EXPECT_TRUE(waitForState(bob, bob_name, "alerting"));
  site.bobPhone().answer();
  ASSERT_TRUE(waitForState(bob, bob_name, "connected"));
  site.alicePhone().hold();
  EXPECT_TRUE(waitForState(bob, alice_name, "held"));
  site.alicePhone().resume();
  EXPECT_TRUE(waitForState(bob, alice_name, "connected"));
  site.alicePhone().hangUp();
  EXPECT_TRUE(waitFor(10s, [&] { return bob.get("/calls").body.at("calls").as_array().empty(); }));
  EXPECT_EQ(newestLogEntry(bob).at("direction"), "incoming");
}

TEST_F(MainJob, AnAnsweredCallIsTransferredByTheCommandOfEitherParty) {
  Site site;
  site.addPhone("1003");
  const ApiClient alice = site.person("alice"), bob = site.person("bob"), carol = site.person("carol");
  talk(site, alice);
  const std::string call = callId(bob);
  ASSERT_EQ(alice.post("/calls/" + call + "/transfer", {{"to", "1003"}}).status, 202);
  ASSERT_TRUE(site.phone("1003").waitForEvent("CALL_INCOMING", 10s));
  EXPECT_TRUE(site.alicePhone().waitForEvent("CALL_CLOSED", 10s)) << "who transfers is free as soon as it rings";
  EXPECT_TRUE(waitFor(5s, [&] { return alice.get("/calls").body.at("calls").as_array().empty(); }));
  EXPECT_EQ(newestLogEntry(alice).at("name"), bob_name);
  site.phone("1003").answer();
  EXPECT_TRUE(waitForState(bob, carol_name, "connected"));
  EXPECT_EQ(callId(carol), call) << "it is the same call";
  ASSERT_EQ(command(carol, carol_name, "hold"), 202);
  EXPECT_TRUE(waitForState(bob, carol_name, "held"));
  site.bobPhone().hangUp();
  EXPECT_TRUE(site.phone("1003").waitForEvent("CALL_CLOSED", 10s));
  const auto of_carol = newestLogEntry(carol);
  EXPECT_EQ(of_carol.at("direction"), "incoming");
  EXPECT_EQ(of_carol.at("name"), bob_name) << "whom she talked with";
}

TEST_F(MainJob, AMissedCallIsInTheLogOfSomeoneWhoWasNotSignedIn) {
  Site site;
  site.alicePhone().dial(Site::uri("1002"));
  ASSERT_TRUE(site.bobPhone().waitForEvent("CALL_INCOMING", 10s));
  site.alicePhone().hangUp();
  ASSERT_TRUE(site.bobPhone().waitForEvent("CALL_CLOSED", 10s));
  const ApiClient bob = site.person("bob");
  const auto entry = newestLogEntry(bob);
  EXPECT_EQ(entry.at("missed"), true);
  EXPECT_EQ(entry.at("name"), alice_name);
  EXPECT_EQ(entry.at("answered").as_int64(), 0);
}

TEST_F(MainJob, AKilledHostFindsItsCallAgainAndMissesNothing) {
  Site site;
  const ApiClient alice = site.person("alice");
  std::string cursor;
  {
    EventStream stream(alice);
    talk(site, alice);
    ASSERT_TRUE(stream.waitForFrame(5s, [](const json::object& frame) { return frame.at("type") == "call"; }));
    cursor = stream.cursor();
  }
  const std::string call = callId(alice);
  site.host().kill();
  site.host().start();
  ASSERT_TRUE(waitForState(alice, alice_name, "connected")) << "the token and the call survive";
  EXPECT_EQ(callId(alice), call);
  EventStream resumed(alice, cursor);
  ASSERT_TRUE(waitFor(20s, [&] { return alice.post("/calls/" + call + "/hold", json::object{}).status == 202; }))
      << "controllable again";
  EXPECT_TRUE(waitForState(alice, alice_name, "held"));
  site.bobPhone().hangUp();
  EXPECT_TRUE(site.alicePhone().waitForEvent("CALL_CLOSED", 10s)) << "a hang-up ends both legs";
  EXPECT_TRUE(resumed.waitForFrame(10s, [](const json::object& frame) { return frame.at("type") == "contactLog"; }));
  std::uint64_t last = 0;
  for (const auto& frame : resumed.frames()) {
    const std::string text(frame.at("cursor").as_string());
    const std::uint64_t sequence = std::stoull(text.substr(text.find(':') + 1));
    EXPECT_GT(sequence, last) << "once and in order";
    last = sequence;
  }
  EXPECT_EQ(newestLogEntry(alice).at("call").as_string(), call);
}

TEST_F(MainJob, WhatRangWhenTheHostWasKilledFallsSilentAndIsInTheLogOfTheCalled) {
  Site site;
  const ApiClient bob = site.person("bob");
  EventStream stream(bob);
  site.alicePhone().dial(Site::uri("1002"));
  ASSERT_TRUE(site.bobPhone().waitForEvent("CALL_INCOMING", 10s));
  ASSERT_TRUE(site.alicePhone().waitForEvent("CALL_RINGING", 5s));
  ASSERT_TRUE(stream.waitForFrame(5s, [](const json::object& frame) {
    return frame.at("type") == "call" && json::serialize(frame).find("\"alerting\"") != std::string::npos;
  })) << "told, so on disk";
  site.host().kill();
  site.host().start();
  EXPECT_TRUE(site.bobPhone().waitForEvent("CALL_CLOSED", 20s));
  EXPECT_TRUE(site.alicePhone().waitForEvent("CALL_CLOSED", 20s));
  EXPECT_TRUE(waitFor(10s, [&] { return bob.get("/calls").body.at("calls").as_array().empty(); }));
  const auto entry = newestLogEntry(bob);
  EXPECT_EQ(entry.at("missed"), true);
  EXPECT_EQ(entry.at("name"), alice_name);
  EXPECT_EQ(entry.at("cause"), "lost") << "nobody gave up: the connection was";
  const auto of_caller = newestLogEntry(site.person("alice"));
  EXPECT_EQ(of_caller.at("direction"), "outgoing");
  EXPECT_EQ(of_caller.at("cause"), "lost");
}

TEST_F(MainJob, WithoutJackfieldThePhonesCallEachOtherAndWithoutKamailioTalkGoesOn) {
  Site site;
  const ApiClient alice = site.person("alice"), morgan = site.administrator();
  talk(site, alice);
  const std::string call = callId(alice);
  site.stopKamailio();
  EXPECT_TRUE(site.waitForServer(morgan, "pbx", "down", 20s));
  EXPECT_TRUE(waitFor(5s, [&] { return !morgan.get("/admin/alarms?open=true").body.at("alarms").as_array().empty(); }));
  EXPECT_EQ(state(alice, bob_name), "connected") << "a talking call goes on";
  site.startKamailio();
  EXPECT_TRUE(site.waitForServer(morgan, "pbx", "connected", 20s)) << "back without help";
  EXPECT_TRUE(waitFor(5s, [&] { return morgan.get("/admin/alarms?open=true").body.at("alarms").as_array().empty(); }));
  EXPECT_EQ(callId(alice), call);
  ASSERT_EQ(command(alice, alice_name, "drop"), 202);
  ASSERT_TRUE(site.bobPhone().waitForEvent("CALL_CLOSED", 10s));

  site.host().stop();
  site.alicePhone().dial(Site::uri("1002"));
  EXPECT_TRUE(site.bobPhone().waitForEvent("CALL_INCOMING", 6s)) << "within one probe interval";
  site.bobPhone().answer();
  EXPECT_TRUE(site.alicePhone().waitForEvent("CALL_ESTABLISHED", 10s));
}

}  // namespace
}  // namespace jackfield::tests
