// SPDX-License-Identifier: Apache-2.0
// Numbers in all the ways people write and servers signal them.
#include "model/phone_number.hpp"

#include <gtest/gtest.h>

namespace jackfield::model {
namespace {

TEST(PhoneNumber, EverySpellingOfANumberGivesOneForm) {
  for (const auto* text :
       {"+49 89 1234567", "+49 (89) 1234-567", "0049891234567", "00 49 89 / 1234567", "sip:+49891234567@site.test",
        "sips:+49891234567@site.test;user=phone", "tel:+49-89-1234567", "TEL:+49.89.1234567",
        "\"Ann\" <sip:+49891234567@site.test>;tag=1", "+49 (0)89 1234567", "+49 89 1234567 x12", "+4989 1234567,,12"})
    EXPECT_EQ(normalisedNumber(text), "+49891234567") << text;
}

TEST(PhoneNumber, ExtensionsAndFeatureCodesStay) {
  EXPECT_EQ(normalisedNumber("1001"), "1001");
  EXPECT_EQ(normalisedNumber("sip:1001@site.test"), "1001");
  EXPECT_EQ(normalisedNumber("*21#"), "*21#");
  EXPECT_EQ(normalisedNumber("001"), "001") << "too short to be an international number";
}

TEST(PhoneNumber, WhatIsNoNumberGivesNothing) {
  for (const auto* text : {"", "+", "ann.smith", "sip:ann@site.test", "anonymous", "12ab", "<>", "sip:", "@", ";", "()",
                           "\xff\xfe", "1\n2"})
    EXPECT_EQ(normalisedNumber(text), "") << text;
}

TEST(PhoneNumber, HostileLengthIsBounded) {
  EXPECT_LE(normalisedNumber(std::string(1'000'000, '9')).size(), longest_number + 2);
  EXPECT_EQ(normalisedNumber(std::string(1'000'000, ' ')), "");
  EXPECT_EQ(normalisedNumber(std::string("12\0003", 4)), "");
}

}  // namespace
}  // namespace jackfield::model
