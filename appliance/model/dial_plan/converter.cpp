// SPDX-License-Identifier: Apache-2.0
// The order of evaluation: rules, then Simple.
#include "model/dial_plan/converter.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/dial_plan/java_regex.hpp"
#include "model/dial_plan/simple.hpp"

namespace jackfield::model {
namespace {

// Each takes up to a tenth of a millisecond until it is stopped.
constexpr std::size_t most_stopped = 32;

struct Expression {
  int position;
  JavaRegex regex;
};

// What is valid to be dialled, or to be displayed (DIAL-007).
bool valid(Direction direction, std::string_view output) {
  if (output.empty()) return false;
  return direction == Direction::display || output.find_first_not_of("0123456789*#") == std::string_view::npos;
}

bool takes(const PatternRule& rule, std::string_view number) {
  const auto length = static_cast<int>(number.size());
  return length >= rule.minimum_length.value_or(0) && length <= rule.maximum_length.value_or(length) &&
         length >= rule.delete_length && number.starts_with(rule.starts_with);
}

class Table {
 public:
  explicit Table(const ConversionTable& table) {
    if (table.kind == RuleKind::pattern) {
      patterns_ = table.pattern_rules;
      sortByPosition(patterns_);
      return;
    }
    auto rules = table.regex_rules;
    sortByPosition(rules);
    for (const auto& rule : rules)
      expressions_.push_back({rule.position, JavaRegex(rule.regular_expression, rule.prepend)});
  }

  // By the first rule that takes the number; false: none does.
  bool apply(std::string_view number, Transformation& out) const {
    for (const auto& rule : patterns_) {
      if (!takes(rule, number)) continue;
      out.output = rule.prepend;
      out.output += number.substr(static_cast<std::size_t>(rule.delete_length));
      out.algorithm = Algorithm::pattern;
      out.rule = rule.position;
      return true;
    }
    for (const auto& expression : expressions_) {
      if (out.stopped.size() >= most_stopped) return false;
      const auto outcome = expression.regex.apply(number, out.output);
      if (outcome == JavaRegex::Outcome::stopped) out.stopped.push_back(expression.position);
      if (outcome != JavaRegex::Outcome::yes) continue;
      out.algorithm = Algorithm::regex;
      out.rule = expression.position;
      return true;
    }
    return false;
  }

 private:
  std::vector<PatternRule> patterns_;
  std::vector<Expression> expressions_;
};

const DialPlan& withoutFaults(const DialPlan& plan) {
  auto faults = faultsOf(plan);
  if (faults.empty()) return plan;
  const std::string text = "dial plan " + plan.handle + ": " + sentenceOf(faults.front());
  throw Problem(Problem::Kind::invalid, "dialPlan.invalid", text, std::move(faults));
}

}  // namespace

struct Converter::Tables {
  explicit Tables(const DialPlan& plan)
      : simple(withoutFaults(plan)), tables{Table(plan.dialable), Table(plan.display), Table(plan.ops)} {}
  const Simple simple;
  const std::array<Table, directions.size()> tables;
};

Converter::Converter(const DialPlan& plan) : tables_(std::make_unique<Tables>(plan)) {}
Converter::~Converter() = default;
Converter::Converter(Converter&&) noexcept = default;
Converter& Converter::operator=(Converter&&) noexcept = default;

Transformation Converter::convert(Direction direction, std::string_view number) const {
  const std::string plain = withoutSeparators(number);
  Transformation out;
  if (plain.size() > longest_input) {
    out.output = plain;
    out.kind = CallKind::asIs;
    return out;
  }
  if (tables_->tables[static_cast<std::size_t>(direction)].apply(plain, out) && valid(direction, out.output))
    return out;
  auto [output, kind] = tables_->simple.convert(direction, plain);
  out.output = std::move(output);
  out.algorithm = Algorithm::simple;
  out.rule = 0;
  out.kind = kind;
  return out;
}

std::string withoutSeparators(std::string_view number) {
  std::string out;
  out.reserve(number.size());
  for (const char c : number)
    if (std::string_view(" -.()/").find(c) == std::string_view::npos) out += c;
  return out;
}

std::string withoutArs(std::string_view number, const DialPlan& plan, ArsRemoval how) {
  const bool extension = how.overlaps_with_extension && number.size() < static_cast<std::size_t>(plan.local_length);
  if (!how.remove || extension || !number.starts_with(plan.ars)) return std::string(number);
  return std::string(number.substr(plan.ars.size()));
}

}  // namespace jackfield::model
