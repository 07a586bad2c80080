// SPDX-License-Identifier: Apache-2.0
// The Simple transformation: the main number as the template for all others (DIAL-030 to DIAL-036).
#ifndef JACKFIELD_MODEL_DIAL_PLAN_SIMPLE_HPP
#define JACKFIELD_MODEL_DIAL_PLAN_SIMPLE_HPP

#include <optional>
#include <string>
#include <string_view>

#include "model/dial_plan/converter.hpp"

namespace jackfield::model {

class Simple {
 public:
  explicit Simple(const DialPlan&);  // one without faults

  struct Result {
    std::string output;
    CallKind kind = CallKind::asIs;
  };
  // `number`: without separators.
  Result convert(Direction, std::string_view number) const;

  // The full regional prefix: country code and area code (F of DIAL-032).
  const std::string& regional() const { return regional_; }
  const std::string& mainNumber() const { return main_; }

 private:
  Result dial(Direction, const std::string& international) const;
  Result display(std::string_view number) const;
  CallKind kindOf(std::string_view international) const;
  std::optional<std::string> expanded(std::string_view number) const;
  bool alreadyDialable(std::string_view number) const;

  std::string main_, ars_, country_, regional_, inter_regional_, international_;
  std::size_t national_, local_, extension_;
};

}  // namespace jackfield::model

#endif
