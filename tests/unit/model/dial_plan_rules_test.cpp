// SPDX-License-Identifier: Apache-2.0
// What is refused of a dial plan, what is warned of, and what Test shows.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/json.hpp>

#include "model/dial_plan/examination.hpp"
#include "model/dial_plan/java_regex.hpp"
#include "seed_plan.hpp"

namespace jackfield::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> pointersOf(const DialPlan& of) {
  std::vector<std::string> out;
  for (const auto& fault : faultsOf(of)) out.push_back(fault.pointer);
  return out;
}

std::string expressionFault(const std::string& expression, const std::string& replacement = "") {
  try {
    JavaRegex(expression, replacement);
  } catch (const RegexFault& fault) {
    return fault.what();
  }
  return {};
}

std::string replaced(const std::string& expression, const std::string& replacement, const std::string& number) {
  std::string out;
  return JavaRegex(expression, replacement).apply(number, out) == JavaRegex::Outcome::yes ? out : "no match";
}

TEST(DialPlanRules, EachFieldHasItsRange) {
  EXPECT_THAT(pointersOf(seedPlan()), IsEmpty());
  auto broken = seedPlan();
  broken.handle.clear();
  broken.pbx_main = "+1555-3335000";
  broken.ars = "9,";
  broken.regional = "555*";
  broken.inter_regional = "x";
  broken.international = std::string(16, '0');
  EXPECT_THAT(pointersOf(broken),
              ElementsAre("/handle", "/pbxMain", "/ars", "/regional", "/interRegional", "/international"));
  auto lengths = seedPlan();
  lengths.extension_length = 8;
  EXPECT_THAT(pointersOf(lengths), ElementsAre("/extensionLength"));
  lengths.extension_length = 0;
  lengths.local_length = 11;
  EXPECT_THAT(pointersOf(lengths), ElementsAre("/localLength", "/extensionLength"));
  lengths.national_length = 12;
  EXPECT_THAT(pointersOf(lengths), ElementsAre("/nationalLength", "/extensionLength"));
  auto longest = seedPlan();
  longest.pbx_main = std::string(16, '1');
  EXPECT_THAT(pointersOf(longest), ElementsAre("/pbxMain"));
  EXPECT_EQ(faultsOf(lengths, "/dialPlans/0")[0].pointer, "/dialPlans/0/nationalLength");
  EXPECT_EQ(faultsOf(lengths)[0].value, "12");
}

TEST(DialPlanRules, EachRuleHasItsRange) {
  auto broken = seedPlan();
  PatternRule rule;
  rule.position = 0;
  rule.minimum_length = 5;
  rule.maximum_length = 4;
  rule.starts_with = "1+";
  rule.delete_length = 6;
  rule.prepend = "ab";
  broken.ops.pattern_rules = {rule};
  const std::string at = "/ops/patternRules/0/";
  EXPECT_THAT(pointersOf(broken), ElementsAre(at + "position", at + "maximumLength", at + "startsWith",
                                              at + "deleteLength", at + "prepend"));
  rule = {};
  rule.starts_with = "+1";
  rule.delete_length = 2;
  broken.ops.pattern_rules = {rule};
  EXPECT_THAT(pointersOf(broken), IsEmpty()) << "what it starts with is there to be deleted";
  broken.ops.pattern_rules.assign(most_rules + 1, rule);
  EXPECT_THAT(pointersOf(broken), ElementsAre("/ops"));
  broken.ops = {};
  broken.display.regex_rules = {{1, R"(\+14259(\d{7.}))", "9$1"}, {0, R"((\d+))", "$2"}, {1, "", ""}};
  const std::string display = "/display/regexRules/";
  EXPECT_THAT(pointersOf(broken), ElementsAre(display + "0/regularExpression", display + "1/position",
                                              display + "1/prepend", display + "2/regularExpression"));
  EXPECT_THAT(faultsOf(broken)[0].rule, HasSubstr("position 10"));
  EXPECT_THROW(Converter{broken}, Problem);
}

