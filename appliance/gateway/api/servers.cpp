// SPDX-License-Identifier: Apache-2.0
// Plugins and servers, for administrators and auditors.
#include <jackfield/json.hpp>

#include "gateway/api/api.hpp"

namespace jackfield::gateway {
namespace {

namespace json = boost::json;

template <class T>
json::value listed(const char* name, const T& list) {
  return json::object{{name, toJson(list)}};
}

using Operate = services::ServerView (services::Servers::*)(const model::Principal&, const std::string&);

Response operate(Api& api, Request& request, Operate run) {
  return Response::json(toJson((api.services.servers().*run)(request.principal, text(request, "handle"))));
}

Response change(Api& api, Request& request) {
  auto input = fromJson<services::ServerInput>(request.document);
  input.handle = text(request, "handle");
  return Response::json(toJson(api.services.servers().replace(request.principal, input.handle, input)));
}

}  // namespace

std::vector<Route> serverRoutes(Api& api) {
  using services::Servers;
  const std::string all = "/api/v1/admin/servers", one = all + "/{handle}";
  return {
      {"GET", "/api/v1/admin/plugins", "listPlugins",
       [&](Request& r) { return Response::json(listed("plugins", api.services.servers().plugins(r.principal))); }},
      {"GET", "/api/v1/admin/server-types", "listServerTypes",
       [&](Request& r) {
         return Response::json(listed("serverTypes", api.services.servers().serverTypes(r.principal)));
       }},
      {"GET", all, "listServers",
       [&](Request& r) { return Response::json(listed("servers", api.services.servers().list(r.principal))); }},
      {"POST", all, "createServer",
       [&](Request& r) {
         const auto input = fromJson<services::ServerInput>(r.document);
         return Response::json(toJson(api.services.servers().create(r.principal, input)), 201);
       }},
      {"POST", all + "/test", "testServer",
       [&](Request& r) {
         const auto input = fromJson<services::ServerInput>(r.document);
         return Response::json(toJson(api.services.servers().test(r.principal, input)));
       }},
      {"GET", one, "getServer",
       [&](Request& r) { return Response::json(toJson(api.services.servers().get(r.principal, text(r, "handle")))); }},
      {"PUT", one, "changeServer", [&](Request& r) { return change(api, r); }},
      {"DELETE", one, "deleteServer",
       [&](Request& r) {
         api.services.servers().remove(r.principal, text(r, "handle"));
         return Response::empty();
       }},
      {"POST", one + "/suspend", "suspendServer", [&](Request& r) { return operate(api, r, &Servers::suspend); }},
      {"POST", one + "/resume", "resumeServer", [&](Request& r) { return operate(api, r, &Servers::resume); }},
      {"POST", one + "/restart", "restartServer", [&](Request& r) { return operate(api, r, &Servers::restart); }},
  };
}

}  // namespace jackfield::gateway
