// SPDX-License-Identifier: Apache-2.0
// Calls in the path: what travels between the legs, and what is told of it.
#include "lab.hpp"

namespace jackfield::calls::tests {
namespace {

using cc::EventType;

class InThePath : public Lab {};

TEST_F(InThePath, ACallIsToldFromTheFirstDigitToTheEndAndItsDescriptionsPassUntouched) {
  auto& caller = place("1001", "1002");
  auto& other = called();
  EXPECT_EQ(other.invite->request().body, caller_sdp) << "keys, video and T.38 octet for octet";
  EXPECT_EQ(other.invite->request().uri, "sip:1002@site.test");
  EXPECT_EQ(other.invite->request().from.display, "Caller 1001");
  EXPECT_EQ(other.invite->request().max_forwards, 69);
  ASSERT_EQ(other.invite->request().routes.size(), 0U) << "the way back was the next hop";
  EXPECT_NE(other.invite->request().call_id, caller.dialog->callId());
  EXPECT_EQ(stateOf("1001"), "initiated");
  ring(other);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 180; }));
  EXPECT_EQ(stateOf("1002"), "alerting");
  answer(other);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && other.acked; }));
  EXPECT_EQ(caller.responses.back().body, called_sdp);
  EXPECT_EQ(stateOf("1001"), "connected");
  EXPECT_EQ(stateOf("1002"), "connected");
  EXPECT_GT(call().answered, 0);
  EXPECT_TRUE(party("1001").served);
  EXPECT_FALSE(party("1002").served) << "only the caller's phase came by here";
  request(caller, "BYE");
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && other.got("BYE"); }));
  EXPECT_EQ(stateOf("1001"), "null");
  EXPECT_GT(call().ended, 0);
  EXPECT_EQ(party("1002").cause, cc::Cause::normal);
  EXPECT_TRUE(saw(EventType::originated, "1001"));
  EXPECT_TRUE(saw(EventType::delivered, "1002"));
  EXPECT_TRUE(saw(EventType::established, "1002"));
  EXPECT_TRUE(saw(EventType::connectionCleared, "1001"));
  EXPECT_TRUE(kept.empty()) << "nothing of an ended call stays on disk";
  EXPECT_TRUE(until([&] { return board->size() == 0; }));
  EXPECT_TRUE(faults.empty());
}

TEST_F(InThePath, BothPhasesAreOneCallWithTwoServedConnections) {
  // The call server behind sends what came out of the originating phase into the terminating one.
  auto& caller = place("1001", "1002");
  auto& between = called();
  std::vector<sip::Header> correlation = {{"X-Jackfield-Call", between.invite->request().correlation}};
  auto& second = place("1001", "1002", "term", correlation);
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
  auto& phone = called();
  phone.invite->reply(180);
  ASSERT_TRUE(until([&] { return second.lastStatus() == 180; }));
  between.invite->reply(180);
  answer(phone);
  ASSERT_TRUE(until([&] { return second.lastStatus() == 200; }));
  answer(between);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && stateOf("1001") == "connected"; }));
  EXPECT_EQ(board->size(), 1U);
  ASSERT_EQ(call().connections.size(), 2U);
  EXPECT_TRUE(party("1001").served && party("1002").served);
  for (const auto& event : events) EXPECT_EQ(event.call.id, call().id);
  EXPECT_EQ(kept.size(), 1U);
  request(second, "BYE");
  ASSERT_TRUE(until([&] { return phone.got("BYE"); }));
  EXPECT_EQ(stateOf("1002"), "null");
  EXPECT_EQ(stateOf("1001"), "connected") << "until its own leg has ended too";
  EXPECT_EQ(call().ended, 0);
  request(caller, "BYE");
  ASSERT_TRUE(until([&] { return call().ended > 0; }));
  EXPECT_TRUE(kept.empty());
}

TEST_F(InThePath, TheSamePhaseOfTheSameUserTwiceIsALoop) {
  place("1001", "1002");
  auto& again = place("1001", "1002", "orig", {{"X-Jackfield-Call", called().invite->request().correlation}});
  ASSERT_TRUE(until([&] { return again.lastStatus() == 482; }));
  EXPECT_EQ(ends_behind.size(), 1U);
}

