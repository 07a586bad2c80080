// SPDX-License-Identifier: Apache-2.0
// A dial plan made ready to convert numbers: the rules of the direction's table first, Simple last (DIAL-004).
#ifndef JACKFIELD_MODEL_DIAL_PLAN_CONVERTER_HPP
#define JACKFIELD_MODEL_DIAL_PLAN_CONVERTER_HPP

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/dial_plan/dial_plan.hpp"

namespace jackfield::model {

enum class Algorithm { simple, pattern, regex };
BOOST_DESCRIBE_ENUM(Algorithm, simple, pattern, regex)

// What Simple took the number for; none: a rule converted it.
enum class CallKind { none, extension, local, national, international, asIs };
BOOST_DESCRIBE_ENUM(CallKind, none, extension, local, national, international, asIs)

struct Transformation {
  std::string output;
  Algorithm algorithm = Algorithm::simple;
  int rule = 0;  // its position; 0: none
  CallKind kind = CallKind::none;
  // Positions of expressions that took too many steps with this number and counted as no match: to be logged
  // (DIAL-065). After 32 of them no rule behind them is tried.
  std::vector<int> stopped;
};
BOOST_DESCRIBE_STRUCT(Transformation, (), (output, algorithm, rule, kind, stopped))

constexpr std::size_t longest_input = 64;  // characters without separators; a longer one goes through as it is

class Converter {
 public:
  // Throws Problem(invalid, "dialPlan.invalid") with every fault.
  explicit Converter(const DialPlan&);
  ~Converter();
  Converter(Converter&&) noexcept;
  Converter& operator=(Converter&&) noexcept;

  // Any thread. Separators go first (DIAL-006). Takes at most 10 ms, whatever the expressions.
  Transformation convert(Direction, std::string_view number) const;

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

// The number without space, '-', '.', '(', ')' and '/' (DIAL-006).
std::string withoutSeparators(std::string_view number);

// What a call server gives back of a number that it was asked to call, before it is displayed: without the ARS digits
// (DIAL-110), unless the number is shorter than a local one and extensions may begin with them (DIAL-111).
struct ArsRemoval {
  bool remove = true;
  bool overlaps_with_extension = false;
};
std::string withoutArs(std::string_view number, const DialPlan&, ArsRemoval);

}  // namespace jackfield::model

#endif
