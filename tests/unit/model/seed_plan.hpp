// SPDX-License-Identifier: Apache-2.0
// The dial plan of the seed's example, RS-S1 (DIAL-038), without rules.
#ifndef JACKFIELD_TESTS_UNIT_MODEL_SEED_PLAN_HPP
#define JACKFIELD_TESTS_UNIT_MODEL_SEED_PLAN_HPP

#include <string>

#include "model/dial_plan/dial_plan.hpp"

namespace jackfield::model {

inline DialPlan seedPlan(const std::string& handle = "Dialplan") {
  DialPlan plan;
  plan.handle = handle;
  plan.pbx_main = "15553335000";
  plan.ars = "9";
  plan.regional = "555";
  plan.inter_regional = "1";
  plan.international = "011";
  plan.national_length = 10;
  plan.local_length = 7;
  plan.extension_length = 5;
  return plan;
}

}  // namespace jackfield::model

#endif
