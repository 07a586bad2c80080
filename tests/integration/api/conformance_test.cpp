// SPDX-License-Identifier: Apache-2.0
// The server and openapi.yaml, one to one: routes, statuses, schemas, and who may do what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/api/fixture.hpp"

namespace jackfield::tests {
namespace {

using Conformance = ApiSite;

TEST_F(Conformance, EveryOperationHasARouteAndEveryRouteAnOperation) {
  serve();
  const gateway::OpenApi openapi;
  std::set<std::string> documented, routed;
  for (const auto& operation : openapi.operations())
    EXPECT_TRUE(documented.insert(operation.method + " " + operation.path + " " + operation.id).second);
  for (const auto& route : gateway().routes())
    EXPECT_TRUE(routed.insert(route.method + " " + route.path + " " + route.operation).second);
  EXPECT_EQ(documented, routed);
}

// One request for each operation that succeeds. TearDown holds every body to its schema.
TEST_F(Conformance, EveryOperationAnswersWithADocumentedSuccess) {
  serve();
  people();
  const auto alice = as("alice"), ada = as("ada");
  const std::string credentials = R"({"login":"alice","password":"right"})";
  const auto expect = [&](int status, const std::string& method, const std::string& path, const Headers& who,
                          const std::string& body = {}) {
    auto answer = ask(method, path, body, who);
    EXPECT_EQ(answer.status, status) << method << " " << path << ": " << answer.body;
    return answer;
  };
  expect(200, "POST", "/api/v1/session", {}, credentials);
  const auto spare = json(expect(201, "POST", "/api/v1/tokens", {}, credentials)).at("token").as_string();
  expect(200, "GET", "/api/v1/session", alice);
  expect(204, "DELETE", "/api/v1/session", bearer(std::string(spare)));
  talking("c1");
  expect(200, "GET", "/api/v1/calls", alice);
  expect(200, "GET", "/api/v1/calls/c1", alice);
  expect(202, "POST", "/api/v1/calls", alice, R"({"to":"1002","requestId":"r1"})");
  expect(202, "POST", "/api/v1/calls/c1/answer", alice);
  expect(202, "POST", "/api/v1/calls/c1/hold", alice);
  expect(202, "POST", "/api/v1/calls/c1/deflect", alice, R"({"to":"1003"})");
  expect(202, "POST", "/api/v1/calls/c1/transfer", alice, R"({"to":"1003"})");
  expect(202, "POST", "/api/v1/calls/c1/drop", alice, "{}");
  auto held = connection("1001", call_control::Role::originating, call_control::ConnectionState::held);
  held.verbs = {"retrieve"};
  tell(event(call_control::EventType::held, talk("c1", {held, connection("1002", call_control::Role::terminating,
                                                                         call_control::ConnectionState::connected)})));
  expect(202, "POST", "/api/v1/calls/c1/retrieve", alice, R"({"requestId":"r2"})");
  auto ended = talk("c1", {connection("1001", call_control::Role::originating, call_control::ConnectionState::null),
                           connection("1002", call_control::Role::terminating, call_control::ConnectionState::null)});
  ended.ended = 9000;
  tell(event(call_control::EventType::connectionCleared, ended));
  HttpAnswer log;
  EXPECT_TRUE(waitFor(patience, [&] {
    log = ask("GET", "/api/v1/contact-log?direction=outgoing&missed=false&limit=5", {}, alice);
    return !json(log).at("entries").as_array().empty();
  }));
  const auto entry = json(log).at("entries").at(0).at("id").as_int64();
  expect(204, "DELETE", "/api/v1/contact-log/" + std::to_string(entry), alice);
  expect(200, "GET", "/api/v1/directory?search=alice&limit=1&offset=0", alice);
  expect(200, "GET", "/api/v1/directory/id-bob", alice);
  EXPECT_NO_THROW(WsClient(port(), "/api/v1/events", false, alice));
  const auto document = expect(200, "GET", "/api/v1/openapi.json", {});
  expect(304, "GET", "/api/v1/openapi.json", {{"If-None-Match", document.headers.at("etag")}});

  const std::string root = "/api/v1/admin";
  for (const char* list : {"/status", "/plugins", "/server-types", "/servers", "/users?search=a", "/directory-sync",
                           "/alarms?open=true", "/audit?limit=3", "/configuration", "/sessions"})
    expect(200, "GET", root + list, ada);
  expect(201, "POST", root + "/servers", ada, R"({"handle":"new","type":"sip","settings":{"host":"a"}})");
  expect(200, "POST", root + "/servers/test", ada, R"({"type":"sip","settings":{"host":"a"}})");
  const auto server = json(expect(200, "GET", root + "/servers/new", ada));
  expect(200, "PUT", root + "/servers/new", ada,
         R"({"settings":{"host":"b"},"enabled":true,"revision":)" + std::to_string(server.at("revision").as_int64()) +
             "}");
  for (const char* verb : {"suspend", "resume", "restart"}) expect(200, "POST", root + "/servers/new/" + verb, ada);
  const auto saved = json(expect(200, "GET", root + "/servers/new", ada));
  expect(200, "PUT", root + "/servers/new", ada,
         R"({"settings":{"host":"b"},"enabled":false,"revision":)" + std::to_string(saved.at("revision").as_int64()) +
             "}");
  expect(204, "DELETE", root + "/servers/new", ada);
  expect(200, "GET", root + "/users/id-bob", ada);
  expect(200, "PATCH", root + "/users/id-bob", ada, R"({"extension":"1003"})");
  const auto run = json(expect(202, "POST", root + "/directory-sync", ada, R"({"mode":"full"})")).at("id").as_int64();
  expect(200, "GET", root + "/directory-sync/" + std::to_string(run), ada);
  const std::string plan = R"("plan":{"handle":"hq","pbxMain":"15553335000","ars":"9","regional":"555",)"
                           R"("interRegional":"1","international":"011","nationalLength":10,"localLength":7,)"
                           R"("extensionLength":5,"dialable":{"kind":"regex","regexRules":[{"position":1,)"
                           R"("regularExpression":"[0-9]{10}","prepend":"91$0"}]},"samples":[{"direction":"ops",)"
                           R"("number":"35111","expected":"35111"}]})";
  expect(201, "POST", root + "/dial-plans", ada, "{" + plan + "}");
  expect(200, "GET", root + "/dial-plans", ada);
  expect(200, "GET", root + "/dial-plans/hq", ada);
  expect(200, "POST", root + "/dial-plans/examination", ada, "{" + plan + R"(,"numbers":["+15087641234"]})");
  expect(200, "PUT", root + "/dial-plans/hq", ada, "{" + plan + R"(,"revision":1})");
  expect(200, "PUT", root + "/servers/hq-sip/numbering", ada, R"({"dialPlan":"hq"})");
  expect(200, "GET", root + "/servers/hq-sip/numbering", ada);
  expect(204, "DELETE", root + "/dial-plans/hq", ada);
  expect(200, "GET", root + "/directory-schedules", ada);
  expect(200, "PUT", root + "/directory-schedules/hq-ldap", ada,
         R"({"enabled":true,"mode":"daily","daysOfWeek":["sunday"],"hour":2,"minute":30})");
  expect(201, "POST", root + "/servers", ada,
         R"({"handle":"ad","type":"ldap","settings":{"host":"a","user":{"domain":"users.test"}}})");
  expect(200, "GET", root + "/directory-domains", ada);
  expect(201, "POST", root + "/directory-domains", ada,
         R"({"server":"ad","domain":"partners.test","settings":{"password":"c"}})");
  expect(200, "PATCH", root + "/directory-domains/ad/partners.test", ada, R"({"domain":"friends.test"})");
  plugins().answer("server/1.test", [](const auto&, const auto&) {
    kernel::Reply reply;
    reply.body = R"({"findings":[]})";
    return reply;
  });
  expect(200, "PUT", root + "/directory-domains/ad/users.test/password", ada, R"({"password":"fresh"})");
  expect(204, "DELETE", root + "/directory-domains/ad/friends.test", ada);
  expect(200, "POST", root + "/configuration?dryRun=true", ada,
         R"({"version":1,"users":[{"login":"bob","extension":"1004"}]})");
  const auto sessions = json(expect(200, "GET", root + "/sessions", ada)).at("sessions").as_array();
  ASSERT_FALSE(sessions.empty());
  const auto other =
      std::find_if(sessions.begin(), sessions.end(), [](const auto& one) { return !one.at("own").as_bool(); });
  expect(204, "DELETE", root + "/sessions/" + std::string(other->at("id").as_string()), ada);
  expect(204, "DELETE", root + "/sessions?login=bob", ada);
  for (const char* open : {"/healthz", "/readyz", "/metrics"}) expect(200, "GET", open, {});

  // None was forgotten above.
  const auto all = seen();
  for (const auto& route : gateway().routes())
    EXPECT_TRUE(std::any_of(all.begin(), all.end(),
                            [&](const auto& one) { return one.operation == route.operation && one.status < 400; }))
        << route.operation << " was not shown to succeed";
}

// By x-permission of the document: an operation refuses every role that it is not for.
TEST_F(Conformance, EveryOperationRefusesWhoMayNotUseIt) {
  serve();
  people();
  const gateway::OpenApi openapi;
  const std::map<std::string, std::set<std::string>> may{
      {"ownCalls", {"alice", "ada"}},  {"directory", {"alice", "ada", "otto"}},
      {"viewSystem", {"ada", "otto"}}, {"monitor", {"ada"}},
      {"changeSystem", {"ada"}},       {"operate", {"ada"}}};
  const std::map<std::string, std::string> values{{"call", "none"},       {"entry", "1"},  {"person", "id-none"},
                                                  {"handle", "none"},     {"run", "4711"}, {"session", "none"},
                                                  {"domain", "none.test"}};
  for (const auto& operation : openapi.operations()) {
    if (operation.open || operation.id == "events") continue;
    std::string path = operation.path;
    for (const auto& [name, value] : values)
      if (const auto at = path.find("{" + name + "}"); at != std::string::npos)
        path.replace(at, name.size() + 2, value);
    const auto& declared = openapi.document().at("paths").at(operation.path).as_object();
    std::string method = operation.method, body;
    std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto& item = declared.at(method).as_object();
    if (operation.has_body && item.at("requestBody").as_object().contains("content"))
      body = boost::json::serialize(item.at("requestBody").at("content").at("application/json").at("example"));
    if (operation.open_to_loopback) continue;  // Security.MetricsAreForThisMachine...
    EXPECT_EQ(ask(operation.method, path, body).status, 401) << operation.id;
    const auto* permission = item.if_contains("x-permission");
    if (!permission) continue;
    for (const std::string login : {"alice", "otto"}) {
      if (may.at(std::string(permission->as_string())).contains(login)) continue;
      const auto answer = ask(operation.method, path, body, as(login));
      EXPECT_EQ(answer.status, 403) << operation.id << " by " << login << ": " << answer.body;
      if (operation.path.starts_with("/api/v1/admin") && login == "otto") {
        EXPECT_EQ(code(answer), *permission == "monitor" ? "auth.monitors" : "auth.readonly") << operation.id;
      }
    }
  }
}

TEST_F(Conformance, WhatDoesNotExistIsAProblemToo) {
  serve();
  people();
  const auto ada = as("ada");
  for (const char* path :
       {"/api/v1/calls/none", "/api/v1/directory/none", "/api/v1/admin/servers/none", "/api/v1/admin/users/none",
        "/api/v1/admin/directory-sync/999", "/api/v1/nothing", "/api/v2/calls"}) {
    const auto answer = ask("GET", path, {}, ada);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_FALSE(code(answer).empty()) << path;
  }
  const auto method = ask("PUT", "/api/v1/calls", "{}", ada);
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.headers.at("allow"), "GET, POST");
  EXPECT_EQ(ask("GET", "/api/v1/events", {}, ada).status, 426);
  const auto stale = R"({"settings":{"host":"b"},"revision":77})";
  EXPECT_EQ(ask("PUT", "/api/v1/admin/servers/hq-sip", stale, ada).status, 409);
}

TEST_F(Conformance, SettingsOfInstalledServerTypesStandInTheDocument) {
  serve();
  people();
  const auto document = json(ask("GET", "/api/v1/openapi.json"));
  const auto& schemas = document.at("components").at("schemas").as_object();
  EXPECT_TRUE(schemas.contains("Settings.sip"));
  EXPECT_EQ(schemas.at("ServerSettings").at("anyOf").as_array().size(), 2u);
}

}  // namespace
}  // namespace jackfield::tests
