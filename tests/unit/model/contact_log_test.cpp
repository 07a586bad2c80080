// SPDX-License-Identifier: Apache-2.0
// What each participant's log says about a call.
#include "model/contact_log.hpp"

#include <gtest/gtest.h>

namespace jackfield::model {
namespace {

using namespace call_control;
using ConnectionRole = call_control::Role;

// 1001 calls 1002; both are served; over at 9000.
class ContactLog : public ::testing::Test {
 protected:
  ContactLog() {
    call.id = "c1";
    call.created = 1000;
    call.ended = 9000;
    Connection caller;
    caller.device = "sip:1001@site";
    caller.number = "1001";
    caller.name = "Ann";
    caller.role = ConnectionRole::originating;
    caller.served = true;
    caller.since = 9000;
    Connection called = caller;
    called.device = "sip:1002@site";
    called.number = "1002";
    called.name = "Ben";
    called.role = ConnectionRole::terminating;
    call.connections = {caller, called};
  }
  void answer(std::int64_t at) {
    call.answered = at;
    for (auto& connection : call.connections) connection.answered = at;
  }
  Connection& called() { return call.connections[1]; }
  Call call;
};

TEST_F(ContactLog, AnAnsweredCallIsOutgoingForOneAndIncomingForTheOther) {
  answer(3000);
  const auto ann = loggedCall(call, "sip:1001@site");
  const auto ben = loggedCall(call, "sip:1002@site");
  ASSERT_TRUE(ann && ben);
  EXPECT_FALSE(ann->incoming);
  EXPECT_TRUE(ben->incoming);
  EXPECT_EQ(ann->number, "1002");
  EXPECT_EQ(ben->name, "Ann");
  EXPECT_EQ(ann->answered, 3000);
  EXPECT_EQ(ben->started, 1000);
  EXPECT_EQ(ben->ended, 9000);
  EXPECT_FALSE(ann->missed || ben->missed);
}

TEST_F(ContactLog, WhoCameByATransferSeesWhomTheyTalkedWith) {
  answer(3000);
  Connection third = called();
  third.device = "sip:1003@site";
  third.number = "1003";
  third.name = "Cy";
  third.answered = 5000;
  call.connections.push_back(third);
  call.connections[0].since = 4000;  // transferred, and left
  EXPECT_EQ(loggedCall(call, "sip:1003@site")->number, "1002");
  EXPECT_EQ(loggedCall(call, "sip:1002@site")->number, "1001") << "who called";
  EXPECT_EQ(loggedCall(call, "sip:1001@site")->number, "1002");
}

TEST_F(ContactLog, AnUnansweredCallIsMissedForTheCalledAndNeverForTheCaller) {
  for (const auto cause : {Cause::noAnswer, Cause::cancelled, Cause::busy, Cause::unreachable, Cause::lost}) {
    called().cause = cause;
    EXPECT_TRUE(loggedCall(call, "sip:1002@site")->missed) << static_cast<int>(cause);
    EXPECT_FALSE(loggedCall(call, "sip:1001@site")->missed);
  }
}

TEST_F(ContactLog, ARefusedCallIsLoggedButNotMissed) {
  called().cause = Cause::refused;
  const auto ben = loggedCall(call, "sip:1002@site");
  ASSERT_TRUE(ben);
  EXPECT_FALSE(ben->missed);
  EXPECT_EQ(ben->answered, 0);
}

TEST_F(ContactLog, ACallTakenByAnotherIsNotInTheLogOfThoseWhomItOnlyRang) {
  called().cause = Cause::answeredElsewhere;
  EXPECT_FALSE(loggedCall(call, "sip:1002@site"));
}

TEST_F(ContactLog, TheOneWhoAnsweredIsTheOtherPartyOfTheCaller) {
  Connection third = called();
  third.device = "sip:1003@site";
  third.number = "1003";
  third.answered = 2000;
  called().cause = Cause::answeredElsewhere;
  call.connections.push_back(third);
  EXPECT_EQ(loggedCall(call, "sip:1001@site")->number, "1003");
  EXPECT_EQ(loggedCall(call, "sip:1001@site")->answered, 2000);
}

TEST_F(ContactLog, NothingIsLoggedWhileTheConnectionLivesOrForStrangers) {
  EXPECT_FALSE(loggedCall(call, "sip:9@site"));
  called().served = false;
  EXPECT_FALSE(loggedCall(call, "sip:1002@site"));
  called().served = true;
  for (const auto state : {ConnectionState::alerting, ConnectionState::connected, ConnectionState::held}) {
    called().state = state;
    EXPECT_FALSE(loggedCall(call, "sip:1002@site"));
  }
}

TEST_F(ContactLog, SignalledNamesAreMadeHarmless) {
  call.connections[0].name = std::string("A\0n\nn\x7f", 6) + std::string(1'000'000, 'x');
  const auto name = loggedCall(call, "sip:1002@site")->name;
  EXPECT_EQ(name.substr(0, 6), "A n n ");
  EXPECT_LE(name.size(), 256U);
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\xc3\xa4";
  EXPECT_EQ(printable("x" + umlauts).size(), 255U) << "cut between characters";
}

}  // namespace
}  // namespace jackfield::model
