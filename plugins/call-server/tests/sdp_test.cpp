// SPDX-License-Identifier: Apache-2.0
// Session descriptions: hold seen, direction set, o= kept in order, everything else untouched.
#include "b2bua/sdp.hpp"

#include <gtest/gtest.h>

namespace jackfield::calls::sdp {
namespace {

const std::string talking =
    "v=0\r\no=alice 5 9 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\nm=video 0 RTP/AVP 99\r\nx-unknown line\r\n";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Sdp, SeesAHoldByDirectionOrByTheOldZeroAddress) {
  EXPECT_FALSE(holds(talking));
  EXPECT_TRUE(holds(with(talking, "a=rtpmap", "a=sendonly\r\na=rtpmap")));
  EXPECT_TRUE(holds(with(talking, "a=rtpmap", "a=inactive\r\na=rtpmap")));
  EXPECT_TRUE(holds(with(talking, "c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0")));
  EXPECT_TRUE(holds(with(talking, "t=0 0", "t=0 0\r\na=sendonly")));
}

TEST(Sdp, IsNoHoldWhenOneMediumStillTalksOrNoneIsOn) {
  EXPECT_FALSE(holds(with(talking, "a=rtpmap", "a=recvonly\r\na=rtpmap")));
  EXPECT_FALSE(holds(with(talking, "m=video 0", "a=sendonly\r\nm=video 4002")));
  EXPECT_FALSE(holds(with(talking, "m=audio 4000", "m=audio 0")));
  EXPECT_FALSE(holds("v=0\r\n"));
  EXPECT_FALSE(holds(""));
}

TEST(Sdp, SetsTheDirectionOfMediaThatAreOnAndTouchesNoOtherLine) {
  EXPECT_EQ(withDirection(talking, Direction::inactive), with(talking, "m=video 0", "a=inactive\r\nm=video 0"));
  const auto held = with(talking, "a=rtpmap", "a=sendonly\r\na=rtpmap");
  EXPECT_EQ(withDirection(held, Direction::sendrecv), with(held, "a=sendonly", "a=sendrecv"));
  EXPECT_TRUE(holds(withDirection(with(talking, "t=0 0", "t=0 0\r\na=sendrecv"), Direction::inactive)));
}

TEST(Sdp, EndsALastLineWithoutEndBeforeItAddsADirection) {
  const std::string cut = "v=0\r\nm=audio 4000 RTP/AVP 0";
  EXPECT_EQ(withDirection(cut, Direction::inactive), cut + "\r\na=inactive\r\n");
  EXPECT_EQ(withDirection("v=0\nm=audio 4000 RTP/AVP 0", Direction::inactive),
            "v=0\nm=audio 4000 RTP/AVP 0\na=inactive\n");
}

TEST(Sdp, ComparesMediaWithoutOriginAndDirection) {
  EXPECT_TRUE(sameMedia(talking, withDirection(with(talking, "5 9 IN", "5 10 IN"), Direction::inactive)));
  EXPECT_FALSE(sameMedia(talking, with(talking, "audio 4000", "audio 4002")));
}

TEST(Sdp, PassesOctetForOctetUntilWeAddSomethingOfOurOwn) {
  Origin leg;
  EXPECT_EQ(leg.pass(talking), talking);
  const auto next = with(talking, "5 9 IN", "5 12 IN");
  EXPECT_EQ(leg.pass(next), next);
}

TEST(Sdp, KeepsSessionIdAndCountsTheVersionOnALegThatGotOurs) {
  Origin leg;
  leg.pass(talking);
  const auto held = leg.own(withDirection(talking, Direction::inactive));
  EXPECT_NE(held.find("o=alice 5 10 IN IP4 192.0.2.1\r\n"), std::string::npos);
  EXPECT_EQ(leg.own(withDirection(talking, Direction::inactive)), held) << "no change, no new version";
  // What now passes has another session of another machine: to this peer it stays the same one.
  const auto other = leg.pass(with(talking, "o=alice 5 9 IN IP4 192.0.2.1", "o=bob 77 1 IN IP4 192.0.2.9"));
  EXPECT_NE(other.find("o=alice 5 11 IN IP4 192.0.2.1\r\n"), std::string::npos);
  EXPECT_EQ(other.find("bob"), std::string::npos);
}

TEST(Sdp, GoesOnCountingAfterARestart) {
  Origin before;
  before.pass(talking);
  before.own(withDirection(talking, Direction::inactive));
  Origin after;
  after.restore(before.last(), before.restamps());
  EXPECT_NE(after.own(talking).find("o=alice 5 11 "), std::string::npos);
}

TEST(Sdp, KeepsNumberAndOrderOfTheMediaOfALeg) {
  const std::string before =
      "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\nm=audio 1 RTP/AVP 0\r\na=sendrecv\r\nm=video 2/2 RTP/AVP 99\r\n";
  EXPECT_EQ(inOrderOf("v=0\r\nm=image 5 udptl t38\r\na=x\r\nm=audio 4 RTP/AVP 8\r\na=inactive\r\n", before),
            "v=0\r\nm=audio 4 RTP/AVP 8\r\na=inactive\r\nm=video 0 RTP/AVP 99\r\nm=image 5 udptl t38\r\na=x\r\n");
  EXPECT_EQ(inOrderOf(before, before), before);
  EXPECT_EQ(inOrderOf(before, ""), before);
  Origin leg;
  leg.pass(before);
  EXPECT_NE(leg.own("v=0\r\no=y 9 9 IN IP4 192.0.2.2\r\nm=audio 4 RTP/AVP 8\r\n").find("m=video 0 RTP/AVP 99"),
            std::string::npos);
}

TEST(Sdp, ToleratesDamagedDescriptions) {
  for (const std::string text : {"o=", "o=a", "o=a b", "m=", "m=audio", "\r\n\r\n", "v=0\nm=audio 1 x 0\na=sendonly"}) {
    holds(text);
    Origin leg;
    leg.pass(text);
    leg.own(withDirection(text, Direction::inactive));
  }
  EXPECT_TRUE(holds("v=0\nm=audio 1 x 0\na=sendonly"));
}

TEST(Sdp, OffersInactiveAudioToThePhoneThatRingsFirst) {
  const auto offer = inactiveOffer("192.0.2.7:5060", 42);
  EXPECT_NE(offer.find("o=jackfield 42 1 IN IP4 192.0.2.7\r\n"), std::string::npos);
  EXPECT_TRUE(holds(offer));
  EXPECT_NE(inactiveOffer("[2001:db8::7]:5060", 1).find("c=IN IP6 2001:db8::7\r\n"), std::string::npos);
}

}  // namespace
}  // namespace jackfield::calls::sdp
