// SPDX-License-Identifier: Apache-2.0
// Blind transfer: a party gives its place to another, and the one that stays keeps its dialog.
#include <algorithm>

#include <jackfield/error.hpp>

#include "lab.hpp"

namespace jackfield::calls::tests {
namespace {

using cc::EventType;

const std::string third_sdp =
    "v=0\r\no=c 5 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/SAVP 0\r\n";

class Transfer : public Lab {
 protected:
  void transfer(const std::string& number, const std::string& to = "1003") {
    const auto behind = ends_behind.size();
    const auto what = command(number);
    board->singleStepTransferCall({"", what.call, what.device, to});
    ASSERT_TRUE(until([&] { return ends_behind.size() > behind; })) << "the destination is called";
  }
  bool can(const std::string& number, const std::string& verb) const {
    const auto& verbs = party(number).verbs;
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
  }
  static std::size_t media(const std::string& description) {
    std::size_t count = 0;
    for (auto at = description.find("\r\nm="); at != std::string::npos; at = description.find("\r\nm=", at + 1))
      ++count;
    return count;
  }
};

TEST_F(Transfer, ConnectsTheOtherPartyWithTheDestinationAndReleasesTheOneThatAsked) {
  auto& caller = talk();
  auto& other = called();
  ASSERT_TRUE(can("1001", "transfer"));
  transfer("1001");
  auto& third = called();
  const auto& invite = third.invite->request();
  EXPECT_EQ(invite.uri, "sip:1003@site.test");
  EXPECT_NE(invite.body.find("m=audio 5000"), std::string::npos) << "the one that stays is described";
  EXPECT_EQ(invite.from.uri, "sip:1002@site.test") << "and shown";
  const auto referred = std::find_if(invite.headers.begin(), invite.headers.end(),
                                     [](const auto& header) { return header.name == "Referred-By"; });
  ASSERT_NE(referred, invite.headers.end());
  EXPECT_EQ(referred->value, "<sip:1001@site.test>");
  settle();
  EXPECT_FALSE(caller.got("BYE")) << "nobody is left alone before the destination rings";
  EXPECT_EQ(board->snapshotCall({"", call().id, ""}).connections.front().refused.at("hold"), cc::Refusal::underWay);

  ring(third);
  ASSERT_TRUE(until([&] { return caller.got("BYE") && stateOf("1003") == "alerting"; }));
  EXPECT_TRUE(saw(EventType::transferred, "1001"));
  EXPECT_EQ(stateOf("1001"), "null");
  EXPECT_FALSE(other.got("BYE"));

  answer(third, third_sdp);
  ASSERT_TRUE(until([&] { return third.acked && stateOf("1003") == "connected" && other.got("INVITE"); }));
  EXPECT_EQ(stateOf("1002"), "connected");
  const auto& offer = other.last("INVITE").body;
  EXPECT_NE(offer.find("o=a 1 2 "), std::string::npos) << "this leg's own session, one version more";
  EXPECT_NE(offer.find("m=audio 6000"), std::string::npos);
  ASSERT_EQ(media(offer), 3U) << "no medium of this leg goes (RFC 3264 section 8)";
  EXPECT_NE(offer.find("m=video 0 "), std::string::npos);
  EXPECT_NE(offer.find("m=image 0 "), std::string::npos);
  settle();

  request(third, "BYE");
  ASSERT_TRUE(until([&] { return other.got("BYE") && kept.empty(); }));
  EXPECT_GT(call().ended, 0);
  EXPECT_TRUE(faults.empty());
}

TEST_F(Transfer, OfTheCalledUserWorksLikewise) {
  auto& caller = place("1003", "1002", "term");
  ring(called());
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 180; }));
  auto& phone = called();
  answer(phone);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && stateOf("1002") == "connected"; }));
  transfer("1002", "1004");
  auto& third = called();
  EXPECT_NE(third.invite->request().body.find("m=audio 4000"), std::string::npos);
  answer(third, third_sdp);  // at once, without ringing
  ASSERT_TRUE(until([&] { return phone.got("BYE") && caller.got("INVITE") && stateOf("1004") == "connected"; }));
  EXPECT_FALSE(caller.got("BYE"));
  request(caller, "BYE");
  EXPECT_TRUE(until([&] { return third.got("BYE") && kept.empty(); }));
}

