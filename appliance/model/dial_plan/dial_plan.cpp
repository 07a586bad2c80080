// SPDX-License-Identifier: Apache-2.0
// What is wrong with a dial plan.
#include "model/dial_plan/dial_plan.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/dial_plan/java_regex.hpp"

namespace jackfield::model {
namespace {

constexpr const char* digits = "0123456789";
constexpr const char* names = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
constexpr const char* dialled = "0123456789*#";
constexpr std::size_t most_digits = 15;  // of a number, E.164
constexpr std::size_t longest_code = 15;
constexpr std::size_t longest_prepend = 32;
constexpr std::size_t most_samples = 200;
constexpr int longest_length = 64;

class Examiner {
 public:
  Examiner(const DialPlan& plan, std::string at) : plan_(plan), at_(std::move(at)) {}

  std::vector<FieldError> faults() {
    if (plan_.handle.empty() || plan_.handle.size() > 64 || plan_.handle.find_first_not_of(names) != std::string::npos)
      wrong("/handle", plan_.handle, "is not 1 to 64 letters, digits, '-', '_' or '.'");
    mainNumber();
    code("/ars", plan_.ars, dialled);
    code("/regional", plan_.regional, digits);
    code("/interRegional", plan_.inter_regional, digits);
    code("/international", plan_.international, digits);
    lengths();
    table("/dialable", plan_.dialable);
    table("/display", plan_.display);
    table("/ops", plan_.ops);
    samples();
    return std::move(faults_);
  }

 private:
  void wrong(const std::string& field, const std::string& value, const std::string& rule) {
    faults_.push_back({at_ + field, value.substr(0, 80), rule});
  }

  std::string mainDigits() const { return plan_.pbx_main.starts_with('+') ? plan_.pbx_main.substr(1) : plan_.pbx_main; }

  void mainNumber() {
    const std::string main = mainDigits();
    if (main.empty() || main.size() > most_digits || main.find_first_not_of(digits) != std::string::npos)
      wrong("/pbxMain", plan_.pbx_main, "is not 1 to 15 digits with country code, with or without + before them");
  }

  void code(const std::string& field, const std::string& value, const char* allowed) {
    if (value.size() > longest_code || value.find_first_not_of(allowed) != std::string::npos)
      wrong(field, value, "is more than 15 characters or holds others than " + std::string(allowed));
  }

  void lengths() {
    const auto main = static_cast<int>(mainDigits().size());
    const auto length = [&](const char* field, int value, int least, int most, const char* rule) {
      if (value < least || value > most) wrong(field, std::to_string(value), rule);
    };
    length("/nationalLength", plan_.national_length, 1, main, "is not from 1 to the number of digits of pbxMain");
    length("/localLength", plan_.local_length, 1, plan_.national_length, "is not from 1 to nationalLength");
    length("/extensionLength", plan_.extension_length, 1, plan_.local_length, "is not from 1 to localLength");
  }

  void table(const std::string& field, const ConversionTable& table) {
    if (table.pattern_rules.size() > most_rules || table.regex_rules.size() > most_rules)
      return wrong(field, std::to_string(std::max(table.pattern_rules.size(), table.regex_rules.size())),
                   "is more than " + std::to_string(most_rules) + " rules");
    for (std::size_t i = 0; i < table.pattern_rules.size(); ++i)
      rule(field + "/patternRules/" + std::to_string(i), table.pattern_rules[i]);
    for (std::size_t i = 0; i < table.regex_rules.size(); ++i)
      rule(field + "/regexRules/" + std::to_string(i), table.regex_rules[i]);
  }

  void position(const std::string& field, int value) {
    if (value < 1) wrong(field + "/position", std::to_string(value), "is not 1 or more");
  }

  void rule(const std::string& field, const PatternRule& rule) {
    position(field, rule.position);
    const int minimum = rule.minimum_length.value_or(0), maximum = rule.maximum_length.value_or(longest_length);
    if (minimum < 0 || minimum > longest_length)
      wrong(field + "/minimumLength", std::to_string(minimum), "is not from 0 to 64");
    if (maximum < minimum || maximum > longest_length)
      wrong(field + "/maximumLength", std::to_string(maximum), "is not from minimumLength to 64");
    const std::string_view starts = rule.starts_with;
    const auto rest = starts.starts_with('+') ? starts.substr(1) : starts;
    if (starts.size() > longest_length || rest.find_first_not_of(dialled) != std::string_view::npos)
      wrong(field + "/startsWith", rule.starts_with, "is not + and digits, * or #, 64 characters at most");
    // The seed bounds it by the minimum length; a leading text bounds the shortest number just as well.
    const int shortest = std::max(minimum, static_cast<int>(starts.size()));
    if (rule.delete_length < 0 || rule.delete_length > shortest)
      wrong(field + "/deleteLength", std::to_string(rule.delete_length),
            "is not from 0 to the length of the shortest number that the rule takes, " + std::to_string(shortest));
    if (rule.prepend.size() > longest_prepend || rule.prepend.find_first_not_of("+0123456789*#") != std::string::npos)
      wrong(field + "/prepend", rule.prepend, "is more than 32 characters or holds others than +0123456789*#");
  }

  void rule(const std::string& field, const RegexRule& rule) {
    position(field, rule.position);
    if (rule.regular_expression.empty() || rule.regular_expression.size() > longest_expression)
      return wrong(field + "/regularExpression", rule.regular_expression, "is not 1 to 512 characters");
    if (rule.prepend.size() > longest_expression)
      return wrong(field + "/prepend", rule.prepend, "is more than 512 characters");
    try {
      JavaRegex(rule.regular_expression, rule.prepend);
    } catch (const RegexFault& fault) {
      if (fault.part == RegexFault::Part::expression)
        wrong(field + "/regularExpression", rule.regular_expression, fault.what());
      else
        wrong(field + "/prepend", rule.prepend, fault.what());
    }
  }

  void samples() {
    if (plan_.samples.size() > most_samples)
      wrong("/samples", std::to_string(plan_.samples.size()), "is more than 200 samples");
  }

  const DialPlan& plan_;
  const std::string at_;
  std::vector<FieldError> faults_;
};

template <class Rule>
void renumberRules(std::vector<Rule>& rules) {
  sortByPosition(rules);
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i].position = 5 * static_cast<int>(i + 1);
}

}  // namespace

const ConversionTable& DialPlan::table(Direction direction) const {
  return direction == Direction::dialable ? dialable : direction == Direction::display ? display : ops;
}

std::vector<FieldError> faultsOf(const DialPlan& plan, const std::string& at) {
  return Examiner(plan, at).faults();
}

void renumber(DialPlan& plan) {
  for (auto* table : {&plan.dialable, &plan.display, &plan.ops}) {
    renumberRules(table->pattern_rules);
    renumberRules(table->regex_rules);
  }
}

}  // namespace jackfield::model
