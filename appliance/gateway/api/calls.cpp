// SPDX-License-Identifier: Apache-2.0
// A person's calls, contact log and directory.
#include <jackfield/json.hpp>

#include "gateway/api/api.hpp"

namespace jackfield::gateway {
namespace {

template <class Input>
Response command(Api& api, Request& request,
                 services::CommandView (services::Calls::*run)(const model::Principal&, const std::string&,
                                                               const Input&)) {
  const auto input = fromJson<Input>(request.document);
  return Response::json(toJson((api.services.calls().*run)(request.principal, text(request, "call"), input)), 202);
}

Response contactLog(Api& api, Request& request) {
  store::ContactLogQuery query;
  if (const auto* direction = request.parameters.if_contains("direction"))
    query.direction = fromJson<store::Direction>(*direction);
  if (request.parameters.contains("missed")) query.missed = flag(request, "missed");
  query.before = number(request, "before");
  query.limit = number(request, "limit");
  return Response::json(toJson(api.services.contactLog().list(request.principal, query)));
}

}  // namespace

std::vector<Route> callRoutes(Api& api) {
  using services::Calls;
  const std::string one = "/api/v1/calls/{call}";
  return {
      {"GET", "/api/v1/calls", "listCalls",
       [&](Request& r) { return Response::json(toJson(api.services.calls().mine(r.principal))); }},
      {"POST", "/api/v1/calls", "makeCall",
       [&](Request& r) {
         const auto input = fromJson<services::MakeCallInput>(r.document);
         return Response::json(toJson(api.services.calls().make(r.principal, input)), 202);
       }},
      {"GET", one, "getCall",
       [&](Request& r) { return Response::json(toJson(api.services.calls().get(r.principal, text(r, "call")))); }},
      {"POST", one + "/answer", "answerCall", [&](Request& r) { return command(api, r, &Calls::answer); }},
      {"POST", one + "/hold", "holdCall", [&](Request& r) { return command(api, r, &Calls::hold); }},
      {"POST", one + "/retrieve", "retrieveCall", [&](Request& r) { return command(api, r, &Calls::retrieve); }},
      {"POST", one + "/drop", "dropCall", [&](Request& r) { return command(api, r, &Calls::drop); }},
      {"POST", one + "/deflect", "deflectCall", [&](Request& r) { return command(api, r, &Calls::deflect); }},
      {"POST", one + "/transfer", "transferCall", [&](Request& r) { return command(api, r, &Calls::transfer); }},
      {"GET", "/api/v1/contact-log", "listContactLog", [&](Request& r) { return contactLog(api, r); }},
      {"DELETE", "/api/v1/contact-log/{entry}", "deleteContactLogEntry",
       [&](Request& r) {
         api.services.contactLog().remove(r.principal, number(r, "entry"));
         return Response::empty();
       }},
      {"GET", "/api/v1/directory", "searchDirectory",
       [&](Request& r) {
         return Response::json(toJson(
             api.services.directory().search(r.principal, text(r, "search"), number(r, "limit"), number(r, "offset"))));
       }},
      {"GET", "/api/v1/directory/{person}", "getPerson",
       [&](Request& r) {
         return Response::json(toJson(api.services.directory().get(r.principal, text(r, "person"))));
       }},
  };
}

}  // namespace jackfield::gateway
