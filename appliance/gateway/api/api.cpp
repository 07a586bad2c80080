// SPDX-License-Identifier: Apache-2.0
// The whole route table, and reading parameters.
#include "gateway/api/api.hpp"

#include <iterator>

namespace jackfield::gateway {

std::vector<Route> allRoutes(Api& api) {
  std::vector<Route> all;
  for (const auto part : {sessionRoutes, callRoutes, eventRoutes, serverRoutes, directoryRoutes, dialPlanRoutes,
                          administrationRoutes, operationRoutes}) {
    auto routes = part(api);
    std::move(routes.begin(), routes.end(), std::back_inserter(all));
  }
  return all;
}

std::string text(const Request& request, std::string_view name) {
  const auto* value = request.parameters.if_contains(name);
  return value ? std::string(value->as_string()) : std::string();
}

std::uint64_t number(const Request& request, std::string_view name) {
  const auto* value = request.parameters.if_contains(name);
  return value ? value->to_number<std::uint64_t>() : 0;
}

bool flag(const Request& request, std::string_view name) {
  const auto* value = request.parameters.if_contains(name);
  return value && value->as_bool();
}

}  // namespace jackfield::gateway
