// SPDX-License-Identifier: Apache-2.0
// Rude input: a clear refusal each, and nothing else is disturbed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/api/fixture.hpp"

namespace jackfield::tests {
namespace {

using Limits = ApiSite;

TEST_F(Limits, TenMegabytesOfJsonAreRefusedUnread) {
  serve();
  people();
  const auto answer = ask("POST", "/api/v1/calls", R"({"to":")" + std::string(10 << 20, '1') + "\"}", as("alice"));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(code(answer), "http.body");
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(Limits, AMillionCharacterSearchIsRefusedByItsLength) {
  serve();
  people();
  const auto alice = as("alice");
  const auto url = ask("GET", "/api/v1/directory?search=" + std::string(1000000, 'a'), {}, alice);
  EXPECT_EQ(url.status, 414);
  EXPECT_EQ(code(url), "http.url");
  const auto field = ask("GET", "/api/v1/directory?search=" + std::string(1000, 'a'), {}, alice);
  EXPECT_EQ(field.status, 422);
  EXPECT_EQ(json(field).at("errors").at(0).at("pointer"), "?search");
  EXPECT_EQ(ask("GET", "/api/v1/directory?search=" + std::string(200, 'a'), {}, alice).status, 200);
}

TEST_F(Limits, HeadersOfAMegabyteAreRefused) {
  serve();
  const auto answer = ask("GET", "/healthz", {}, {{"X-Long", std::string(1 << 20, 'a')}});
  EXPECT_EQ(answer.status, 431);
}

TEST_F(Limits, MalformedJsonSaysWhere) {
  serve();
  people();
  const auto alice = as("alice");
  for (const std::string body : {"{\"to\":\"1\"", "{\"to\":\"1\"} x", "\xff\xfe", "[[[", "{'to':1}", "nul"}) {
    const auto answer = ask("POST", "/api/v1/calls", body, alice);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(code(answer), "json.malformed") << body;
    EXPECT_THAT(answer.body, testing::HasSubstr("octet"));
  }
  const auto deep = ask("POST", "/api/v1/calls", std::string(100000, '['), alice);
  EXPECT_EQ(deep.status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/calls", "", alice).status, 422);
  EXPECT_EQ(ask("POST", "/api/v1/calls", "to=1",
                {{"Authorization", alice.at("Authorization")}, {"Content-Type", "text/plain"}})
                .status,
            415);
  EXPECT_EQ(ask("POST", "/api/v1/admin/servers/x/restart", "{}", as("ada")).status, 422);
}

TEST_F(Limits, EveryWrongFieldIsNamedAtOnce) {
  serve();
  people();
  const auto answer =
      ask("POST", "/api/v1/admin/servers", R"({"handle":"no spaces","enabled":"yes","settings":{},"x":1})", as("ada"));
  EXPECT_EQ(answer.status, 422);
  std::set<std::string> pointers;
  const auto problem = json(answer);
  for (const auto& error : problem.at("errors").as_array()) pointers.emplace(error.at("pointer").as_string());
  EXPECT_THAT(pointers, testing::ElementsAre("/enabled", "/handle", "/type", "/x"));
}

TEST_F(Limits, NonsenseInsteadOfHttpIsAnsweredAndForgotten) {
  serve();
  for (const std::string& rude :
       {std::string("\x16\x03\x01\x02\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("G\0T / HTTP/1.1\r\n\r\n", 18),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("GET /%zz HTTP/1.1\r\n\r\n"),
        std::string("GET /api/v1/calls/%ff%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string(100, 'A') + " / HTTP/1.1\r\n\r\n"}) {
    Socket socket(port());
    socket.send(rude);
    const std::string answer = socket.receive();
    EXPECT_THAT(answer, testing::AnyOf(testing::IsEmpty(), testing::StartsWith("HTTP/1.1 4"))) << rude;
  }
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(Limits, SlowlorisIsCutOffWhileOthersAreServed) {
  options.http.request = std::chrono::milliseconds(1500);
  serve();
  people();
  std::vector<std::unique_ptr<Socket>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<Socket>(port()));
    slow.back()->send("GET /api/v1/calls HTTP/1.1\r\nX-Slow: ");
  }
  HttpClient quick(port());
  const auto alice = as("alice");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(quick.ask("GET", "/api/v1/calls", {}, alice).status, 200);
  for (auto& one : slow) {
    EXPECT_THAT(one->receive(), testing::AllOf(testing::StartsWith("HTTP/1.1 408"), testing::HasSubstr("http.slow")));
    EXPECT_TRUE(one->closedWithin(patience));
  }
}

}  // namespace
}  // namespace jackfield::tests