TEST_F(Transfer, ADestinationThatIsBusyCostsNobodyTheCall) {
  auto& caller = talk();
  auto& other = called();
  transfer("1001");
  refuse(called(), 486);
  ASSERT_TRUE(until([&] { return events.back().event == EventType::snapshot; }));
  EXPECT_EQ(events.back().cause, cc::Cause::refused);
  EXPECT_EQ(stateOf("1001"), "connected");
  EXPECT_EQ(stateOf("1002"), "connected");
  EXPECT_EQ(call().connections.size(), 2U);
  EXPECT_TRUE(can("1001", "transfer")) << "possible again";
  EXPECT_EQ(warnings, std::vector<std::string>{"sip.command.failed"});
  EXPECT_FALSE(caller.got("BYE") || other.got("BYE"));
}

TEST_F(Transfer, ADestinationThatRingsInVainEndsTheCall) {
  talk();
  auto& other = called();
  transfer("1001");
  ring(called());
  ASSERT_TRUE(until([&] { return stateOf("1003") == "alerting"; }));
  refuse(called(), 480);
  ASSERT_TRUE(until([&] { return other.got("BYE") && kept.empty(); }));
  EXPECT_EQ(party("1003").cause, cc::Cause::noAnswer);
}

TEST_F(Transfer, WhoStaysMayHangUpWhileTheDestinationRings) {
  talk();
  auto& other = called();
  transfer("1001");
  auto& third = called();
  ring(third);
  ASSERT_TRUE(until([&] { return stateOf("1003") == "alerting"; }));
  request(other, "BYE");
  ASSERT_TRUE(until([&] { return third.cancelled && call().ended > 0; }));
  EXPECT_TRUE(until([&] { return kept.empty(); }));
}

TEST_F(Transfer, WhoAskedMayHangUpBeforeTheDestinationRings) {
  auto& caller = talk();
  auto& other = called();
  transfer("1001");
  auto& third = called();
  third.invite->reply(100);
  request(caller, "BYE");
  ASSERT_TRUE(until([&] { return third.cancelled && other.got("BYE"); }));
  EXPECT_TRUE(until([&] { return board->size() == 0; }));
}

TEST_F(Transfer, ToAServedUserIsAPassageOfTheSameCall) {
  auto& caller = talk();
  auto& other = called();
  transfer("1001");
  auto& between = called();
  auto& second = place("1002", "1003", "term", {{"X-Jackfield-Call", between.invite->request().correlation}});
  ASSERT_TRUE(until([&] { return ends_behind.size() == 3; }));
  auto& phone = called();
  ring(phone);
  ASSERT_TRUE(until([&] { return second.lastStatus() == 180 && stateOf("1003") == "alerting"; }));
  EXPECT_TRUE(party("1003").served);
  EXPECT_EQ(board->size(), 1U);
  ring(between);
  ASSERT_TRUE(until([&] { return caller.got("BYE"); }));
  answer(phone, third_sdp);
  ASSERT_TRUE(until([&] { return second.lastStatus() == 200; }));
  answer(between, third_sdp);
  ASSERT_TRUE(until([&] { return stateOf("1003") == "connected" && other.got("INVITE"); }));
  ASSERT_EQ(call().connections.size(), 3U);
  EXPECT_TRUE(can("1003", "transfer")) << "she may send the call on";
  settle();
  board->clearConnection(command("1003"));
  EXPECT_TRUE(until([&] { return phone.got("BYE") && second.got("BYE"); }));
}

TEST_F(Transfer, AKillWhileTheDestinationRingsEndsItCleanly) {
  talk();
  auto& other = called();
  transfer("1001");
  auto& third = called();
  ring(third);
  ASSERT_TRUE(until([&] { return stateOf("1003") == "alerting"; }));
  crash();
  EXPECT_TRUE(until([&] { return third.cancelled && other.got("BYE"); })) << "nobody waits for ever";
  EXPECT_TRUE(kept.empty());
}

