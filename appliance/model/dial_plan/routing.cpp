// SPDX-License-Identifier: Apache-2.0
// The fixed rules of SRV-062.
#include "model/dial_plan/routing.hpp"

#include <jackfield/json.hpp>

namespace jackfield::model {

bool allows(RoutingType type, RoutingContext context) {
  switch (type) {
    case RoutingType::location:
      return context == RoutingContext::destination;
    case RoutingType::gsmGateway:
      return context == RoutingContext::mobile || context == RoutingContext::callback;
    default:
      return context != RoutingContext::destination;
  }
}

std::string routedNumber(RoutingType type, RoutingContext context, std::string_view prefix, const Converter& plan,
                         std::string_view number) {
  if (!allows(type, context))
    throw Problem(Problem::Kind::invalid, "routing.context",
                  "routing: " + nameOf(type) + " does not serve numbers of the context " + nameOf(context),
                  {{"/context", nameOf(context), "is none that " + nameOf(type) + " serves"}});
  if (type == RoutingType::location) return plan.convert(Direction::dialable, number).output;
  const std::string ops = plan.convert(Direction::ops, number).output;
  return type == RoutingType::gsmGateway ? std::string(prefix) + ops : ops;
}

}  // namespace jackfield::model