TEST_F(InThePath, ACallThatGoesOnToAnotherUserIsDiverted) {
  place("1003", "1001", "term");
  ring(called());
  ASSERT_TRUE(until([&] { return stateOf("1001") == "alerting"; }));
  place("1003", "1002", "term", {{"X-Jackfield-Call", called().invite->request().correlation}});
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2 && party("1002").served; }));
  EXPECT_TRUE(saw(EventType::diverted, "1001"));
  EXPECT_EQ(party("1001").cause, cc::Cause::redirected);
  EXPECT_EQ(stateOf("1001"), "null");
}

TEST_F(InThePath, ServedUsersAreBelievedFromTrustedPeersOnly) {
  rules.trusted = TrustedPeers({"192.0.2.1"});
  crash();
  auto& caller = place("1001", "1002");
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 403; }));
  EXPECT_TRUE(ends_behind.empty());
  EXPECT_TRUE(events.empty());
  EXPECT_EQ(warnings, std::vector<std::string>{"sip.peer.untrusted"});
}

TEST_F(InThePath, WithoutAServedUserThereIsNoCall) {
  auto& caller = place("", "1002", "orig");
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 403; }));
  EXPECT_TRUE(ends_behind.empty());
}

TEST_F(InThePath, UntilItIsReadyItSays503SoThatTheCallServerGoesRound) {
  board->close();
  auto& caller = place("1001", "1002");
  EXPECT_TRUE(until([&] { return caller.lastStatus() == 503; }));
}

struct Refusal {
  int status;
  cc::Cause cause;
};

class Refused : public Lab, public testing::WithParamInterface<Refusal> {};

TEST_P(Refused, TellsWhyTheCalledPartyDidNotAnswer) {
  auto& caller = place("1001", "1002", "term");
  refuse(called(), GetParam().status);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == GetParam().status && call().ended > 0; }));
  EXPECT_EQ(party("1002").cause, GetParam().cause);
  EXPECT_EQ(party("1002").answered, 0);
  EXPECT_TRUE(saw(EventType::failed, "1002"));
  EXPECT_TRUE(kept.empty());
}

INSTANTIATE_TEST_SUITE_P(EveryWay, Refused,
                         testing::Values(Refusal{486, cc::Cause::busy}, Refusal{603, cc::Cause::refused},
                                         Refusal{480, cc::Cause::noAnswer}, Refusal{408, cc::Cause::noAnswer},
                                         Refusal{404, cc::Cause::notFound}, Refusal{503, cc::Cause::unreachable},
                                         Refusal{302, cc::Cause::redirected}, Refusal{500, cc::Cause::serverError}),
                         [](const auto& each) { return std::to_string(each.param.status); });

TEST_F(InThePath, ACallerWhoGivesUpLeavesAMissedCall) {
  auto& caller = place("1003", "1002", "term");
  ring(called());
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 180; }));
  caller.sent->cancel({});
  ASSERT_TRUE(until([&] { return called().cancelled && caller.lastStatus() == 487; }));
  EXPECT_EQ(party("1002").cause, cc::Cause::cancelled);
  EXPECT_EQ(party("1002").answered, 0);
  EXPECT_FALSE(saw(EventType::failed, "1002"));
}

TEST_F(InThePath, AnsweredElsewhereIsNoMissedCallAndThePhoneIsTold) {
  auto& caller = place("1003", "1002", "term");
  ring(called());
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 180; }));
  caller.sent->cancel({{"Reason", "SIP;cause=200;text=\"Call completed elsewhere\""}});
  ASSERT_TRUE(until([&] { return called().cancelled; }));
  EXPECT_EQ(party("1002").cause, cc::Cause::answeredElsewhere);
  EXPECT_NE(called().last("CANCEL").q850.find("cause=200"), std::string::npos);
}

TEST_F(InThePath, AnAnswerThatCrossesTheCancelIsHungUp) {
  auto& caller = place("1001", "1002");
  auto& other = called();
  ring(other);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 180; }));
  caller.sent->cancel({});
  answer(other);  // before the CANCEL gets there
  ASSERT_TRUE(until([&] { return other.acked && other.got("BYE"); }));
  EXPECT_EQ(call().answered, 0);
}

