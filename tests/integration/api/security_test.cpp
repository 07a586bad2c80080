// SPDX-License-Identifier: Apache-2.0
// What keeps others out: cookies and CSRF, origins, lock-out, rate limits, header fields, plain HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/error.hpp>

#include "integration/api/fixture.hpp"

namespace jackfield::tests {
namespace {

class Security : public ApiSite {
 protected:
  struct Browser {
    std::string cookie;
    std::string csrf;
  };
  Browser signInBrowser(const std::string& login) {
    const auto answer = ask("POST", "/api/v1/session", R"({"login":")" + login + R"(","password":"right"})");
    EXPECT_EQ(answer.status, 200) << answer.body;
    set_cookie_ = answer.headers.at("set-cookie");
    return {set_cookie_.substr(0, set_cookie_.find(';')), std::string(json(answer).at("csrfToken").as_string())};
  }
  std::string set_cookie_;
};

TEST_F(Security, AStolenCookieAloneCannotWrite) {
  serve();
  people();
  const auto browser = signInBrowser("alice");
  EXPECT_THAT(set_cookie_, testing::AllOf(testing::HasSubstr("; HttpOnly"), testing::HasSubstr("; SameSite=Strict"),
                                          testing::HasSubstr("; Path=/")));
  EXPECT_EQ(ask("GET", "/api/v1/calls", {}, {{"Cookie", browser.cookie}}).status, 200);
  const std::string call = R"({"to":"1002"})";
  const auto refused = ask("POST", "/api/v1/calls", call, {{"Cookie", browser.cookie}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(code(refused), "auth.csrf");
  EXPECT_EQ(ask("POST", "/api/v1/calls", call, {{"Cookie", browser.cookie}, {"X-CSRF-Token", "guess"}}).status, 403);
  EXPECT_EQ(ask("DELETE", "/api/v1/session", {}, {{"Cookie", browser.cookie}}).status, 403);
  EXPECT_TRUE(plugins().asked("call-control/1.makeCall").empty());
  EXPECT_EQ(ask("POST", "/api/v1/calls", call, {{"Cookie", browser.cookie}, {"X-CSRF-Token", browser.csrf}}).status,
            202);
}

TEST_F(Security, TheCookieIsSecureOnTlsAndBrowsersAreToldToStayThere) {
  tls = true;
  serve();
  people();
  signInBrowser("alice");
  EXPECT_THAT(set_cookie_, testing::HasSubstr("; Secure"));
  const auto page = ask("GET", "/admin");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.headers.at("strict-transport-security"), testing::HasSubstr("max-age="));
  EXPECT_EQ(page.headers.at("x-content-type-options"), "nosniff");
  EXPECT_THAT(page.headers.at("content-security-policy"),
              testing::AllOf(testing::HasSubstr("default-src 'self'"), testing::HasSubstr("frame-ancestors 'none'")));
  EXPECT_EQ(ask("GET", "/api/v1/session", {}, as("alice")).headers.at("cache-control"), "no-store");
}

TEST_F(Security, PlainHttpIsRefusedOnAnAddressThatOthersReach) {
  options.http.host = "0.0.0.0";
  options.plain = true;
  kernel::Metrics metrics;
  try {
    gateway::Gateway refused(services(), metrics, options);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "http.plain");
  }
}

TEST_F(Security, APlainRequestDoesNotReachTheTlsPort) {
  tls = true;
  serve();
  Socket plain(port());
  plain.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(plain.closedWithin(patience));
}

TEST_F(Security, OnlyPagesOfThisServerMayOpenTheEventStreamWithACookie) {
  serve();
  people();
  const auto browser = signInBrowser("alice");
  const auto open = [&](Headers headers) {
    headers["Cookie"] = browser.cookie;
    try {
      WsClient stream(port(), "/api/v1/events", false, headers);
      return std::string("open");
    } catch (const std::runtime_error& refused) {
      return std::string(refused.what());
    }
  };
  EXPECT_EQ(open({{"Origin", "http://localhost"}}), "open");
  for (const char* origin : {"http://evil.test", "http://localhost.evil.test", "http://localhost:81", "null", ""})
    EXPECT_THAT(open({{"Origin", origin}}),
                testing::AllOf(testing::StartsWith("HTTP/1.1 403"), testing::HasSubstr("http.origin")))
        << origin;
  EXPECT_THAT(open({}), testing::StartsWith("HTTP/1.1 403"));
}

TEST_F(Security, WrongPasswordAndUnknownLoginLookAlikeAndLockOutSaysWhenToComeBack) {
  serve();
  people();
  const auto try_as = [&](const std::string& login) {
    return ask("POST", "/api/v1/session", R"({"login":")" + login + R"(","password":"wrong"})");
  };
  const auto wrong = try_as("alice"), unknown = try_as("nobody");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, unknown.body);
  HttpAnswer locked;
  for (int i = 0; i < 10 && locked.status != 429; ++i) locked = try_as("alice");
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(code(locked), "auth.locked");
  EXPECT_GT(std::stoi(locked.headers.at("retry-after")), 0);
  EXPECT_EQ(ask("POST", "/api/v1/tokens", R"({"login":"alice","password":"right"})").status, 429)
      << "the right password does not open a locked login";
}

TEST_F(Security, SessionNumberOneTooManyIsRefusedWithItsOwnCode) {
  limits_.active_users = 1;
  restart();
  serve();
  people();
  signInBrowser("alice");
  const auto refused = ask("POST", "/api/v1/session", R"({"login":"bob","password":"right"})");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code(refused), "capacity.activeUsers");
  EXPECT_TRUE(refused.headers.contains("retry-after"));
}