TEST_F(Transfer, ATransferredCallSurvivesAKill) {
  talk();
  auto& other = called();
  transfer("1001");
  auto& third = called();
  answer(third, third_sdp);
  ASSERT_TRUE(until([&] { return other.got("INVITE") && stateOf("1003") == "connected"; }));
  settle();
  crash();
  EXPECT_EQ(stateOf("1001"), "null");
  board->probeAll();
  ASSERT_TRUE(until([&] { return party("1003").confirmed && party("1002").confirmed; }));
  request(other, "BYE");
  EXPECT_TRUE(until([&] { return third.got("BYE") && kept.empty(); }));
}

TEST_F(Transfer, ToSomebodyInTheCallOrToNothingIsRefused) {
  talk();
  const auto what = command("1001");
  const auto refusal = [&](const std::string& to) {
    try {
      board->singleStepTransferCall({"", what.call, what.device, to});
    } catch (const Error& refused) {
      return refused.code();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refusal("1002"), "sip.number.self");
  EXPECT_EQ(refusal("1001"), "sip.number.self");
  EXPECT_EQ(refusal("not a number"), "sip.number.invalid");
  EXPECT_EQ(call().connections.size(), 2U);
}

class Deflection : public Transfer {
 protected:
  // Somebody calls 1002, whose phone rings.
  End& rings() {
    auto& caller = place("1009", "1002", "term");
    ring(called());
    EXPECT_TRUE(until([&] { return can("1002", "deflect"); }));
    return caller;
  }
  void deflect(const std::string& to) {
    const auto behind = ends_behind.size();
    const auto what = command("1002");
    board->deflectCall({"", what.call, what.device, to});
    ASSERT_TRUE(until([&] { return ends_behind.size() > behind; }));
  }
};

TEST_F(Deflection, TheCallRingsElsewhereAndTheFirstPhoneFallsSilent) {
  auto& caller = rings();
  auto& phone = called();
  deflect("1003");
  ASSERT_TRUE(until([&] { return phone.cancelled; }));
  EXPECT_TRUE(saw(EventType::diverted, "1002"));
  EXPECT_EQ(party("1002").cause, cc::Cause::redirected);
  auto& third = called();
  const auto& invite = third.invite->request();
  EXPECT_EQ(invite.uri, "sip:1003@site.test");
  EXPECT_EQ(invite.from.uri, "sip:1009@site.test");
  EXPECT_EQ(invite.body, caller_sdp) << "the caller's own offer, as it came";
  EXPECT_TRUE(std::any_of(invite.headers.begin(), invite.headers.end(), [](const auto& header) {
    return header.name == "Diversion" && header.value == "<sip:1002@site.test>;reason=deflection";
  }));
  settle();
  EXPECT_LT(caller.lastStatus(), 200) << "the first phone's 487 is not the caller's";
  ring(third);
  ASSERT_TRUE(until([&] { return stateOf("1003") == "alerting"; }));
  answer(third, third_sdp);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && third.acked && stateOf("1003") == "connected"; }));
  request(caller, "BYE");
  EXPECT_TRUE(until([&] { return third.got("BYE") && kept.empty() && board->size() == 0; }));
  EXPECT_TRUE(faults.empty());
}

TEST_F(Deflection, ThePhoneThatAnswersAtTheSameMomentIsHungUp) {
  auto& caller = rings();
  auto& phone = called();
  const auto what = command("1002");
  answer(phone);  // under way while the command comes
  board->deflectCall({"", what.call, what.device, "1003"});
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2 && phone.got("BYE"); }));
  answer(called(), third_sdp);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && stateOf("1003") == "connected"; }));
}

TEST_F(Deflection, ABusyDestinationAndTheCallersCancelEndIt) {
  auto& caller = rings();
  deflect("1003");
  refuse(called(), 486);
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 486 && board->size() == 0; }));

  auto& again = place("1009", "1002", "term");
  ASSERT_TRUE(until([&] { return ends_behind.size() == 3; }));
  ring(called());
  ASSERT_TRUE(until([&] { return can("1002", "deflect"); }));
  deflect("1004");
  ring(called());
  ASSERT_TRUE(until([&] { return stateOf("1004") == "alerting"; }));
  again.sent->cancel({});
  EXPECT_TRUE(until([&] { return called().cancelled && again.lastStatus() == 487 && board->size() == 0; }));
}

}  // namespace
}  // namespace jackfield::calls::tests