TEST_F(InThePath, AnOfferThatComesWithTheAnswerGetsItsAnswerByTheAck) {
  auto& caller = place("1001", "1002", "orig", {}, "");
  auto& other = called();
  EXPECT_EQ(other.invite->request().body, "");
  std::string acked_with;
  other.invite->onAck([&](const sip::Message* ack) {
    if (ack) acked_with = ack->body;
    other.acked = true;
  });
  answer(other);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && other.acked; }));
  EXPECT_EQ(caller.responses.back().body, called_sdp);
  EXPECT_EQ(acked_with, caller_sdp);
}

TEST_F(InThePath, ReliableRingingIsAcknowledgedEndToEnd) {
  auto& caller = place("1001", "1002", "orig", {{"Supported", "100rel"}});
  auto& other = called();
  bool pracked = false;
  ASSERT_TRUE(other.invite->replyReliably(183, "Session Progress", {{}, "application/sdp", called_sdp},
                                          [&](std::shared_ptr<sip::Inbound> prack) {
                                            pracked = prack->request().method == "PRACK";
                                            prack->reply(200);
                                          }));
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 183; }));
  EXPECT_EQ(caller.responses.back().body, called_sdp);
  ASSERT_GT(caller.responses.back().rseq, 0U);
  EXPECT_FALSE(pracked) << "only when the caller has acknowledged";
  const auto& progress = caller.responses.back();
  caller.dialog->establish(progress);
  const auto prack = caller.dialog->send(
      "PRACK", {{{"RAck", std::to_string(progress.rseq) + " " + std::to_string(progress.cseq) + " INVITE"}}, {}, {}},
      [](const sip::Message&) {});
  ASSERT_TRUE(until([&] { return pracked; }));
  answer(other);
  EXPECT_TRUE(until([&] { return caller.lastStatus() == 200; }));
}

TEST_F(InThePath, ThePhonesOwnKeyHoldsAndRetrieves) {
  auto& caller = talk();
  request(caller, "INVITE", sdp::withDirection(caller_sdp, sdp::Direction::inactive));
  ASSERT_TRUE(until([&] { return stateOf("1001") == "held" && caller.lastStatus() == 200; }));
  EXPECT_TRUE(saw(EventType::held, "1001"));
  EXPECT_EQ(stateOf("1002"), "connected");
  EXPECT_NE(called().last("INVITE").body.find("a=inactive"), std::string::npos);
  EXPECT_EQ(party("1001").refused.at("retrieve"), cc::Refusal::heldByDevice);
  request(caller, "INVITE", caller_sdp);
  ASSERT_TRUE(until([&] { return stateOf("1001") == "connected"; }));
  EXPECT_EQ(called().last("INVITE").body, caller_sdp) << "still octet for octet";
}

TEST_F(InThePath, WhatPhonesSayToEachOtherInsideTheCallPasses) {
  auto& caller = talk();
  for (const std::string method : {"INFO", "MESSAGE", "NOTIFY", "UPDATE"}) {
    request(caller, method, method == "UPDATE" ? caller_sdp : "");
    ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && called().got(method); })) << method;
  }
  called().status = 488;
  request(caller, "INFO");
  EXPECT_TRUE(until([&] { return caller.lastStatus() == 488; })) << "and so does a refusal";
  request(caller, "OPTIONS");
  EXPECT_TRUE(until([&] { return caller.lastStatus() == 200; }));
  EXPECT_FALSE(called().got("OPTIONS")) << "each leg answers for itself";
}

TEST_F(InThePath, TwoOffersAtOnceAreGlare) {
  auto& caller = talk();
  called().answers = false;
  request(caller, "INVITE", caller_sdp);
  ASSERT_TRUE(until([&] { return called().got("INVITE"); }));
  request(called(), "INVITE", called_sdp);
  EXPECT_TRUE(until([&] { return called().lastStatus() == 491; }));
}

TEST_F(InThePath, EventsWaitWhileTheHostIsFullAndTheNewestIsSent) {
  auto& caller = talk();
  events.clear();
  full = true;
  request(caller, "BYE");
  ASSERT_TRUE(until([&] { return called().got("BYE"); }));
  EXPECT_TRUE(events.empty());
  full = false;
  board->writable();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_GT(call().ended, 0);
  EXPECT_TRUE(kept.empty());
}

}  // namespace
}  // namespace jackfield::calls::tests