TEST_F(Security, TooManyRequestsAreTurnedAwayWithoutHarmToOthers) {
  options.limits.session_per_second = 2;
  serve();
  people();
  const auto alice = as("alice"), bob = as("bob");
  int served = 0;
  HttpAnswer last;
  HttpClient client(port());
  for (int i = 0; i < 30; ++i) {
    last = client.ask("GET", "/api/v1/calls", {}, alice);
    served += last.status == 200;
  }
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(code(last), "http.rate");
  EXPECT_GT(std::stoi(last.headers.at("retry-after")), 0);
  EXPECT_GE(served, 8);
  EXPECT_LT(served, 20);
  EXPECT_EQ(client.ask("GET", "/api/v1/calls", {}, bob).status, 200);
}

TEST_F(Security, SignInsOfOneAddressAreLimited) {
  options.limits.sign_ins_per_minute = 3;
  serve();
  people();
  for (int i = 0; i < 3; ++i) signInBrowser("alice");
  const auto refused = ask("POST", "/api/v1/session", R"({"login":"alice","password":"right"})");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code(refused), "http.rate.signIn");
}

TEST_F(Security, AProxysWordOnTheClientCountsOnlyWhenItIsTrusted) {
  const auto address_of = [&](const std::string& login) {
    for (const auto& session : services().sessions().list(admin))
      if (session.login == login) return session.address;
    return std::string();
  };
  serve();
  people();
  ask("POST", "/api/v1/session", R"({"login":"alice","password":"right"})", {{"X-Forwarded-For", "203.0.113.7"}});
  EXPECT_EQ(address_of("alice"), "127.0.0.1");
  stop();
  options.limits.trusted_proxies = {"127.0.0.1"};
  serve();
  const auto answer = ask("POST", "/api/v1/session", R"({"login":"bob","password":"right"})",
                          {{"X-Forwarded-For", "198.51.100.1, 203.0.113.7"}, {"X-Forwarded-Proto", "https"}});
  EXPECT_EQ(address_of("bob"), "203.0.113.7");
  EXPECT_THAT(answer.headers.at("set-cookie"), testing::HasSubstr("; Secure"));
}

TEST_F(Security, MetricsAreForThisMachineAndForThoseWhoMayViewTheSystem) {
  options.limits.trusted_proxies = {"127.0.0.1"};
  serve();
  people();
  EXPECT_THAT(ask("GET", "/metrics").body, testing::HasSubstr("jackfield_event_streams 0"));
  auto outside = [](Headers headers) {
    headers["X-Forwarded-For"] = "203.0.113.7";
    return headers;
  };
  EXPECT_EQ(ask("GET", "/metrics", {}, outside({})).status, 401);
  EXPECT_EQ(ask("GET", "/metrics", {}, outside(as("alice"))).status, 403);
  EXPECT_EQ(ask("GET", "/metrics", {}, outside(as("otto"))).status, 200);
}

}  // namespace
}  // namespace jackfield::tests
