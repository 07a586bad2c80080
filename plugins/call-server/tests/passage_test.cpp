// SPDX-License-Identifier: Apache-2.0
// Who is served, who may say so, and which call a request belongs to; the text rules of SIP values.
#include "b2bua/passage.hpp"

#include <set>

#include <gtest/gtest.h>

#include <jackfield/error.hpp>

namespace jackfield::calls {
namespace {

TEST(Passage, ReadsServedUserAndPhase) {
  const auto orig = parseServedUser("<sip:1001@site.test>;sescase=orig;regstate=reg");
  ASSERT_TRUE(orig);
  EXPECT_EQ(orig->uri, "sip:1001@site.test");
  EXPECT_EQ(orig->phase, Phase::originating);
  const auto term = parseServedUser("\"Bob\" <sip:1002@site.test;transport=tcp>; SesCase=TERM");
  EXPECT_FALSE(term) << "a blank before the parameter is no parameter of ours";
  EXPECT_EQ(parseServedUser("\"Bob\" <sip:1002@site.test>;SesCase=TERM")->phase, Phase::terminating);
}

TEST(Passage, RefusesServedUsersThatNameNobodyOrNoPhase) {
  for (const char* bad : {"", "sip:1001@site.test;sescase=orig", "<sip:1001@site.test>", "<sip:site.test>;sescase=orig",
                          "<>;sescase=orig", "<sip:1001@site.test>;sescase=both", ">x<;sescase=orig"})
    EXPECT_FALSE(parseServedUser(bad)) << bad;
}

TEST(Passage, TrustsAddressesNetworksAndCertificateNamesOnly) {
  const TrustedPeers peers({"192.0.2.1", "198.51.100.0/25", "2001:db8::/32", "pbx.site.test"});
  EXPECT_TRUE(peers.trusts({"192.0.2.1", 5060, "udp", {}}));
  EXPECT_FALSE(peers.trusts({"192.0.2.2", 5060, "udp", {}}));
  EXPECT_TRUE(peers.trusts({"198.51.100.127", 5060, "tcp", {}}));
  EXPECT_FALSE(peers.trusts({"198.51.100.128", 5060, "tcp", {}}));
  EXPECT_TRUE(peers.trusts({"2001:db8:1::9", 5060, "udp", {}}));
  EXPECT_TRUE(peers.trusts({"203.0.113.9", 5061, "tls", {"PBX.site.test"}}));
  EXPECT_FALSE(peers.trusts({"203.0.113.9", 5061, "tls", {"other.site.test"}}));
  EXPECT_FALSE(peers.trusts({"", 0, "udp", {}}));
}

TEST(Passage, RefusesAPeerThatIsNoneAndNamesIt) {
  try {
    const TrustedPeers peers({"192.0.2.1", "192.0.2.0/33"});
    FAIL() << "192.0.2.0/33 was taken";
  } catch (const Error& refused) {
    EXPECT_EQ(refused.field(), "/trustedPeers/1");
    EXPECT_EQ(refused.value(), "192.0.2.0/33");
  }
}

TEST(Passage, FindsItsOwnCorrelationAndNoForgedOne) {
  const Correlation correlation, stranger;
  const auto value = correlation.sign({"0123abc", 7, 'n'});
  const auto passed = correlation.verify(value);
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->call, "0123abc");
  EXPECT_EQ(passed->span, 7U);
  EXPECT_EQ(passed->leg, 'n');
  EXPECT_FALSE(correlation.verify(stranger.sign({"0123abc", 7, 'n'})));
  EXPECT_FALSE(correlation.verify("0123abc"));
  EXPECT_FALSE(correlation.verify("0123abd" + value.substr(7)));
  EXPECT_FALSE(correlation.verify(std::string(100000, 'x') + ";token=" + std::string(32, '0')));
}

TEST(Passage, NeverGivesACallIdTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 10000; ++i) EXPECT_TRUE(seen.insert(newCallId()).second);
}

TEST(SipText, TakesLineEndsAndQuotesOutOfHostileDisplayNames) {
  EXPECT_EQ(sip::formatAddress("Eve\r\nP-Served-User: <sip:boss@site.test>", "sip:1@x"),
            "\"Eve P-Served-User: <sip:boss@site.test>\" <sip:1@x>");
  EXPECT_EQ(sip::formatAddress("a\"b\\c", "sip:1@x"), "\"a\\\"b\\\\c\" <sip:1@x>");
  EXPECT_EQ(sip::formatAddress("", "sip:1@x>\r\nRoute: <sip:evil"), "<sip:1@xRoute:sip:evil>");
}

TEST(SipText, FindsTheAddressOfRecord) {
  EXPECT_EQ(sip::addressOfRecord("sips:1001:pw@Site.TEST:5061;transport=tls?x=y"), "sip:1001@site.test");
  EXPECT_EQ(sip::addressOfRecord("tel:+49301234;phone-context=x"), "tel:+49301234");
  EXPECT_EQ(sip::userOf("sip:+49301234;ext=5@h"), "+49301234");
  EXPECT_EQ(sip::hostOf("sip:[2001:DB8::1]:5060;lr"), "[2001:db8::1]");
  EXPECT_EQ(sip::userOf("nonsense"), "");
}

}  // namespace
}  // namespace jackfield::calls
