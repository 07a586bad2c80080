// SPDX-License-Identifier: Apache-2.0
// The way of every request: rate limits, who is asking, CSRF, the document's rules, the handler, its errors, and the
// header fields that protect browsers.
#ifndef JACKFIELD_GATEWAY_HTTP_DISPATCHER_HPP
#define JACKFIELD_GATEWAY_HTTP_DISPATCHER_HPP

#include <functional>
#include <string>
#include <vector>

#include "gateway/http/openapi.hpp"
#include "gateway/http/router.hpp"
#include "gateway/http/static_files.hpp"
#include "gateway/http/token_buckets.hpp"
#include "kernel/base/metrics.hpp"
#include "services/sign_in.hpp"

namespace jackfield::gateway {

// The cookie's name; its value is the session's token.
inline constexpr const char* sessionCookie = "jackfield_session";

class Dispatcher {
 public:
  struct Options {
    double session_per_second = 50;            // requests of a session; bursts of four times as many
    double address_per_second = 500;           // and of an address, sign-in aside
    double sign_ins_per_minute = 60;           // of an address
    std::vector<std::string> trusted_proxies;  // whose X-Forwarded-For and -Proto are believed
  };
  // Sees every answer of the API before it leaves; tests hold the answers to the document.
  using Observer = std::function<void(const Operation&, const Response&)>;

  Dispatcher(const OpenApi& openapi, services::SignIn& sign_in, std::vector<Route> routes, StaticFiles& files,
             kernel::Metrics& metrics, const Options& options);

  void observe(Observer observer) { observer_ = std::move(observer); }
  // `head` and `body` as they came. Any worker. Never throws.
  Response handle(std::string_view head, std::string_view body, const std::string& address, bool secure,
                  bool& keep_alive, bool& head_only);

 private:
  Response route(Request& request);
  Response serve(Request& request, const Router::Match& match);
  void identify(Request& request, const Operation& operation);
  void readBody(Request& request, const Operation& operation);
  void believeProxy(Request& request) const;
  void protect(const Request& request, Response& response) const;

  services::SignIn& sign_in_;
  Router router_;
  StaticFiles& files_;
  Options options_;
  TokenBuckets sessions_;
  TokenBuckets addresses_;
  TokenBuckets sign_ins_;
  kernel::Metrics& metrics_;
  kernel::Histogram& duration_;
  Observer observer_;
};

}  // namespace jackfield::gateway

#endif
