// SPDX-License-Identifier: Apache-2.0
// Rules that stand in each other's way, and samples.
#include "model/dial_plan/examination.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <jackfield/json.hpp>

#include "model/dial_plan/simple.hpp"

namespace jackfield::model {
namespace {

int shortest(const PatternRule& rule) {
  return std::max({rule.minimum_length.value_or(0), static_cast<int>(rule.starts_with.size()), rule.delete_length});
}
int longest(const PatternRule& rule) {
  return rule.maximum_length.value_or(std::numeric_limits<int>::max());
}

bool covers(const PatternRule& general, const PatternRule& special) {
  return special.starts_with.starts_with(general.starts_with) && shortest(general) <= shortest(special) &&
         longest(general) >= longest(special);
}

bool overlap(const PatternRule& one, const PatternRule& other) {
  const bool prefix = one.starts_with.starts_with(other.starts_with) || other.starts_with.starts_with(one.starts_with);
  return prefix && shortest(one) <= longest(other) && shortest(other) <= longest(one);
}

// What the rule makes of numbers that begin with `known`: a text, and how many characters behind `known` it takes away.
std::pair<std::string, std::size_t> effect(const PatternRule& rule, const std::string& known) {
  const auto deleted = static_cast<std::size_t>(rule.delete_length);
  const auto within = std::min(deleted, known.size());
  return {rule.prepend + known.substr(within), deleted - within};
}

Conversions conversionsOf(const Converter& converter, const std::string& number) {
  return {number, converter.convert(Direction::dialable, number), converter.convert(Direction::display, number),
          converter.convert(Direction::ops, number)};
}

class Reader {
 public:
  Reader(Direction direction, std::vector<DialPlanWarning>& warnings) : direction_(direction), warnings_(warnings) {}

  void read(std::vector<PatternRule> rules) {
    sortByPosition(rules);
    for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
      const auto earlier = std::find_if(rules.begin(), rule, [&](const auto& other) { return covers(other, *rule); });
      if (earlier != rule) {
        shadowed(rule->position, earlier->position);
        continue;
      }
      // The next that takes any of its numbers has to take them all, and make the same of them.
      const auto later = std::find_if(rule + 1, rules.end(), [&](const auto& other) { return overlap(other, *rule); });
      if (later != rules.end() && covers(*later, *rule) &&
          effect(*later, rule->starts_with) == effect(*rule, rule->starts_with))
        tell(WarningKind::redundant, rule->position, later->position,
             "can be left out: rule " + std::to_string(later->position) + " gives the same for each of its numbers");
    }
  }

  // Of expressions only this can be told for certain: the same one twice.
  void read(std::vector<RegexRule> rules) {
    sortByPosition(rules);
    for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
      const auto earlier = std::find_if(
          rules.begin(), rule, [&](const auto& other) { return other.regular_expression == rule->regular_expression; });
      if (earlier != rule) shadowed(rule->position, earlier->position);
    }
  }

 private:
  void shadowed(int rule, int earlier) {
    tell(WarningKind::neverMatches, rule, earlier,
         "is never reached: rule " + std::to_string(earlier) + " before it takes each of its numbers");
  }
  void tell(WarningKind kind, int rule, int other, const std::string& text) {
    warnings_.push_back({kind, direction_, rule, other,
                         "rule " + std::to_string(rule) + " of table " + nameOf(direction_) + " " + text});
  }

  const Direction direction_;
  std::vector<DialPlanWarning>& warnings_;
};

}  // namespace

std::vector<DialPlanWarning> warningsOf(const DialPlan& plan) {
  std::vector<DialPlanWarning> warnings;
  const Simple simple(plan);
  if (!simple.mainNumber().starts_with(simple.regional()))
    warnings.push_back({WarningKind::regional, Direction::dialable, 0, 0,
                        "pbxMain does not begin with the regional prefix " + simple.regional() +
                            ": no number would be taken for a local one"});
  for (const auto direction : directions) {
    const auto& table = plan.table(direction);
    Reader reader(direction, warnings);
    if (table.kind == RuleKind::pattern)
      reader.read(table.pattern_rules);
    else
      reader.read(table.regex_rules);
  }
  return warnings;
}

Examination examine(const DialPlan& plan, const std::vector<std::string>& numbers) {
  Examination out;
  out.faults = faultsOf(plan);
  if (!out.faults.empty()) return out;
  const Converter converter(plan);
  out.warnings = warningsOf(plan);
  out.conversions.push_back(conversionsOf(converter, plan.pbx_main));
  for (const auto& number : numbers) out.conversions.push_back(conversionsOf(converter, number));
  for (const auto& sample : plan.samples) {
    auto result = converter.convert(sample.direction, sample.number);
    const bool good = result.output == sample.expected;
    out.samples.push_back({sample, std::move(result), good});
  }
  return out;
}

}  // namespace jackfield::model