TEST(DialPlanRules, WhatJavaDoesNotHaveOrMeansOtherwiseIsRefusedWithItsPosition) {
  for (const char* good : {R"(\+1(\d{10,10}))", R"((?:a|b)(?<rest>\d+))", R"([^]x]+)", R"([\]\[]{2})", R"((?i)x)",
                           R"(\Q{(*[\E1)", R"((?=1)\d(?!2)\d(?<=3)\d(?<!4)\d(?>5)\d)", R"((\d)\1)", R"(\p{Lu}x)"})
    EXPECT_EQ(expressionFault(good), "") << good;
  struct {
    const char* expression;
    const char* part;
  } const bad[] = {{R"(\+14259(\d{7.}))", "counted repetition that is not closed at position 10"},
                   {"1{", "position 1"},
                   {"1{,3}", "position 1"},
                   {"(1", "position 2"},
                   {"1)", "position 1"},
                   {"+1", "position 0"},
                   {"[1", "position 2"},
                   {"1\\", "position 2"},
                   {"[a-c&&[^b]]", "intersection"},
                   {"[a[b]]", "class within a class"},
                   {"(*COMMIT)1", "nothing to repeat"},
                   {"(?R)", "no such group"},
                   {"(?1)(1)", "no such group"},
                   {"(?P<a>1)", "no such group"},
                   {"(?|1|2)", "no such group"},
                   {R"(1\K2)", "no \\K"}};
  for (const auto& one : bad) EXPECT_THAT(expressionFault(one.expression), HasSubstr(one.part)) << one.expression;
}

TEST(DialPlanRules, ReplacementsAreReadAsJavaReadsThem) {
  EXPECT_EQ(replaced(R"((\d)(\d))", "$2$1", "12"), "21");
  EXPECT_EQ(replaced(R"((\d)(\d))", "$0", "12"), "12");
  EXPECT_EQ(replaced(R"((\d)(\d))", "$10", "12"), "10") << "group 1, then a zero";
  EXPECT_EQ(replaced(R"((\d)(\d)(\d)(\d)(\d)(\d)(\d)(\d)(\d)(\d))", "$10", "1234567890"), "0") << "there is a group 10";
  EXPECT_EQ(replaced(R"((?<area>\d{2})(\d+))", "${area}-", "123"), "12-");
  EXPECT_EQ(replaced(R"((\d)(\d)?)", "<$2>", "1"), "<>") << "a group that took no part";
  EXPECT_EQ(replaced(R"((\d))", R"(\$1\\$1)", "7"), R"($1\7)");
  EXPECT_THAT(expressionFault(R"((\d))", "9$2"), HasSubstr("no group 2 at position 1"));
  EXPECT_THAT(expressionFault(R"((\d))", "${area}"), HasSubstr("no group area"));
  EXPECT_THAT(expressionFault(R"((\d))", "${area"), HasSubstr("not closed"));
  EXPECT_THAT(expressionFault(R"((\d))", "9$"), HasSubstr("refers to no group"));
  EXPECT_THAT(expressionFault(R"((\d))", "9\\"), HasSubstr("backslash"));
}

TEST(DialPlanRules, OnlyWhatEveryMatchBeginsWithIsTakenForItsPrefix) {
  EXPECT_EQ(plainPrefix(R"(\+1555333(\d{4,4}))"), "+1555333");
  EXPECT_EQ(plainPrefix(R"(\+1(212|646)\d{7})"), "+1");
  EXPECT_EQ(plainPrefix(R"(\+1|2)"), "");
  EXPECT_EQ(plainPrefix(R"([|]\d|1)"), "");
  EXPECT_EQ(plainPrefix("12[|]3"), "12");
  for (const char* hidden : {R"(12[^](]|3)", R"(12[\](]|3)", R"(12[\Q(\E]|3)", "12(?x)3#(\n|4"})
    EXPECT_EQ(plainPrefix(hidden), "") << hidden << ": no group is open before the alternative";
  EXPECT_EQ(replaced(R"(12[\](]|3)", "yes", "3"), "yes");
  EXPECT_EQ(plainPrefix(R"(12\|3)"), "12");
  EXPECT_EQ(plainPrefix(R"(1\Q2|3\E)"), "1");
  for (const char* repeated : {"12?3", "12*3", "12+3", "12{0,1}3"}) EXPECT_EQ(plainPrefix(repeated), "1") << repeated;
  EXPECT_EQ(plainPrefix(R"((\d))"), "");
  EXPECT_EQ(replaced("12?3", "yes", "13"), "yes");
  EXPECT_EQ(replaced("1|2", "yes", "2"), "yes");
}

TEST(DialPlanRules, SavingNumbersTheRulesInStepsOfFive) {
  auto saved = seedPlan();
  auto& table = saved.display;
  table.pattern_rules = {{3, {}, {}, "3", 0, ""}, {1, {}, {}, "1", 0, ""}, {1, {}, {}, "2", 0, ""}};
  table.regex_rules = {{7, "7", ""}, {2, "2", ""}};
  renumber(saved);
  std::string order;
  for (const auto& rule : table.pattern_rules) order += rule.starts_with + "@" + std::to_string(rule.position) + " ";
  for (const auto& rule : table.regex_rules)
    order += rule.regular_expression + "@" + std::to_string(rule.position) + " ";
  EXPECT_EQ(order, "1@5 2@10 3@15 2@5 7@10 ");
}

