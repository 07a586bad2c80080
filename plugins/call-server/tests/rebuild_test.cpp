// SPDX-License-Identifier: Apache-2.0
// After a crash: answered calls are there again with what was on disk, and those that ended meanwhile are found.
#include "lab.hpp"

namespace jackfield::calls::tests {
namespace {

class Rebuild : public Lab {};

TEST_F(Rebuild, AnAnsweredCallComesBackUnconfirmedIsProbedAndThenConfirmed) {
  auto& caller = talk();
  const auto id = call().id;
  crash();
  ASSERT_EQ(resyncs.size(), 1U);
  ASSERT_EQ(resyncs.back().calls.size(), 1U);
  EXPECT_EQ(resyncs.back().calls.front().id, id);
  EXPECT_FALSE(resyncs.back().calls.front().connections.front().confirmed);
  board->probeAll();
  ASSERT_TRUE(until([&] { return party("1001").confirmed && party("1002").confirmed; }));
  EXPECT_TRUE(called().got("UPDATE")) << "its answer allowed it";
  EXPECT_TRUE(caller.got("INVITE")) << "its INVITE did not say that it may";
  EXPECT_EQ(caller.last("INVITE").body, called_sdp) << "with nothing new in it";
  EXPECT_EQ(stateOf("1001"), "connected");
}

TEST_F(Rebuild, AHangUpFromTheCallerEndsBothLegs) {
  auto& caller = talk();
  crash();
  request(caller, "BYE");
  EXPECT_TRUE(until([&] { return caller.lastStatus() == 200 && called().got("BYE") && kept.empty(); }));
}

TEST_F(Rebuild, AHangUpFromTheCalledEndsBothLegs) {
  auto& caller = talk();
  crash();
  request(called(), "BYE");
  EXPECT_TRUE(until([&] { return called().lastStatus() == 200 && caller.got("BYE") && kept.empty(); }));
}

TEST_F(Rebuild, TheCallCanStillBeHeldRetrievedAndDropped) {
  auto& caller = talk();
  crash();
  board->probeAll();
  ASSERT_TRUE(until([&] { return party("1001").confirmed; }));
  board->holdCall(command("1001"));
  ASSERT_TRUE(until([&] { return stateOf("1001") == "held"; }));
  EXPECT_NE(called().last("INVITE").body.find("o=a 1 2 "), std::string::npos) << "the version goes on";
  crash();
  EXPECT_EQ(nameOf(resyncs.back().calls.front().connections.front().state), "held");
  board->probeAll();
  ASSERT_TRUE(until([&] { return party("1001").confirmed; }));
  board->retrieveCall(command("1001"));
  ASSERT_TRUE(until([&] { return stateOf("1001") == "connected"; }));
  EXPECT_NE(called().last("INVITE").body.find("o=a 1 3 "), std::string::npos);
  board->clearConnection(command("1001"));
  EXPECT_TRUE(until([&] { return caller.got("BYE") && called().got("BYE"); }));
}

TEST_F(Rebuild, ACommandFollowsTheProbeWithoutWaiting) {
  auto& caller = talk();
  crash();
  caller.answers = false;
  board->probeAll();
  ASSERT_TRUE(until([&] { return caller.got("INVITE"); }));
  board->holdCall(command("1001"));
  ASSERT_TRUE(until([&] { return called().got("INVITE"); }));
  caller.answers = true;
  caller.pending->reply(200, "OK", {{}, "application/sdp", caller_sdp});
  EXPECT_TRUE(until([&] { return stateOf("1001") == "held"; }, 150ms)) << "the probe is no glare to be waited out";
}

TEST_F(Rebuild, ALegThatThePeerForgotEndsTheCallAsLost) {
  auto& caller = talk();
  crash();
  called().status = 481;
  board->probeAll();
  ASSERT_TRUE(until([&] { return call().ended > 0; }));
  EXPECT_EQ(party("1001").cause, cc::Cause::lost);
  EXPECT_TRUE(until([&] { return caller.got("BYE"); })) << "the other phone does not stay connected";
  EXPECT_TRUE(kept.empty());
}

TEST_F(Rebuild, ASilentPeerSaysNothingWhileTheLinkIsDown) {
  talk();
  crash();
  link_up = false;
  ends_before.clear();
  ends_behind.clear();
  front.reset();  // the call server is away
  board->probeAll();
  const auto end = std::chrono::steady_clock::now() + 8s;  // beyond 64 x T1
  while (std::chrono::steady_clock::now() < end) agent->step(10ms);
  EXPECT_EQ(board->size(), 1U) << "a talking call is not ended because nobody can be asked";
}

TEST_F(Rebuild, ARingingCallEndsCleanlyForBothPhones) {
  auto& caller = place("1001", "1002");
  ring(called());
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 180 && !kept.empty(); }));
  crash();
  EXPECT_TRUE(resyncs.back().calls.empty()) << "the host closes it with cause lost";
  EXPECT_TRUE(until([&] { return called().cancelled; })) << "the called phone stops ringing";
  EXPECT_TRUE(until([&] { return caller.lastStatus() == 500; })) << "the caller hears that it has failed";
  EXPECT_TRUE(kept.empty());
}

TEST_F(Rebuild, AnOrderlyEndSilencesWhatRingsAndLeavesWhatTalks) {
  auto& talking = talk();
  auto& caller = place("1003", "1004");
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
  auto& ringing = called();
  ring(ringing);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 180; }));
  board->close();
  EXPECT_TRUE(until([&] { return ringing.cancelled && caller.lastStatus() == 500; }));
  settle();
  EXPECT_FALSE(talking.got("BYE"));
  EXPECT_FALSE(ends_behind.front()->got("BYE"));
}

TEST_F(Rebuild, AnOrderlyEndHangsUpTheFirstPhoneOfAMadeCallWhoseDestinationRings) {
  board->makeCall({"", "1001", "1002", "", ""});
  auto& first = called();
  answer(first, caller_sdp);
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
  auto& second = called();
  ring(second);
  ASSERT_TRUE(until([&] { return stateOf("1002") == "alerting"; }));
  board->close();
  EXPECT_TRUE(until([&] { return first.got("BYE") && second.cancelled; }));
}

TEST_F(Rebuild, AMadeCallWhoseDestinationRingsHangsUpTheFirstPhone) {
  board->makeCall({"", "1001", "1002", "", ""});
  auto& first = called();
  answer(first, caller_sdp);
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
  auto& second = called();
  ring(second);
  ASSERT_TRUE(until([&] { return stateOf("1002") == "alerting"; }));
  crash();
  EXPECT_TRUE(until([&] { return first.got("BYE") && second.cancelled; }));
}

TEST_F(Rebuild, WhatRangBeforeAnythingWasHeardIsNotOnDisk) {
  place("1001", "1002");
  called();
  settle();
  EXPECT_TRUE(kept.empty()) << "before any 18x the call server goes on by itself";
}

TEST_F(Rebuild, ADamagedRecordIsDroppedAndTheOthersLive) {
  talk();
  kept["call/broken"] = {{"call", {{"id", "broken"}}}, {"spans", {{{"user", "x"}, {"phase", "originating"}}}}};
  kept["call/worse"] = "text";
  crash();
  EXPECT_EQ(board->size(), 1U);
  EXPECT_EQ(warnings.size(), 2U);
  EXPECT_EQ(kept.size(), 1U) << "and removed from the disk";
}

TEST_F(Rebuild, RecordsStaySmall) {
  talk();
  const auto size = boost::json::serialize(kept.begin()->second).size();
  EXPECT_LT(size, 4096U);
}

}  // namespace
}  // namespace jackfield::calls::tests
