// SPDX-License-Identifier: Apache-2.0
// Commands: hold, retrieve, clear, and calls that Jackfield makes.
#include <jackfield/error.hpp>

#include "lab.hpp"

namespace jackfield::calls::tests {
namespace {

using cc::EventType;

class Command : public Lab {
 protected:
  bool can(const std::string& number, const std::string& verb) const {
    const auto& verbs = party(number).verbs;
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
  }
  std::string refusal(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& refused) {
      return refused.code();
    }
    return "accepted";
  }
  // Both phones of a made call answer as they are called; the first offer goes to `first_offer`.
  cc::Accepted make(const std::string& request_id = "r1") {
    return board->makeCall({request_id, "sip:1001@site.test", "+49 (30) 12-34", "7001", "Alice"});
  }
};

TEST_F(Command, HoldAndRetrieveTellBothPhonesAndAreToldByEvents) {
  auto& caller = talk();
  ASSERT_TRUE(can("1001", "hold"));
  EXPECT_EQ(board->holdCall(command("1001")).call, call().id);
  EXPECT_EQ(stateOf("1001"), "connected") << "accepted is not done";
  ASSERT_TRUE(until([&] { return stateOf("1001") == "held"; }));
  EXPECT_EQ(events.back().source, cc::Source::jackfield);
  EXPECT_TRUE(sdp::holds(called().last("INVITE").body));
  EXPECT_TRUE(sdp::holds(caller.last("INVITE").body));
  EXPECT_NE(called().last("INVITE").body.find("o=a 1 2 "), std::string::npos) << "the version of this leg, one more";
  EXPECT_NE(caller.last("INVITE").body.find("o=b 7 4 "), std::string::npos);
  EXPECT_NE(caller.last("INVITE").body.find("inline:other"), std::string::npos) << "keys are not ours to change";
  EXPECT_TRUE(can("1001", "retrieve"));
  EXPECT_FALSE(can("1001", "hold"));
  board->retrieveCall(command("1001"));
  ASSERT_TRUE(until([&] { return stateOf("1001") == "connected"; }));
  EXPECT_FALSE(sdp::holds(called().last("INVITE").body));
  EXPECT_FALSE(sdp::holds(caller.last("INVITE").body));
  EXPECT_NE(called().last("INVITE").body.find("o=a 1 3 "), std::string::npos);
  EXPECT_TRUE(faults.empty());
}

TEST_F(Command, AHeldCallStaysHeldWhenThePhoneRefreshesItsSession) {
  auto& caller = talk();
  board->holdCall(command("1001"));
  ASSERT_TRUE(until([&] { return stateOf("1001") == "held"; }));
  request(caller, "INVITE", caller_sdp);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200; }));
  EXPECT_TRUE(sdp::holds(called().last("INVITE").body));
  EXPECT_EQ(stateOf("1001"), "held");
}

TEST_F(Command, GlareIsWaitedOutAndTriedAgain) {
  auto& caller = talk();
  called().status = 491;
  board->holdCall(command("1001"));
  ASSERT_TRUE(until([&] { return called().got("INVITE"); }));
  EXPECT_EQ(stateOf("1001"), "connected");
  called().status = 200;
  ASSERT_TRUE(until([&] { return stateOf("1001") == "held"; }, 20s)) << "2.1 to 4 s: that leg is ours";
  EXPECT_TRUE(caller.got("INVITE"));
}

TEST_F(Command, AHoldThatAPhoneRefusesIsNotAssumed) {
  talk();
  called().status = 488;
  board->holdCall(command("1001"));
  ASSERT_TRUE(until([&] { return events.back().event == EventType::snapshot; }));
  EXPECT_EQ(stateOf("1001"), "connected");
  EXPECT_TRUE(can("1001", "hold")) << "possible again";
  EXPECT_EQ(warnings, std::vector<std::string>{"sip.command.failed"});
}