TEST(DialPlanRules, TestWarnsOfRulesThatStandInEachOthersWay) {
  using enum WarningKind;
  const auto found = [](std::vector<PatternRule> rules) {
    auto with = seedPlan();
    for (std::size_t i = 0; i < rules.size(); ++i) rules[i].position = static_cast<int>(i) + 1;
    with.display.pattern_rules = std::move(rules);
    std::vector<std::string> out;
    for (const auto& warning : warningsOf(with)) {
      EXPECT_EQ(warning.direction, Direction::display);
      EXPECT_THAT(warning.text, HasSubstr("rule " + std::to_string(warning.rule) + " of table display"));
      out.push_back(nameOf(warning.kind) + " " + std::to_string(warning.rule) + " " + std::to_string(warning.other));
    }
    return out;
  };
  const PatternRule extension{0, 5, 5, "7", 0, "+155533"}, other_site{0, 5, 5, "2", 0, "+122285"},
      local{0, 10, 10, "555", 0, "+1"}, national{0, 10, 10, "", 0, "+1"}, international{0, 11, 15, "", 0, "+"};
  EXPECT_THAT(found({extension, other_site, local, national, international}), ElementsAre("redundant 3 4")) << "RS-N0";
  EXPECT_THAT(found({extension, other_site, national, international}), IsEmpty()) << "RS-N1";
  EXPECT_THAT(found({national, local}), ElementsAre("neverMatches 2 1"));
  EXPECT_THAT(found({{0, {}, {}, "", 0, "9"}, extension, local}), ElementsAre("neverMatches 2 1", "neverMatches 3 1"));
  const PatternRule between{0, 10, 10, "5551", 0, "+2"};
  EXPECT_THAT(found({local, between, national}), ElementsAre("neverMatches 2 1"));
  EXPECT_THAT(found({local, {0, 9, 10, "55", 1, "+15"}, national}), ElementsAre("redundant 1 2"));
  EXPECT_THAT(found({local, {0, 10, 11, "5", 2, "+1"}, national}), IsEmpty())
      << "the one between makes another of them";

  // RS-E0, where a rule of other lengths stands between.
  EXPECT_THAT(found({{0, 12, 12, "+1555", 1, "9"}, {0, 10, 10, "", 0, "91"}, {0, 12, 12, "+1", 1, "9"}}),
              ElementsAre("redundant 1 3"));

  auto twice = seedPlan();
  twice.ops.kind = RuleKind::regex;
  twice.ops.regex_rules = {{1, R"(\d+)", "1"}, {2, R"(\d*)", "2"}, {3, R"(\d+)", "3"}};
  const auto warnings = warningsOf(twice);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].kind, neverMatches);
  EXPECT_EQ(warnings[0].rule, 3);
  EXPECT_EQ(warnings[0].direction, Direction::ops);

  auto elsewhere = seedPlan();
  elsewhere.regional = "978";
  ASSERT_EQ(warningsOf(elsewhere).size(), 1U);
  EXPECT_EQ(warningsOf(elsewhere)[0].kind, regional);
}

TEST(DialPlanRules, TestTriesTheMainNumberAndTheSamples) {
  auto with = seedPlan();
  with.samples = {{Direction::dialable, "+15087641234", "915087641234"}, {Direction::display, "35111", "35111"}};
  const auto result = examine(with);
  EXPECT_THAT(result.faults, IsEmpty());
  ASSERT_EQ(result.conversions.size(), 1U);
  EXPECT_EQ(result.conversions[0].number, "15553335000");
  EXPECT_EQ(result.conversions[0].dialable.output, "35000");
  EXPECT_EQ(result.conversions[0].display.output, "+15553335000");
  EXPECT_EQ(result.conversions[0].ops.output, "35000");
  ASSERT_EQ(result.samples.size(), 2U);
  EXPECT_TRUE(result.samples[0].good);
  EXPECT_FALSE(result.samples[1].good);
  EXPECT_EQ(result.samples[1].result.output, "+15553335111");

  with.extension_length = 99;
  const auto refused = examine(with);
  EXPECT_EQ(refused.faults.size(), 1U);
  EXPECT_THAT(refused.conversions, IsEmpty());
}

TEST(DialPlanRules, APlanIsTheSameAfterJson) {
  auto with = seedPlan();
  with.dialable.pattern_rules = {{5, 12, std::nullopt, "+1", 2, "91"}};
  with.display = {RuleKind::regex, {}, {{5, R"((\d+))", "+$1"}}};
  with.samples = {{Direction::ops, "1", "2"}};
  EXPECT_EQ(fromJson<DialPlan>(parseJson(toJsonText(with))), with);
}

}  // namespace
}  // namespace jackfield::model
