// SPDX-License-Identifier: Apache-2.0
// Users, alarms, audit, configuration and sessions, for administrators and auditors.
#include <jackfield/json.hpp>

#include "gateway/api/api.hpp"

namespace jackfield::gateway {
namespace {

namespace json = boost::json;

Response endSessions(Api& api, Request& request) {
  auto& sessions = api.services.sessions();
  request.principal.require(model::Permission::operate);
  const std::string login = text(request, "login");
  for (const auto& session : sessions.list(request.principal)) {
    if (login.empty() ? session.own : session.login != login) continue;
    try {
      sessions.end(request.principal, session.id);
    } catch (const model::Problem& problem) {
      // It ended by itself meanwhile.
      if (problem.kind() != model::Problem::Kind::notFound) throw;
    }
  }
  return Response::empty();
}

std::vector<Route> userRoutes(Api& api) {
  const std::string all = "/api/v1/admin/users", one = all + "/{person}";
  return {
      {"GET", all, "listUsers",
       [&](Request& r) {
         return Response::json(toJson(
             api.services.users().list(r.principal, text(r, "search"), number(r, "limit"), number(r, "offset"))));
       }},
      {"GET", one, "getUser",
       [&](Request& r) { return Response::json(toJson(api.services.users().get(r.principal, text(r, "person")))); }},
      {"PATCH", one, "changeUser",
       [&](Request& r) {
         const auto patch = fromJson<services::UserPatch>(r.document);
         return Response::json(toJson(api.services.users().change(r.principal, text(r, "person"), patch)));
       }},
  };
}

}  // namespace

std::vector<Route> administrationRoutes(Api& api) {
  std::vector<Route> routes{
      {"GET", "/api/v1/admin/status", "getStatus",
       [&](Request& r) { return Response::json(toJson(api.services.status().get(r.principal))); }},
      {"GET", "/api/v1/admin/alarms", "listAlarms",
       [&](Request& r) {
         const auto alarms = api.services.alarms().list(r.principal, flag(r, "open"), number(r, "limit"));
         return Response::json(json::object{{"alarms", toJson(alarms)}});
       }},
      {"GET", "/api/v1/admin/audit", "listAudit",
       [&](Request& r) {
         return Response::json(toJson(api.services.audit().list(r.principal, number(r, "before"), number(r, "limit"))));
       }},
      {"GET", "/api/v1/admin/configuration", "exportConfiguration",
       [&](Request& r) { return Response::json(api.services.configuration().exportAll(r.principal)); }},
      {"POST", "/api/v1/admin/configuration", "applyConfiguration",
       [&](Request& r) {
         return Response::json(toJson(api.services.configuration().apply(r.principal, r.document, flag(r, "dryRun"))));
       }},
      {"GET", "/api/v1/admin/sessions", "listSessions",
       [&](Request& r) {
         return Response::json(json::object{{"sessions", toJson(api.services.sessions().list(r.principal))}});
       }},
      {"DELETE", "/api/v1/admin/sessions", "endSessions", [&](Request& r) { return endSessions(api, r); }},
      {"DELETE", "/api/v1/admin/sessions/{session}", "endSession",
       [&](Request& r) {
         api.services.sessions().end(r.principal, text(r, "session"));
         return Response::empty();
       }},
  };
  auto users = userRoutes(api);
  routes.insert(routes.end(), users.begin(), users.end());
  return routes;
}

}  // namespace jackfield::gateway