TEST_F(Command, WhatIsNotPossibleIsRefusedWithItsReason) {
  place("1001", "1002");
  ring(called());
  ASSERT_TRUE(until([&] { return stateOf("1002") == "alerting"; }));
  EXPECT_EQ(party("1001").refused.at("hold"), cc::Refusal::notAnswered);
  EXPECT_EQ(party("1002").refused.at("clear"), cc::Refusal::notInPath);
  EXPECT_EQ(refusal([&] { board->holdCall(command("1001")); }), "sip.verb.refused");
  EXPECT_EQ(refusal([&] { board->holdCall(command("1009")); }), "sip.device.unknown");
  EXPECT_EQ(refusal([&] { board->holdCall({"", "no-such-call", ""}); }), "sip.call.unknown");
  EXPECT_EQ(refusal([&] { board->clearConnection({"", call().id, ""}); }), "sip.device.unknown");
}

TEST_F(Command, AnswerTellsAPhoneThatTakesItAndTheEventSaysThatItHasHappened) {
  auto& caller = place("1003", "1002", "term");
  auto& phone = called();
  phone.invite->reply(180, {}, {{{"Allow-Events", "hold, talk"}}, {}, {}});
  ASSERT_TRUE(until([&] { return can("1002", "answer"); }));
  board->answerCall(command("1002"));
  ASSERT_TRUE(until([&] { return phone.got("NOTIFY"); }));
  const auto& headers = phone.last("NOTIFY").headers;
  EXPECT_TRUE(std::any_of(headers.begin(), headers.end(),
                          [](const auto& header) { return header.name == "Event" && header.value == "talk"; }));
  EXPECT_EQ(stateOf("1002"), "alerting") << "accepted is not done";
  EXPECT_EQ(refusal([&] { board->answerCall(command("1002")); }), "sip.verb.refused");
  answer(phone);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && stateOf("1002") == "connected"; }));
  EXPECT_EQ(party("1002").refused.at("answer"), cc::Refusal::answered);
  EXPECT_TRUE(can("1002", "hold")) << "the command is over";
}

TEST_F(Command, AnswerIsRefusedWhereThePhoneDeclaresNothingOrSaysNo) {
  place("1003", "1002", "term");
  auto& phone = called();
  EXPECT_EQ(party("1002").refused.at("answer"), cc::Refusal::notRinging);
  ring(phone);
  ASSERT_TRUE(until([&] { return stateOf("1002") == "alerting"; }));
  EXPECT_EQ(party("1002").refused.at("answer"), cc::Refusal::deviceCannot);
  phone.invite->reply(180, {}, {{{"Allow-Events", "talk"}}, {}, {}});
  settle();
  phone.status = 489;
  board->answerCall(command("1002"));
  ASSERT_TRUE(until([&] { return events.back().cause == cc::Cause::refused; }));
  EXPECT_TRUE(can("1002", "answer")) << "possible again";
  EXPECT_EQ(warnings, std::vector<std::string>{"sip.command.failed"});
}

TEST_F(Command, AnswerWorksForTheOwnPhoneOfAMadeCall) {
  make();
  auto& first = called();
  first.invite->reply(180, {}, {{{"Allow-Events", "talk"}}, {}, {}});
  ASSERT_TRUE(until([&] { return can("1001", "answer"); }));
  board->answerCall(command("1001"));
  ASSERT_TRUE(until([&] { return first.got("NOTIFY"); }));
  answer(first, caller_sdp);
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; })) << "then the destination is called";
}

TEST_F(Command, DropEndsBothLegsOfAnAnsweredCall) {
  auto& caller = talk();
  board->clearConnection(command("1001"));
  ASSERT_TRUE(until([&] { return caller.got("BYE") && called().got("BYE"); }));
  EXPECT_GT(call().ended, 0);
  EXPECT_EQ(events.back().source, cc::Source::jackfield);
  EXPECT_TRUE(kept.empty());
}

TEST_F(Command, DropOfARingingCallCancelsTheOneAndAnswersTheOther) {
  auto& caller = place("1003", "1002", "term");
  ring(called());
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 180; }));
  board->clearConnection(command("1002"));
  ASSERT_TRUE(until([&] { return called().cancelled && caller.lastStatus() >= 400; }));
  EXPECT_EQ(caller.lastStatus(), 480) << "not 603, which would end the search of other devices";
  EXPECT_EQ(party("1002").cause, cc::Cause::refused);
}

TEST_F(Command, TheSameRequestIdTwiceIsOneCommand) {
  talk();
  auto hold = command("1001");
  hold.request_id = "once";
  board->holdCall(hold);
  EXPECT_EQ(board->holdCall(hold).call, call().id);
  ASSERT_TRUE(until([&] { return stateOf("1001") == "held"; }));
  EXPECT_EQ(board->holdCall(hold).call, call().id);
}

