// SPDX-License-Identifier: Apache-2.0
// Dial plans, and which server uses which, for administrators and auditors.
#include <jackfield/json.hpp>

#include "gateway/api/api.hpp"

namespace jackfield::gateway {

namespace json = boost::json;

std::vector<Route> dialPlanRoutes(Api& api) {
  const std::string all = "/api/v1/admin/dial-plans", one = all + "/{handle}";
  const std::string numbering = "/api/v1/admin/servers/{handle}/numbering";
  return {
      {"GET", all, "listDialPlans",
       [&](Request& r) {
         return Response::json(json::object{{"dialPlans", toJson(api.services.dialPlans().list(r.principal))}});
       }},
      {"POST", all, "createDialPlan",
       [&](Request& r) {
         const auto input = fromJson<services::DialPlanInput>(r.document);
         return Response::json(toJson(api.services.dialPlans().create(r.principal, input)), 201);
       }},
      {"POST", all + "/examination", "examineDialPlan",
       [&](Request& r) {
         const auto input = fromJson<services::ExaminationInput>(r.document);
         return Response::json(toJson(api.services.dialPlans().examine(r.principal, input)));
       }},
      {"GET", one, "getDialPlan",
       [&](Request& r) {
         return Response::json(toJson(api.services.dialPlans().get(r.principal, text(r, "handle"))));
       }},
      {"PUT", one, "changeDialPlan",
       [&](Request& r) {
         const auto input = fromJson<services::DialPlanInput>(r.document);
         return Response::json(toJson(api.services.dialPlans().replace(r.principal, text(r, "handle"), input)));
       }},
      {"DELETE", one, "deleteDialPlan",
       [&](Request& r) {
         api.services.dialPlans().remove(r.principal, text(r, "handle"));
         return Response::empty();
       }},
      {"GET", numbering, "getNumbering",
       [&](Request& r) {
         return Response::json(toJson(api.services.dialPlans().numbering(r.principal, text(r, "handle"))));
       }},
      {"PUT", numbering, "setNumbering",
       [&](Request& r) {
         const auto input = fromJson<services::Numbering>(r.document);
         return Response::json(toJson(api.services.dialPlans().setNumbering(r.principal, text(r, "handle"), input)));
       }},
  };
}

}  // namespace jackfield::gateway
