// SPDX-License-Identifier: Apache-2.0
// A dial plan: how numbers are converted between people, directories and a call server (DIAL-001 to DIAL-044). What an
// administrator enters; converter.hpp applies it.
#ifndef JACKFIELD_MODEL_DIAL_PLAN_DIAL_PLAN_HPP
#define JACKFIELD_MODEL_DIAL_PLAN_DIAL_PLAN_HPP

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "model/problem.hpp"

namespace jackfield::model {

// dialable: what a person typed or picked, to what the call server dials. display: what the call server signalled, to
// E.164 or the form of the directory. ops: a mobile or ring-also number, to what the call server's off-PBX mapping
// (Extension to Cellular) takes.
enum class Direction { dialable, display, ops };
BOOST_DESCRIBE_ENUM(Direction, dialable, display, ops)
inline constexpr std::array directions{Direction::dialable, Direction::display, Direction::ops};

// Which kind of rules a table has; Simple always comes behind them (DIAL-004).
enum class RuleKind { pattern, regex };
BOOST_DESCRIBE_ENUM(RuleKind, pattern, regex)

// Lengths count characters, a leading '+' included (DIAL-041).
struct PatternRule {
  int position = 1;  // from 1
  std::optional<int> minimum_length;
  std::optional<int> maximum_length;
  std::string starts_with;  // empty: anything
  int delete_length = 0;    // from the front; at most the length of the shortest number that the rule takes
  std::string prepend;
  bool operator==(const PatternRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(PatternRule, (), (position, minimum_length, maximum_length, starts_with, delete_length, prepend))

// Java's syntax (DIAL-060 to DIAL-065): the expression matches the entire number; $1, $0, ${name} in `prepend`, where a
// backslash takes the next character as it is.
struct RegexRule {
  int position = 1;
  std::string regular_expression;
  std::string prepend;
  bool operator==(const RegexRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(RegexRule, (), (position, regular_expression, prepend))

// Only the rules of its kind count; the others are kept for when the administrator changes back.
struct ConversionTable {
  RuleKind kind = RuleKind::pattern;
  std::vector<PatternRule> pattern_rules;
  std::vector<RegexRule> regex_rules;
  bool operator==(const ConversionTable&) const = default;
};
BOOST_DESCRIBE_STRUCT(ConversionTable, (), (kind, pattern_rules, regex_rules))

// A number whose conversion is known, kept with the plan and tried again with each change (DIAL-092).
struct Sample {
  Direction direction = Direction::dialable;
  std::string number;
  std::string expected;
  bool operator==(const Sample&) const = default;
};
BOOST_DESCRIBE_STRUCT(Sample, (), (direction, number, expected))

// DIAL-020. Digits, '*' and '#' in ars; digits in the others, with an optional '+' before pbx_main.
struct DialPlan {
  std::string handle;
  std::string pbx_main;        // a number of the call server, country code included: the template for all numbers
  std::string ars;             // automatic routing service: dialled before an outbound number
  std::string regional;        // area code, with or without country code
  std::string inter_regional;  // dialled between area codes
  std::string international;   // dialled before a number of another country
  int national_length = 0;     // 0 < extension <= local <= national <= digits of pbx_main <= 15
  int local_length = 0;
  int extension_length = 0;
  ConversionTable dialable;
  ConversionTable display;
  ConversionTable ops;
  std::vector<Sample> samples;

  const ConversionTable& table(Direction) const;
  bool operator==(const DialPlan&) const = default;
};
BOOST_DESCRIBE_STRUCT(DialPlan, (),
                      (handle, pbx_main, ars, regional, inter_regional, international, national_length, local_length,
                       extension_length, dialable, display, ops, samples))

constexpr std::size_t most_rules = 500;          // of a table
constexpr std::size_t longest_expression = 512;  // characters

// Every rule that it breaks (DIAL-021, DIAL-025, DIAL-064, DIAL-065), the pointers beginning at `at`.
std::vector<FieldError> faultsOf(const DialPlan&, const std::string& at = {});

// In the order of evaluation; rules of the same position as they stand.
template <class Rule>
void sortByPosition(std::vector<Rule>& rules) {
  std::stable_sort(rules.begin(), rules.end(),
                   [](const Rule& one, const Rule& other) { return one.position < other.position; });
}

// Sorts the rules of each table and gives them the positions 5, 10, 15 ..., so that others fit between (DIAL-026).
void renumber(DialPlan&);

}  // namespace jackfield::model

#endif