TEST_F(Command, AMadeCallRingsTheOwnPhoneFirstAndShowsTheOfficeNumber) {
  const auto accepted = make();
  auto& first = called();
  const auto& offer = first.invite->request();
  EXPECT_EQ(offer.uri, "sip:1001@site.test");
  EXPECT_EQ(offer.from.uri, "sip:+49301234@site.test") << "the phone shows whom it is about to call";
  EXPECT_TRUE(sdp::holds(offer.body));
  ring(first);
  ASSERT_TRUE(until([&] { return stateOf("1001") == "alerting"; }));
  EXPECT_EQ(ends_behind.size(), 1U) << "nobody else is asked before";
  answer(first, caller_sdp);
  ASSERT_TRUE(until([&] { return first.acked && ends_behind.size() == 2; })) << "ACK at once: it may ring for long";
  auto& second = called();
  EXPECT_EQ(second.invite->request().uri, "sip:+49301234@site.test");
  EXPECT_EQ(second.invite->request().from.uri, "sip:7001@site.test");
  EXPECT_EQ(second.invite->request().from.display, "Alice");
  EXPECT_TRUE(sdp::sameMedia(second.invite->request().body, caller_sdp));
  EXPECT_FALSE(sdp::holds(second.invite->request().body));
  ring(second);
  ASSERT_TRUE(until([&] { return stateOf("+49301234") == "alerting"; }));
  answer(second);
  ASSERT_TRUE(until([&] { return first.got("INVITE") && stateOf("1001") == "connected" && call().answered > 0; }));
  EXPECT_TRUE(sdp::sameMedia(first.last("INVITE").body, called_sdp)) << "each has the other's description";
  EXPECT_EQ(call().id, accepted.call);
  EXPECT_EQ(call().request_id, "r1");
  board->holdCall(command("1001"));
  EXPECT_TRUE(until([&] { return stateOf("1001") == "held"; }));
  request(second, "BYE");
  EXPECT_TRUE(until([&] { return first.got("BYE") && call().ended > 0; }));
}

TEST_F(Command, AMadeCallWhoseDestinationIsBusyEndsTheFirstPhoneToo) {
  make();
  auto& first = called();
  answer(first, caller_sdp);
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
  refuse(called(), 486);
  ASSERT_TRUE(until([&] { return first.got("BYE") && call().ended > 0; }));
  EXPECT_EQ(party("+49301234").cause, cc::Cause::busy);
  EXPECT_TRUE(saw(EventType::failed, "+49301234"));
}

TEST_F(Command, WhoeverHangsUpBeforeTheDestinationAnswersEndsTheCall) {
  make();
  auto& first = called();
  answer(first, caller_sdp);
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
  auto& second = called();
  ring(second);
  settle();
  request(first, "BYE");
  EXPECT_TRUE(until([&] { return second.cancelled && call().ended > 0; }));
}

TEST_F(Command, AMadeCallCanBeDroppedWhileTheFirstPhoneRings) {
  make();
  ring(called());
  ASSERT_TRUE(until([&] { return stateOf("1001") == "alerting"; }));
  board->clearConnection(command("1001"));
  EXPECT_TRUE(until([&] { return called().cancelled && call().ended > 0; }));
}

TEST_F(Command, TheSameMakeCallTwiceIsOneCall) {
  EXPECT_EQ(make("same").call, make("same").call);
  EXPECT_EQ(board->size(), 1U);
}

TEST_F(Command, NumbersThatAreNoneAreRefusedWithFieldAndValue) {
  for (const std::string bad : {"", "  ", "12\r\nX: y", "<sip:x@y>", "sip:@", "alice smith", "1;x=y", "sip:a b@c"}) {
    try {
      board->makeCall({"", "1001", bad, "", ""});
      ADD_FAILURE() << bad << " was dialled";
    } catch (const Error& refused) {
      EXPECT_EQ(refused.code(), "sip.number.invalid") << bad;
      EXPECT_EQ(refused.field(), "/to");
    }
  }
  EXPECT_EQ(refusal([&] { board->makeCall({"", "1001", "1001", "", ""}); }), "sip.number.self");
  EXPECT_EQ(board->size(), 0U);
}

}  // namespace
}  // namespace jackfield::calls::tests
