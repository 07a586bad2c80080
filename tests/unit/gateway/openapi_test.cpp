// SPDX-License-Identifier: Apache-2.0
// The document itself, and what its schemas say of wrong input.
#include "gateway/http/openapi.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/http/router.hpp"
#include "gateway/http/token_buckets.hpp"

namespace jackfield::gateway {
namespace {

namespace json = boost::json;

const OpenApi& document() {
  static const OpenApi openapi;
  return openapi;
}

std::vector<model::FieldError> check(const char* operation, const json::value& body) {
  return document().find(operation)->body.front().check(body);
}

std::map<std::string, std::string> rules(const std::vector<model::FieldError>& errors) {
  std::map<std::string, std::string> out;
  for (const auto& error : errors) out[error.pointer] = error.rule;
  return out;
}

TEST(OpenApi, NamesEveryErrorAtOnceWithPointerValueAndRule) {
  const auto errors = check("createServer", {{"handle", "no spaces please"}, {"type", 7}, {"speed", "fast"}});
  EXPECT_THAT(rules(errors), testing::UnorderedElementsAre(
                                 testing::Pair("/handle", "must match the pattern ^[A-Za-z0-9._-]+$"),
                                 testing::Pair("/type", "must be a text"), testing::Pair("/settings", "is required"),
                                 testing::Pair("/speed", testing::StartsWith("is not known; known are: handle"))));
  const auto type = std::ranges::find(errors, "/type", &model::FieldError::pointer);
  EXPECT_EQ(type->value, "7");
}

TEST(OpenApi, NeverShowsAPassword) {
  for (const auto& error : check("signIn", {{"login", ""}, {"password", std::string(2000, 'p')}}))
    EXPECT_THAT(error.value, testing::Not(testing::HasSubstr("ppp"))) << error.pointer;
}

TEST(OpenApi, AMillionCharactersInAPatternedFieldAreRefusedNotMatched) {
  const auto errors = check("makeCall", {{"to", "1"}, {"requestId", std::string(1000000, 'a')}});
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors.front().pointer, "/requestId");
  EXPECT_LT(errors.front().value.size(), 100u);
}

TEST(OpenApi, ReadsParametersIntoTheirTypesWithDefaults) {
  json::object out;
  EXPECT_TRUE(document().find("listContactLog")->read({}, {{"missed", "true"}, {"before", "17"}}, out).empty());
  EXPECT_EQ(json::value(out), json::value({{"missed", true}, {"before", 17}, {"limit", 50}}));
}

TEST(OpenApi, WrongParametersAreNamedAllAtOnce) {
  json::object out;
  const auto errors =
      document()
          .find("listContactLog")
          ->read({}, {{"direction", "up"}, {"missed", "maybe"}, {"limit", "201"}, {"limit", "1"}, {"x", "y"}}, out);
  std::set<std::string> pointers;
  for (const auto& error : errors) pointers.insert(error.pointer);
  EXPECT_THAT(pointers, testing::ElementsAre("?direction", "?limit", "?missed", "?x"));
}

TEST(OpenApi, EveryObjectThatComesInIsClosedAndEveryTextBounded) {
  // Free settings have a bound of their own; the plugin's schema says the rest.
  const auto& schemas = document().document().at("components").at("schemas").as_object();
  for (const char* name :
       {"Credentials", "TokenRequest", "MakeCall", "Command", "NewServer", "ServerChange", "ServerTest", "UserChange",
        "SyncRequest", "Configuration", "ConfiguredServer", "ConfiguredUser"}) {
    const auto& schema = schemas.at(name).as_object();
    EXPECT_EQ(schema.at("additionalProperties"), json::value(false)) << name;
    for (const auto& [member, rule] : schema.at("properties").as_object()) {
      const auto* type = rule.as_object().if_contains("type");
      const bool free_text = type && *type == "string" && !rule.as_object().contains("enum");
      EXPECT_TRUE(!free_text || rule.as_object().contains("maxLength")) << name << "/" << member;
    }
  }
}

TEST(OpenApi, EveryErrorIsAProblemDocument) {
  for (const auto& operation : document().operations())
    for (const int status : {400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 500, 503, 504}) {
      const std::string problem =
          R"({"type":"t","title":"t","status":)" + std::to_string(status) + R"(,"detail":"d","code":"c"})";
      const auto wrong = document().checkAnswer(operation, status, "application/problem+json", problem);
      if (wrong.empty()) continue;
      EXPECT_THAT(wrong.front(), testing::HasSubstr("does not name this status"));
    }
}

TEST(OpenApi, EverythingAdministrativeLiesUnderOnePrefix) {
  for (const auto& operation : document().operations()) {
    const auto& declared = document().document().at("paths").at(operation.path).as_object();
    const bool administrative = std::ranges::any_of(declared, [](const auto& item) {
      const auto* object = item.value().if_object();
      const auto* permission = object ? object->if_contains("x-permission") : nullptr;
      return permission && std::set<std::string_view>{"viewSystem", "monitor", "changeSystem", "operate"}.contains(
                               permission->get_string());
    });
    EXPECT_EQ(administrative && !operation.open_to_loopback, operation.path.starts_with("/api/v1/admin/"))
        << operation.path;
  }
}

TEST(Router, PrefersFixedPathsDecodesVariablesAndTellsAllowedMethods) {
  const auto handler = [](Request&) { return Response::empty(); };
  const Router router(document(), {{"GET", "/api/v1/admin/servers/{handle}", "getServer", handler},
                                   {"DELETE", "/api/v1/admin/servers/{handle}", "deleteServer", handler},
                                   {"POST", "/api/v1/admin/servers/test", "testServer", handler}});
  EXPECT_EQ(router.find("GET", "/api/v1/admin/servers/a%2Db").values.front().second, "a-b");
  EXPECT_EQ(router.find("HEAD", "/api/v1/admin/servers/x").operation->id, "getServer");
  EXPECT_EQ(router.find("POST", "/api/v1/admin/servers/test").operation->id, "testServer");
  EXPECT_EQ(router.find("PUT", "/api/v1/admin/servers/x").operation, nullptr);
  EXPECT_EQ(router.find("PUT", "/api/v1/admin/servers/x").allowed, "GET, DELETE");
  EXPECT_EQ(router.find("GET", "/api/v1/admin/servers/x/y").allowed, "");
}

TEST(Router, RefusesARouteThatTheDocumentDoesNotHave) {
  EXPECT_THROW(Router(document(), {{"GET", "/api/v1/callz", "listCalls", {}}}), std::runtime_error);
}

TEST(TokenBuckets, LetABurstThroughThenTheRate) {
  TokenBuckets buckets(2, 4);
  const auto start = TokenBuckets::Clock::now();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(buckets.take("a", start), 0);
  EXPECT_EQ(buckets.take("a", start), 1);
  EXPECT_EQ(buckets.take("b", start), 0) << "another key has its own bucket";
  EXPECT_EQ(buckets.take("a", start + std::chrono::milliseconds(500)), 0);
  EXPECT_EQ(buckets.take("a", start + std::chrono::milliseconds(500)), 1);
}

TEST(TokenBuckets, CountAnIpv6NetworkAsOne) {
  EXPECT_EQ(rateKey("2001:db8:1:2:3:4:5:6"), rateKey("2001:db8:1:2::1"));
  EXPECT_NE(rateKey("2001:db8:1:2::1"), rateKey("2001:db8:1:3::1"));
  EXPECT_EQ(rateKey("192.0.2.1"), "192.0.2.1");
}

}  // namespace
}  // namespace jackfield::gateway
