// SPDX-License-Identifier: Apache-2.0
// What a back-to-back user agent must leave alone or count: identities, hops, early media, several offers.
#include <algorithm>

#include "lab.hpp"

namespace jackfield::calls::tests {
namespace {

class Rules : public Lab {
 protected:
  static std::string header(const sip::Message& message, const std::string& name) {
    const auto found =
        std::find_if(message.headers.begin(), message.headers.end(), [&](const auto& one) { return one.name == name; });
    return found == message.headers.end() ? "" : found->value;
  }
};

TEST_F(Rules, IdentitiesPrivacyAndTheHistoryOfACallPassBothWays) {
  const std::vector<sip::Header> told = {
      {"P-Asserted-Identity", "\"Anna\" <sip:+4930123@site.test>"},
      {"Privacy", "id"},
      {"Diversion", "<sip:1005@site.test>;reason=no-answer"},
      {"History-Info", "<sip:1005@site.test>;index=1,<sip:1002@site.test>;index=1.1"},
      {"User-to-User", "56616c7565;encoding=hex"},
  };
  auto& caller = place("1001", "1002", "orig", told);
  const auto& invite = called().invite->request();
  for (const auto& [name, value] : told) EXPECT_EQ(header(invite, name), value) << name;
  EXPECT_TRUE(invite.served_user.empty()) << "what the call server says to us is not for phones";
  called().invite->reply(180, {}, {{{"P-Asserted-Identity", "<sip:1006@site.test>"}}, {}, {}});
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 180; }));
  EXPECT_EQ(header(caller.responses.back(), "P-Asserted-Identity"), "<sip:1006@site.test>");
}

TEST_F(Rules, EachPassageIsAHopAndTheLastHopEnds) {
  auto& caller = place("1001", "1002");
  EXPECT_EQ(called().invite->request().max_forwards, 69);
  caller.sent->cancel({});
  ASSERT_TRUE(until([&] { return board->size() == 0; }));
  auto& end = *ends_before.emplace_back(std::make_unique<End>());
  end.dialog = front->createDialog("<sip:1001@site.test>", "<sip:1002@site.test>");
  end.sent =
      end.dialog->invite("sip:1002@site.test", {"<sip:" + agent->address("udp") + ";lr>"}, "",
                         {{{"P-Served-User", "<sip:1001@site.test>;sescase=orig"}}, "application/sdp", caller_sdp}, 0,
                         [&end](const sip::Message& response) { end.responses.push_back(response); });
  ASSERT_TRUE(until([&] { return end.lastStatus() == 483; }));
  EXPECT_EQ(board->size(), 0U);
}

TEST_F(Rules, EarlyMediaPassesAndIsNoRinging) {
  auto& caller = place("1001", "1002");
  called().invite->reply(183, "Session Progress", {{}, "application/sdp", called_sdp});
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 183; }));
  EXPECT_EQ(caller.responses.back().body, called_sdp);
  ASSERT_TRUE(until([&] { return saw(cc::EventType::networkReached, "1002"); }));
  EXPECT_EQ(stateOf("1002"), "initiated");
  answer(called());
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200 && stateOf("1002") == "connected"; }));
}

TEST_F(Rules, ASecondOfferWhileOneIsOpenIsRefusedAndTheFirstGoesOn) {
  auto& caller = talk();
  called().answers = false;
  request(caller, "INVITE", caller_sdp);
  ASSERT_TRUE(until([&] { return called().got("INVITE"); }));
  const auto first = called().pending;
  request(called(), "UPDATE", called_sdp);
  ASSERT_TRUE(until([&] { return called().lastStatus() == 491; }));
  first->reply(200, "OK", {{}, "application/sdp", called_sdp});
  EXPECT_TRUE(until([&] { return caller.lastStatus() == 200; }));
}

TEST_F(Rules, ARefusedChangeOfTheSessionLeavesTheCallAsItWas) {
  auto& caller = talk();
  called().status = 488;
  request(caller, "INVITE", sdp::withDirection(caller_sdp, sdp::Direction::inactive));
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 488; }));
  EXPECT_EQ(stateOf("1001"), "connected") << "a hold that was refused is none";
  called().status = 200;
  request(caller, "INVITE", caller_sdp);
  EXPECT_TRUE(until([&] { return caller.lastStatus() == 200; }));
  EXPECT_EQ(call().ended, 0);
}

}  // namespace
}  // namespace jackfield::calls::tests
