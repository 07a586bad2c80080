// SPDX-License-Identifier: Apache-2.0
// Attended transfer by command, and transfers by a phone's own key: REFER, with and without Replaces.
#include <algorithm>

#include <jackfield/error.hpp>

#include "lab.hpp"

namespace jackfield::calls::tests {
namespace {

using cc::EventType;

const std::string third_sdp =
    "v=0\r\no=c 5 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/SAVP 0\r\n";

// Alice (1001) talks with Bob (1002) in one call and with Carol (1003) in another.
class Consultation : public Lab {
 protected:
  void talkToBoth() {
    talk();
    first = call().id;
    place("1001", "1003");
    ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
    answer(called(), third_sdp);
    ASSERT_TRUE(until([&] { return alice2().lastStatus() == 200 && stateOf("1003") == "connected"; }));
    second = call().id;
    ASSERT_NE(first, second);
    settle();
  }
  End& alice1() { return *ends_before[0]; }
  End& alice2() { return *ends_before[1]; }
  End& bob() { return *ends_behind[0]; }
  End& carol() { return *ends_behind[1]; }
  const cc::Call& newest(const std::string& id) const {
    const auto found =
        std::find_if(events.rbegin(), events.rend(), [&](const auto& event) { return event.call.id == id; });
    if (found == events.rend()) throw std::runtime_error("no event of " + id);
    return found->call;
  }
  std::string replaces(End& end) const {
    return "<sip:1003@site.test?Replaces=" + end.dialog->callId() + "%3Bto-tag%3D" + end.dialog->remoteTag() +
           "%3Bfrom-tag%3D" + end.dialog->localTag() + ">";
  }
  std::string sipfrag(End& end) const { return end.last("NOTIFY").body; }
  void bothTalk() {
    ASSERT_TRUE(until([&] { return bob().got("INVITE") && carol().got("INVITE"); }));
    EXPECT_NE(bob().last("INVITE").body.find("m=audio 6000"), std::string::npos);
    EXPECT_NE(bob().last("INVITE").body.find("o=a 1 "), std::string::npos) << "each leg keeps its own session";
    EXPECT_NE(carol().last("INVITE").body.find("m=audio 5000"), std::string::npos);
    EXPECT_NE(carol().last("INVITE").body.find("m=video 0"), std::string::npos) << "as this leg was offered before";
    ASSERT_TRUE(until([&] { return alice1().got("BYE") && alice2().got("BYE"); }));
    EXPECT_GT(newest(second).ended, 0);
    const auto& now = newest(first);
    ASSERT_EQ(now.connections.size(), 3U);
    EXPECT_EQ(nameOf(now.connections[0].state), "null");
    EXPECT_EQ(nameOf(now.connections[1].state), "connected");
    EXPECT_EQ(nameOf(now.connections[2].state), "connected");
    EXPECT_TRUE(until([&] { return kept.size() == 1; })) << "one record of what goes on";
    settle();
  }
  std::string first, second;
};

TEST_F(Consultation, ACommandConnectsTheOtherPartiesOfTwoCalls) {
  talkToBoth();
  board->transferCall({"", first, "sip:1001@site.test", second});
  EXPECT_TRUE(saw(EventType::transferred, "1001"));
  bothTalk();
  request(carol(), "BYE");
  EXPECT_TRUE(until([&] { return bob().got("BYE") && kept.empty() && board->size() == 0; }));
  EXPECT_TRUE(faults.empty());
}

TEST_F(Consultation, TheJoinedCallSurvivesAKill) {
  talkToBoth();
  board->transferCall({"", first, "sip:1001@site.test", second});
  bothTalk();
  crash();
  EXPECT_EQ(board->size(), 1U);
  request(bob(), "BYE");
  EXPECT_TRUE(until([&] { return carol().got("BYE") && kept.empty(); }));
}

TEST_F(Consultation, AHeldCallIsTakenBackByTheTransfer) {
  talkToBoth();
  board->holdCall({"", first, "sip:1001@site.test"});
  ASSERT_TRUE(until([&] { return nameOf(newest(first).connections[0].state) == "held"; }));
  bob().requests.clear();
  board->transferCall({"", first, "sip:1001@site.test", second});
  bothTalk();
  EXPECT_FALSE(sdp::holds(bob().last("INVITE").body));
  EXPECT_FALSE(sdp::holds(carol().last("INVITE").body));
}

TEST_F(Consultation, OnlyAnsweredCallsOfOnesOwnCanBeJoined) {
  talkToBoth();
  const auto refusal = [&](const std::string& device, const std::string& other) {
    try {
      board->transferCall({"", first, device, other});
    } catch (const Error& refused) {
      return refused.code();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refusal("sip:1001@site.test", first), "sip.transfer.same");
  EXPECT_EQ(refusal("sip:1001@site.test", "nowhere"), "sip.call.unknown");
  EXPECT_EQ(refusal("sip:1002@site.test", second), "sip.verb.refused") << "not in the path for this party";
  place("1001", "1004");
  ASSERT_TRUE(until([&] { return ends_behind.size() == 3; }));
  ring(called());
  ASSERT_TRUE(until([&] { return stateOf("1004") == "alerting"; }));
  EXPECT_EQ(refusal("sip:1001@site.test", call().id), "sip.verb.refused") << "not answered yet";
}

TEST_F(Consultation, APhonesAttendedTransferIsMappedBetweenTheLegs) {
  talkToBoth();
  request(alice1(), "REFER", {}, {{"Refer-To", replaces(alice2())}});
  ASSERT_TRUE(until([&] { return alice1().lastStatus() == 202; }));
  bothTalk();
  EXPECT_EQ(sipfrag(alice1()), "SIP/2.0 200 OK\r\n");
  EXPECT_FALSE(bob().got("REFER")) << "it was for us to do";
}

class TransferKey : public Consultation {};

TEST_F(TransferKey, IsDoneByUsAndReportedToThePhone) {
  talk();
  request(alice1(), "REFER", {}, {{"Refer-To", "<sip:1003@site.test>"}});
  ASSERT_TRUE(until([&] { return alice1().lastStatus() == 202 && ends_behind.size() == 2; }));
  ASSERT_TRUE(until([&] { return alice1().got("NOTIFY"); }));
  EXPECT_EQ(sipfrag(alice1()), "SIP/2.0 100 Trying\r\n");
  EXPECT_FALSE(bob().got("REFER"));
  ring(carol());
  ASSERT_TRUE(until([&] { return alice1().got("BYE"); }));
  EXPECT_EQ(sipfrag(alice1()), "SIP/2.0 200 OK\r\n");
  answer(carol(), third_sdp);
  ASSERT_TRUE(until([&] { return bob().got("INVITE") && stateOf("1003") == "connected"; }));
}

TEST_F(TransferKey, ABusyDestinationIsReportedAndTheCallStays) {
  talk();
  request(alice1(), "REFER", {}, {{"Refer-To", "sip:1003@site.test"}});
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
  refuse(carol(), 486);
  ASSERT_TRUE(until([&] { return sipfrag(alice1()).starts_with("SIP/2.0 486"); }));
  const auto& told = alice1().last("NOTIFY").headers;
  const auto state =
      std::find_if(told.begin(), told.end(), [](const auto& header) { return header.name == "Subscription-State"; });
  ASSERT_NE(state, told.end());
  EXPECT_EQ(state->value.find("terminated"), 0U);
  EXPECT_EQ(stateOf("1001"), "connected");
  EXPECT_FALSE(alice1().got("BYE") || bob().got("BYE"));
}

TEST_F(TransferKey, WithoutATargetIsRefusedAndAStrangersReferPasses) {
  talk();
  request(alice1(), "REFER", {}, {{"Refer-To", "<tel>"}});
  EXPECT_TRUE(until([&] { return alice1().lastStatus() == 400; }));
  request(bob(), "REFER", {}, {{"Refer-To", "<sip:1003@site.test>"}});
  EXPECT_TRUE(until([&] { return alice1().got("REFER"); })) << "Bob's calls do not pass us in this one";
}

TEST_F(TransferKey, OfADialogThatIsNotOursPasses) {
  talkToBoth();
  request(alice1(), "REFER", {}, {{"Refer-To", "<sip:1003@site.test?Replaces=x%3Bto-tag%3Dy%3Bfrom-tag%3Dz>"}});
  EXPECT_TRUE(until([&] { return bob().got("REFER"); }));
}

TEST(ReferTo, IsReadWithItsDialog) {
  const auto plain = parseReferTo("\"Carol\" <sip:1003@site.test;user=phone>;x=y");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->uri, "sip:1003@site.test;user=phone");
  EXPECT_FALSE(plain->replaces);
  const auto attended = parseReferTo("<sip:1003@h?X=1&Replaces=a%40b%3Bfrom-tag%3Df%3Bto-tag%3Dt>");
  ASSERT_TRUE(attended && attended->replaces);
  EXPECT_EQ(attended->uri, "sip:1003@h");
  EXPECT_EQ(attended->replaces->call_id, "a@b");
  EXPECT_EQ(attended->replaces->to_tag, "t");
  EXPECT_EQ(attended->replaces->from_tag, "f");
  for (const char* damaged : {"", "<", "<>", "<sip:>", "tel", "<sip:@h>", "<sip:1003@h?Replaces=%zz>", "<sip:a@h?&&=>"})
    parseReferTo(damaged);
  EXPECT_FALSE(parseReferTo("<sip:>"));
  EXPECT_FALSE(parseReferTo("<sip:a@h?Replaces=only>")->replaces);
}

}  // namespace
}  // namespace jackfield::calls::tests
