// SPDX-License-Identifier: Apache-2.0
// For monitors and machines: health, readiness, metrics, and the document of the API itself.
#include <Poco/DigestEngine.h>
#include <Poco/SHA1Engine.h>

#include "gateway/api/api.hpp"
#include "gateway/http/problem.hpp"

namespace jackfield::gateway {
namespace {

namespace json = boost::json;

// The fixed document, with the settings of each installed server type as a branch of ServerSettings.
Response openApi(Api& api, Request& request) {
  json::object document = api.openapi.document();
  auto& schemas = document["components"].as_object()["schemas"].as_object();
  json::array branches;
  model::Principal reader;
  reader.roles = {model::Role::auditor};
  for (const auto& type : api.services.servers().serverTypes(reader)) {
    const std::string name = "Settings." + type.type;
    schemas[name] = type.settings;
    branches.push_back(json::object{{"$ref", "#/components/schemas/" + name}});
  }
  if (!branches.empty()) schemas["ServerSettings"].as_object()["anyOf"] = std::move(branches);
  auto response = Response::json(document);
  Poco::SHA1Engine digest;
  digest.update(*response.body);
  const std::string etag = '"' + Poco::DigestEngine::digestToHex(digest.digest()).substr(0, 20) + '"';
  if (request.header("If-None-Match") == etag) response = Response::empty(304);
  response.headers.emplace_back("ETag", etag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  return response;
}

Response ready(Api& api) {
  if (api.services.ready()) return Response::json(json::object{{"status", "ready"}});
  return problem(503, "http.notReady", api.services.notReady());
}

Response metrics(Api& api, Request& request) {
  // From this machine nobody has signed in, which the route allows.
  if (!request.principal.session_id.empty()) request.principal.require(model::Permission::viewSystem);
  return Response::text(api.metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace

std::vector<Route> operationRoutes(Api& api) {
  return {
      {"GET", "/healthz", "health",
       [](Request&) {
         return Response::json(json::object{{"status", "ok"}});
       }},
      {"GET", "/readyz", "ready", [&](Request&) { return ready(api); }},
      {"GET", "/metrics", "metrics", [&](Request& r) { return metrics(api, r); }},
      {"GET", "/api/v1/openapi.json", "getOpenApi", [&](Request& r) { return openApi(api, r); }},
  };
}

}  // namespace jackfield::gateway
