// SPDX-License-Identifier: Apache-2.0
// Call routing: which conversion a number goes through on its way to the call server (SRV-060 to SRV-065). The rules
// are built in.
#ifndef JACKFIELD_MODEL_DIAL_PLAN_ROUTING_HPP
#define JACKFIELD_MODEL_DIAL_PLAN_ROUTING_HPP

#include <string>
#include <string_view>

#include "model/dial_plan/converter.hpp"

namespace jackfield::model {

enum class RoutingType { gsmGateway, location, mobileRingAlsoLocation };
BOOST_DESCRIBE_ENUM(RoutingType, gsmGateway, location, mobileRingAlsoLocation)

// What the number is for: the destination of a call, the mobile of an extension, another number that rings along, the
// number of a callback.
enum class RoutingContext { destination, mobile, ringAlso, callback };
BOOST_DESCRIBE_ENUM(RoutingContext, destination, mobile, ringAlso, callback)

bool allows(RoutingType, RoutingContext);

// What is sent to the call server. `prefix`: of a GSM gateway, else it does not count. Throws Problem(invalid,
// "routing.context") when the type does not serve the context.
std::string routedNumber(RoutingType, RoutingContext, std::string_view prefix, const Converter& plan,
                         std::string_view number);

}  // namespace jackfield::model

#endif
