// SPDX-License-Identifier: Apache-2.0
// What Test says of a dial plan (DIAL-082, DIAL-091, DIAL-092), saved or not.
#ifndef JACKFIELD_MODEL_DIAL_PLAN_EXAMINATION_HPP
#define JACKFIELD_MODEL_DIAL_PLAN_EXAMINATION_HPP

#include <string>
#include <vector>

#include "model/dial_plan/converter.hpp"

namespace jackfield::model {

// neverMatches: `other`, an earlier rule, takes all that this one could. redundant: `other`, a later and more general
// rule, gives the same for all that this one takes. regional: the main number does not begin with the regional prefix.
enum class WarningKind { neverMatches, redundant, regional };
BOOST_DESCRIBE_ENUM(WarningKind, neverMatches, redundant, regional)

struct DialPlanWarning {
  WarningKind kind = WarningKind::regional;
  Direction direction = Direction::dialable;  // of the rules
  int rule = 0;                               // positions; 0: none
  int other = 0;
  std::string text;
  bool operator==(const DialPlanWarning&) const = default;
};
BOOST_DESCRIBE_STRUCT(DialPlanWarning, (), (kind, direction, rule, other, text))

// Of a plan without faults.
std::vector<DialPlanWarning> warningsOf(const DialPlan&);

struct Conversions {  // of one number, by all three tables (DIAL-090)
  std::string number;
  Transformation dialable;
  Transformation display;
  Transformation ops;
};
BOOST_DESCRIBE_STRUCT(Conversions, (), (number, dialable, display, ops))

struct SampleResult {
  Sample sample;
  Transformation result;
  bool good = false;
};
BOOST_DESCRIBE_STRUCT(SampleResult, (), (sample, result, good))

struct Examination {
  std::vector<FieldError> faults;  // when there is one, the rest is empty
  std::vector<DialPlanWarning> warnings;
  std::vector<Conversions> conversions;  // of the main number, then of the given ones
  std::vector<SampleResult> samples;
};
BOOST_DESCRIBE_STRUCT(Examination, (), (faults, warnings, conversions, samples))
Examination examine(const DialPlan&, const std::vector<std::string>& numbers = {});

}  // namespace jackfield::model

#endif
