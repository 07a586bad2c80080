// SPDX-License-Identifier: Apache-2.0
// A wrong field as a sentence.
#include "model/problem.hpp"

#include <gtest/gtest.h>

namespace jackfield::model {
namespace {

TEST(FieldErrors, ReadAsASentenceWhetherTheRuleSaysWhatIsWrongOrNamesWhatIsWanted) {
  EXPECT_EQ(sentenceOf({"/hour", "25", "0 to 23"}), "/hour: 25 is not 0 to 23");
  EXPECT_EQ(sentenceOf({"/settings/port", "0", "is below 1"}), "/settings/port: 0 is below 1");
  EXPECT_EQ(sentenceOf({"/settings/host", "", "is missing"}), "/settings/host: is missing");
  EXPECT_EQ(sentenceOf({"/enabled", "true", "must be cleared first"}), "/enabled: true must be cleared first");
  EXPECT_EQ(sentenceOf({"/type", "x", "stays sip"}), "/type: x stays sip");
}

}  // namespace
}  // namespace jackfield::model
