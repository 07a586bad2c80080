// SPDX-License-Identifier: Apache-2.0
// The number vectors of the specification, DIAL-038 to DIAL-120, and what is around them.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <jackfield/json.hpp>

#include "model/dial_plan/converter.hpp"
#include "model/dial_plan/routing.hpp"
#include "seed_plan.hpp"

namespace jackfield::model {
namespace {

DialPlan rsS1(const std::string& regional = "555") {
  auto plan = seedPlan();
  plan.regional = regional;
  return plan;
}
DialPlan rsS2() {
  auto plan = seedPlan();
  plan.pbx_main = "442071234567";
  plan.regional = "20";
  plan.inter_regional = "0";
  plan.international = "00";
  plan.local_length = 8;
  plan.extension_length = 4;
  return plan;
}
DialPlan rsS3() {
  auto plan = seedPlan();
  plan.pbx_main = "15085551000";
  plan.regional = "508";
  plan.local_length = 10;
  return plan;
}

ConversionTable patterns(std::vector<PatternRule> rules) {
  int position = 0;
  for (auto& rule : rules) rule.position = ++position;
  return {RuleKind::pattern, std::move(rules), {}};
}
ConversionTable expressions(const std::vector<std::pair<std::string, std::string>>& rules) {
  ConversionTable table{RuleKind::regex, {}, {}};
  for (const auto& [expression, replacement] : rules)
    table.regex_rules.push_back({static_cast<int>(table.regex_rules.size()) + 1, expression, replacement});
  return table;
}
DialPlan withDialable(ConversionTable table) {
  auto plan = rsS1();
  plan.dialable = std::move(table);
  return plan;
}
DialPlan withDisplay(ConversionTable table) {
  auto plan = rsS1();
  plan.display = std::move(table);
  return plan;
}

const std::optional<int> any;

DialPlan rsP1() {
  return withDialable(patterns({{0, 12, 12, "+1555333", 8, "6"},
                                {0, 12, 12, "+1555", 5, "9"},
                                {0, 12, 12, "+1", 2, "91"},
                                {0, 12, any, "+", 1, "9011"},
                                {0, 1, any, "", 0, ""}}));
}
DialPlan rsR1() {
  return withDialable(expressions({{R"(\+1555333(\d{4,4}))", "6$1"},
                                   {R"(\+1555(\d{7,7}))", "9$1"},
                                   {R"(\+1(\d{10,10}))", "91$1"},
                                   {R"(\+55(\d{2,2}[89]\d{7,7}))", "9101045855$1"},
                                   {R"(\+(\d{10,}))", "9011$1"},
                                   {R"((\d{10,10}))", "91$1"},
                                   {R"((\d{4,}))", "$1"}}));
}
DialPlan rsN0() {
  return withDisplay(patterns({{0, 5, 5, "7", 0, "+155533"},
                               {0, 5, 5, "2", 0, "+122285"},
                               {0, 10, 10, "555", 0, "+1"},
                               {0, 10, 10, "", 0, "+1"},
                               {0, 11, 15, "", 0, "+"}}));
}
DialPlan rsN1() {
  return withDisplay(patterns(
      {{0, 5, 5, "7", 0, "+155533"}, {0, 5, 5, "2", 0, "+122285"}, {0, 10, 10, "", 0, "+1"}, {0, 11, 15, "", 0, "+"}}));
}
DialPlan rsE0() {
  return withDialable(patterns({{0, 12, 12, "+1555337", 7, ""},
                                {0, 12, 12, "+1222852", 7, ""},
                                {0, 12, 12, "+1555", 1, "9"},
                                {0, 10, 10, "", 0, "91"},
                                {0, 12, 12, "+1", 1, "9"},
                                {0, 10, 15, "+", 1, "9011"}}));
}
DialPlan rsE1() {
  return withDialable(patterns({{0, 12, 12, "+1555337", 7, ""},
                                {0, 12, 12, "+1222852", 7, ""},
                                {0, 10, 10, "", 0, "91"},
                                {0, 12, 12, "+1", 1, "9"},
                                {0, 10, 15, "+", 1, "9011"}}));
}

struct SimpleVector {
  const char* id;
  Direction direction;
  const char* input;
  CallKind kind;
  const char* output;
};

void expectSimple(const DialPlan& plan, const std::vector<SimpleVector>& vectors) {
  const Converter converter(plan);
  for (const auto& vector : vectors) {
    const auto got = converter.convert(vector.direction, vector.input);
    EXPECT_EQ(got.output, vector.output) << vector.id;
    EXPECT_EQ(got.kind, vector.kind) << vector.id << ": " << nameOf(got.kind);
    EXPECT_EQ(got.algorithm, Algorithm::simple) << vector.id;
    EXPECT_EQ(got.rule, 0) << vector.id;
  }
}

TEST(DialPlan, SimpleClassifiesByTheMainNumberAndBuildsWhatTheSwitchExpects) {
  using enum CallKind;
  constexpr auto dialable = Direction::dialable, ops = Direction::ops, display = Direction::display;
  const std::vector<SimpleVector> vectors{{"DV-S01", dialable, "+15553335111", extension, "35111"},
                                          {"DV-S02", dialable, "+15554440000", local, "94440000"},
                                          {"DV-S03", dialable, "+15087641234", national, "915087641234"},
                                          {"DV-S04", dialable, "+551151856200", international, "9011551151856200"},
                                          {"DV-S05", dialable, "+1 (508) 764-1234", national, "915087641234"},
                                          {"DV-S06", dialable, "35111", extension, "35111"},
                                          {"DV-S07", dialable, "4440000", local, "94440000"},
                                          {"DV-S08", dialable, "3335111", extension, "35111"},
                                          {"DV-S09", dialable, "5087641234", national, "915087641234"},
                                          {"DV-S10", dialable, "15087641234", national, "915087641234"},
                                          {"DV-S11", dialable, "011551151856200", international, "9011551151856200"},
                                          {"DV-S12", dialable, "551151856280", international, "9011551151856280"},
                                          {"DV-S13", dialable, "919785551234", asIs, "919785551234"},
                                          {"DV-S14", dialable, "94440000", asIs, "94440000"},
                                          {"DV-S15", dialable, "9011551151856200", asIs, "9011551151856200"},
                                          {"DV-S16", dialable, "911", asIs, "911"},
                                          {"DV-S17", dialable, "*72", asIs, "*72"},
                                          {"DV-S18", ops, "+15087641234", national, "15087641234"},
                                          {"DV-S19", ops, "+15554440000", local, "4440000"},
                                          {"DV-S20", ops, "+551151856200", international, "011551151856200"},
                                          {"DV-S21", ops, "35111", extension, "35111"},
                                          {"DV-S22", display, "35111", extension, "+15553335111"},
                                          {"DV-S23", display, "4440000", local, "+15554440000"},
                                          {"DV-S24", display, "5087641234", national, "+15087641234"},
                                          {"DV-S25", display, "15087641234", national, "+15087641234"},
                                          {"DV-S26", display, "551151856280", international, "+551151856280"},
                                          {"DV-S27", display, "011551151856200", international, "+551151856200"},
                                          {"DV-S28", display, "+15087641234", asIs, "+15087641234"},
                                          {"DV-S29", display, "911", asIs, "911"},
                                          {"already dialable, off-PBX", ops, "915087641234", asIs, "15087641234"}};
  expectSimple(rsS1(), vectors);
  expectSimple(rsS1("1555"), vectors);
  expectSimple(rsS1(""), vectors);
  auto plus = rsS1();
  plus.pbx_main = "+15553335000";
  expectSimple(plus, vectors);
  expectSimple(rsS2(), {{"DV-S40", dialable, "+442071234001", extension, "4001"},
                        {"DV-S41", dialable, "+442079460000", local, "979460000"},
                        {"DV-S42", dialable, "+441614960000", national, "901614960000"},
                        {"DV-S43", dialable, "+15087641234", international, "90015087641234"},
                        {"DV-S44", dialable, "02079460000", local, "979460000"},
                        {"DV-S45", dialable, "0015087641234", international, "90015087641234"}});
  expectSimple(rsS3(), {{"DV-S50", dialable, "+15085551234", extension, "51234"},
                        {"DV-S51", dialable, "+15088520010", local, "95088520010"},
                        {"DV-S52", dialable, "+19785551234", national, "919785551234"},
                        {"DV-S53", dialable, "5088520010", local, "95088520010"},
                        {"DV-S54", dialable, "+442071234001", international, "9011442071234001"}});
}

struct RuleVector {
  const char* id;
  const char* input;
  int rule;  // 0: Simple
  const char* output;
};

void expectRules(const DialPlan& plan, Direction direction, const std::vector<RuleVector>& vectors) {
  const Converter converter(plan);
  const auto by_rule = plan.table(direction).kind == RuleKind::pattern ? Algorithm::pattern : Algorithm::regex;
  for (const auto& vector : vectors) {
    const auto got = converter.convert(direction, vector.input);
    EXPECT_EQ(got.output, vector.output) << vector.id;
    EXPECT_EQ(got.rule, vector.rule) << vector.id;
    EXPECT_EQ(got.algorithm, vector.rule ? by_rule : Algorithm::simple) << vector.id;
    EXPECT_EQ(got.kind == CallKind::none, vector.rule != 0) << vector.id;
  }
}

TEST(DialPlan, PatternRulesAreTriedInOrderAndSimpleFollows) {
  expectRules(rsP1(), Direction::dialable,
              {{"DV-P01", "+15553335111", 1, "65111"},
               {"DV-P02", "+15553310000", 2, "93310000"},
               {"DV-P03", "+15087641234", 3, "915087641234"},
               {"DV-P04", "+551155551234", 4, "9011551155551234"},
               {"DV-P05", "915552225555", 5, "915552225555"},
               {"DV-P06", "+44", 0, "901144"}});
  auto shuffled = rsP1();
  std::swap(shuffled.dialable.pattern_rules[0], shuffled.dialable.pattern_rules[4]);
  expectRules(shuffled, Direction::dialable, {{"the positions decide", "+15553335111", 1, "65111"}});
  expectRules(
      withDialable(patterns({{0, any, any, "12", 2, "7"}, {0, any, 3, "", 0, "8"}})), Direction::dialable,
      {{"longer than the most", "4567", 0, "4567"}, {"within", "456", 2, "8456"}, {"all deleted", "12", 1, "7"}});
  // The table of one direction is nothing to the others.
  expectRules(rsP1(), Direction::ops, {{"ops", "+15553335111", 0, "35111"}});
}

TEST(DialPlan, ARuleThatWouldDeleteMoreThanThereIsDoesNotMatch) {
  auto plan = withDialable(patterns({{0, any, any, "", 0, "7"}}));
  plan.dialable.pattern_rules[0].minimum_length = 4;
  plan.dialable.pattern_rules[0].delete_length = 4;
  expectRules(plan, Direction::dialable, {{"as long", "4567", 1, "7"}, {"shorter", "911", 0, "911"}});
}

TEST(DialPlan, ExpressionsMatchTheEntireNumber) {
  expectRules(rsR1(), Direction::dialable,
              {{"DV-R01", "+15553335111", 1, "65111"},
               {"DV-R02", "+15553211234", 2, "93211234"},
               {"DV-R03", "+15087641234", 3, "915087641234"},
               {"DV-R04", "+551191851234", 4, "91010458551191851234"},
               {"DV-R05", "+551155551234", 5, "9011551155551234"},
               {"DV-R06", "7204441000", 6, "917204441000"},
               {"DV-R07", "919785551234", 7, "919785551234"},
               {"DV-R08", "+155533351119", 5, "9011155533351119"},
               {"DV-R09", "911", 0, "911"}});
  expectRules(withDialable(expressions({{R"(\+1425(\d{7,}))", "9$1"}})), Direction::dialable,
              {{"DV-R10", "+14252417293", 1, "92417293"}});
  expectRules(withDialable(expressions({{R"(\+14259(\d{7,}))", "9$1"}})), Direction::dialable,
              {{"DV-R11", "+14252417293", 0, "914252417293"}});
}

TEST(DialPlan, TheWorkedExampleOfTheSeedHoldsBeforeAndAfterItsCleanUp) {
  expectRules(rsN0(), Direction::display,
              {{"DV-N01", "75247", 1, "+15553375247"},
               {"DV-N02", "23657", 2, "+12228523657"},
               {"DV-N03", "5553341234", 3, "+15553341234"},
               {"DV-N04", "4447641234", 4, "+14447641234"},
               {"DV-N05", "551151856280", 5, "+551151856280"}});
  expectRules(rsN1(), Direction::display,
              {{"DV-N11", "75247", 1, "+15553375247"},
               {"DV-N12", "23657", 2, "+12228523657"},
               {"DV-N13", "5553341234", 3, "+15553341234"},
               {"DV-N14", "4447641234", 3, "+14447641234"},
               {"DV-N15", "551151856280", 4, "+551151856280"}});
  expectRules(rsE0(), Direction::dialable,
              {{"DV-E01", "+15553375247", 1, "75247"},
               {"DV-E02", "+12228523657", 2, "23657"},
               {"DV-E03", "+15553341234", 3, "915553341234"},
               {"DV-E04", "5553341234", 4, "915553341234"},
               {"DV-E05", "+14447641234", 5, "914447641234"},
               {"DV-E06", "+551151856280", 6, "9011551151856280"}});
  expectRules(rsE1(), Direction::dialable,
              {{"DV-E11", "+15553375247", 1, "75247"},
               {"DV-E12", "+12228523657", 2, "23657"},
               {"DV-E13", "+15553341234", 4, "915553341234"},
               {"DV-E14", "5553341234", 3, "915553341234"},
               {"DV-E15", "+14447641234", 4, "914447641234"},
               {"DV-E16", "+551151856280", 5, "9011551151856280"},
               {"DV-E17", "+123456789", 0, "9011123456789"}});
}

TEST(DialPlan, WhatTheSwitchSignalsCanBeDialledAgain) {
  auto plan = rsN1();
  plan.dialable = rsE1().dialable;
  const Converter converter(plan);
  for (const auto& [signalled, dialled] :
       std::vector<std::pair<std::string, std::string>>{{"75247", "75247"},
                                                        {"23657", "23657"},
                                                        {"5553341234", "915553341234"},
                                                        {"4447641234", "914447641234"},
                                                        {"551151856280", "9011551151856280"}})
    EXPECT_EQ(converter.convert(Direction::dialable, converter.convert(Direction::display, signalled).output).output,
              dialled);
}

TEST(DialPlan, ArsDigitsAreRemovedBeforeDisplayUnlessTheNumberIsAnExtension) {
  const auto plan = rsS1();
  struct {
    const char* id;
    const char* received;
    ArsRemoval how;
    const char* expected;
  } const vectors[] = {{"DV-A01", "98710", {true, true}, "98710"},
                       {"DV-A02", "98710", {true, false}, "8710"},
                       {"DV-A03", "9871000", {true, true}, "871000"},
                       {"DV-A04", "915087641234", {true, true}, "15087641234"},
                       {"DV-A05", "915087641234", {true, false}, "15087641234"},
                       {"DV-A06", "915087641234", {false, false}, "915087641234"},
                       {"DV-A07", "35111", {true, false}, "35111"}};
  for (const auto& vector : vectors)
    EXPECT_EQ(withoutArs(vector.received, plan, vector.how), vector.expected) << vector.id;
  EXPECT_TRUE(ArsRemoval().remove);
}

TEST(DialPlan, RoutingSendsWhatTheTypesRuleSays) {
  const Converter plan(rsP1());
  const std::string number = "+15087641234";
  using enum RoutingType;
  using enum RoutingContext;
  EXPECT_EQ(routedNumber(location, destination, "", plan, number), "915087641234") << "DV-G01";
  EXPECT_EQ(routedNumber(mobileRingAlsoLocation, mobile, "", plan, number), "15087641234") << "DV-G02";
  EXPECT_EQ(routedNumber(gsmGateway, mobile, "77", plan, number), "7715087641234") << "DV-G03";
  EXPECT_THROW(routedNumber(gsmGateway, ringAlso, "77", plan, number), Problem) << "DV-G04";
  EXPECT_THROW(routedNumber(location, callback, "", plan, number), Problem) << "DV-G05";
  EXPECT_EQ(routedNumber(mobileRingAlsoLocation, callback, "", plan, number), "15087641234") << "DV-G06";
  EXPECT_FALSE(allows(location, mobile));
  EXPECT_FALSE(allows(mobileRingAlsoLocation, destination));
  EXPECT_TRUE(allows(gsmGateway, callback));
}

TEST(DialPlan, SeparatorsGoAndHostileInputGoesThrough) {
  const Converter converter(rsR1());
  EXPECT_EQ(converter.convert(Direction::dialable, "+1 (508) 764-12.34/").output, "915087641234");
  EXPECT_EQ(converter.convert(Direction::dialable, "").output, "");
  EXPECT_EQ(converter.convert(Direction::dialable, "alice@site").output, "alice@site");
  EXPECT_EQ(converter.convert(Direction::display, "++1").output, "++1");
  const std::string endless(100000, '7');
  const auto got = converter.convert(Direction::dialable, endless);
  EXPECT_EQ(got.output, endless);
  EXPECT_EQ(got.kind, CallKind::asIs);
}

TEST(DialPlan, AnExpressionThatWouldTakeForEverIsStoppedAndTold) {
  for (const char* expression : {R"((\d+)+#)", R"((\d*)*#)", R"((\d|\d\d)+#)", R"((\d+)*(\d+)*(\d+)*#)"}) {
    const Converter converter(withDialable(expressions({{expression, "1"}, {R"((\d+)\*#)", "$1"}})));
    const std::string number = std::string(60, '1') + "*#";
    converter.convert(Direction::dialable, number);
    const auto begin = std::chrono::steady_clock::now();
    const auto got = converter.convert(Direction::dialable, number);
    const auto took = std::chrono::steady_clock::now() - begin;
    RecordProperty(std::string("microseconds ") + expression,
                   static_cast<int>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    EXPECT_EQ(got.stopped, std::vector<int>{1}) << expression;
    EXPECT_EQ(got.rule, 2) << "the rules behind it still count";
    // Without the limit it would be years; a busy machine needs room.
    EXPECT_LT(took, std::chrono::seconds(1)) << expression;
  }
}

TEST(DialPlan, HoweverManyExpressionsTakeForEverANumberIsConvertedSoon) {
  std::vector<std::pair<std::string, std::string>> endless;
  for (int i = 0; i < 400; ++i) endless.emplace_back("(\\d|\\d\\d)+#", "1");
  const Converter converter(withDialable(expressions(endless)));
  const auto got = converter.convert(Direction::dialable, std::string(60, '1') + "*#");
  EXPECT_EQ(got.stopped.size(), 32U);
  EXPECT_EQ(got.algorithm, Algorithm::simple);
}

}  // namespace
}  // namespace jackfield::model
