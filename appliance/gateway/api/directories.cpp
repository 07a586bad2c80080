// SPDX-License-Identifier: Apache-2.0
// Synchronisation runs and schedules, and the domains of directories, for administrators and auditors.
#include <jackfield/json.hpp>

#include "gateway/api/api.hpp"

namespace jackfield::gateway {
namespace {

namespace json = boost::json;

std::vector<Route> syncRoutes(Api& api) {
  const std::string all = "/api/v1/admin/directory-sync", schedules = "/api/v1/admin/directory-schedules";
  return {
      {"GET", all, "listDirectorySyncs",
       [&](Request& r) {
         return Response::json(json::object{{"runs", toJson(api.services.directorySync().runs(r.principal))}});
       }},
      {"POST", all, "startDirectorySync",
       [&](Request& r) {
         const auto input = fromJson<services::SyncInput>(r.document);
         return Response::json(toJson(api.services.directorySync().start(r.principal, input)), 202);
       }},
      {"GET", all + "/{run}", "getDirectorySync",
       [&](Request& r) {
         return Response::json(toJson(api.services.directorySync().run(r.principal, number(r, "run"))));
       }},
      {"GET", schedules, "listDirectorySchedules",
       [&](Request& r) {
         return Response::json(json::object{{"schedules", toJson(api.services.directorySchedule().list(r.principal))}});
       }},
      {"PUT", schedules + "/{handle}", "setDirectorySchedule",
       [&](Request& r) {
         const auto schedule = fromJson<model::SyncSchedule>(r.document);
         return Response::json(toJson(api.services.directorySchedule().set(r.principal, text(r, "handle"), schedule)));
       }},
  };
}

std::vector<Route> domainRoutes(Api& api) {
  const std::string all = "/api/v1/admin/directory-domains", one = all + "/{handle}/{domain}";
  return {
      {"GET", all, "listDirectoryDomains",
       [&](Request& r) {
         return Response::json(json::object{{"domains", toJson(api.services.directoryDomains().list(r.principal))}});
       }},
      {"POST", all, "addContactDomain",
       [&](Request& r) {
         const auto input = fromJson<services::ContactDomainInput>(r.document);
         return Response::json(toJson(api.services.directoryDomains().addContact(r.principal, input)), 201);
       }},
      {"PATCH", one, "changeDirectoryDomain",
       [&](Request& r) {
         const auto change = fromJson<services::DomainChange>(r.document);
         return Response::json(
             toJson(api.services.directoryDomains().change(r.principal, text(r, "handle"), text(r, "domain"), change)));
       }},
      {"DELETE", one, "removeContactDomain",
       [&](Request& r) {
         api.services.directoryDomains().removeContact(r.principal, text(r, "handle"), text(r, "domain"));
         return Response::empty();
       }},
      {"PUT", one + "/password", "changeDomainPassword",
       [&](Request& r) {
         const std::string password(r.document.at("password").as_string());
         return Response::json(toJson(api.services.directoryDomains().changePassword(r.principal, text(r, "handle"),
                                                                                     text(r, "domain"), password)));
       }},
  };
}

}  // namespace

std::vector<Route> directoryRoutes(Api& api) {
  auto routes = syncRoutes(api);
  auto more = domainRoutes(api);
  routes.insert(routes.end(), more.begin(), more.end());
  return routes;
}

}  // namespace jackfield::gateway
