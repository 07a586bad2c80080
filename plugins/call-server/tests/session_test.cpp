// SPDX-License-Identifier: Apache-2.0
// Session timers (RFC 4028): both ends told, refreshed, and dead legs cleared.
#include "lab.hpp"

namespace jackfield::calls::tests {
namespace {

// Seconds, as RFC 4028 has no less; the smallest that a test can wait for.
class Session : public Lab {
 protected:
  Session() : Lab(20) {
    rules.session_expires = 4;
    rules.min_se = 2;
    crash();
  }
};

TEST_F(Session, TheIntervalIsOfferedToTheCalledAndRefreshedHalfway) {
  talk();
  ASSERT_TRUE(called().invite->request().session_expires);
  EXPECT_EQ(called().invite->request().session_expires->seconds, 4U);
  EXPECT_TRUE(called().invite->request().supports_timer);
  EXPECT_TRUE(until([&] { return called().got("OPTIONS") || called().got("UPDATE"); }, 4s));
  EXPECT_EQ(stateOf("1001"), "connected");
}

TEST_F(Session, APeerThatKnowsNothingOfTheDialogAnyMoreEndsTheCall) {
  auto& caller = talk();
  called().status = 481;
  ASSERT_TRUE(until([&] { return call().ended > 0; }, 6s));
  EXPECT_EQ(party("1001").cause, cc::Cause::lost);
  EXPECT_TRUE(until([&] { return caller.got("BYE"); }));
}

TEST_F(Session, APeerThatFallsSilentEndsTheCall) {
  auto& caller = talk();
  called().answers = false;
  ASSERT_TRUE(until([&] { return call().ended > 0; }, 9s));
  EXPECT_TRUE(until([&] { return caller.got("BYE"); }));
}

TEST_F(Session, ACallerThatRefreshesItselfAndStopsIsCleared) {
  auto& caller = place("1001", "1002", "orig", {{"Supported", "timer"}, {"Session-Expires", "4;refresher=uac"}});
  answer(called());
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200; }));
  ASSERT_TRUE(caller.responses.back().session_expires);
  EXPECT_EQ(caller.responses.back().session_expires->refresher, "uac");
  request(caller, "UPDATE", {}, {{"Supported", "timer"}, {"Session-Expires", "4;refresher=uac"}});
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200; }));
  EXPECT_FALSE(called().got("UPDATE")) << "a refresh concerns one leg";
  ASSERT_TRUE(until([&] { return call().ended > 0; }, 9s));
  EXPECT_EQ(party("1001").cause, cc::Cause::timeout);
  EXPECT_TRUE(until([&] { return called().got("BYE"); }));
}

TEST_F(Session, TooShortAnIntervalIsRefusedWithTheShortestAllowed) {
  auto& caller = place("1001", "1002", "orig", {{"Supported", "timer"}, {"Session-Expires", "1"}});
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 422; }));
  EXPECT_EQ(caller.responses.back().min_se, 2U);
}

TEST_F(Session, TheFarSidesLongerMinimumIsTakenOver) {
  auto& caller = place("1001", "1002");
  called().invite->reply(422, {}, {{{"Min-SE", "60"}}, {}, {}});
  called().dialog.reset();  // a refused INVITE opens no dialog
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
  EXPECT_EQ(called().invite->request().session_expires->seconds, 60U);
  answer(called());
  EXPECT_TRUE(until([&] { return caller.lastStatus() == 200; }));
}

TEST_F(Session, AnAnswerThatIsNeverAcknowledgedEndsTheCall) {
  auto& end = *ends_before.emplace_back(std::make_unique<End>());
  end.dialog = front->createDialog("<sip:1001@site.test>", "<sip:1002@site.test>");
  end.dialog->onRequest([&end](std::shared_ptr<sip::Inbound> in) {
    end.requests.push_back(in->request());
    in->reply(200);
  });
  end.sent = end.dialog->invite(
      "sip:1002@site.test", {"<sip:" + agent->address("udp") + ";lr>", "<sip:x@" + frontAddress() + ";lr>"}, "",
      {{{"P-Served-User", "<sip:1001@site.test>;sescase=orig"}}, "application/sdp", caller_sdp}, 70,
      [&end](const sip::Message& r) {
        end.responses.push_back(r);
        if (r.success()) end.dialog->establish(r);
      });
  answer(called());
  ASSERT_TRUE(until([&] { return call().ended > 0; }, 9s));
  EXPECT_TRUE(until([&] { return end.got("BYE") && called().got("BYE"); }));
  EXPECT_EQ(party("1001").cause, cc::Cause::timeout);
}

}  // namespace
}  // namespace jackfield::calls::tests
