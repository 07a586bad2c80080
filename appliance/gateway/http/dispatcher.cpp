// SPDX-License-Identifier: Apache-2.0
// From octets to an answer.
#include "gateway/http/dispatcher.hpp"

#include <algorithm>
#include <chrono>

#include <Poco/MemoryStream.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/MediaType.h>
#include <Poco/Net/NameValueCollection.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <jackfield/json.hpp>

#include "gateway/http/problem.hpp"
#include "kernel/base/log.hpp"

namespace jackfield::gateway {
namespace {

using Kind = model::Problem::Kind;

// Nothing but our own pages, scripts and styles; nobody may frame us.
constexpr const char* contentPolicy =
    "default-src 'self'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

bool writes(const std::string& method) {
  return method != "GET" && method != "HEAD";
}

bool loopback(const std::string& address) {
  Poco::Net::IPAddress parsed;
  return Poco::Net::IPAddress::tryParse(address, parsed) && parsed.isLoopback();
}

std::string cookieOf(const Request& request) {
  Poco::Net::NameValueCollection cookies;
  request.message.getCookies(cookies);
  return cookies.get(sessionCookie, "");
}

std::string bearerOf(const Request& request) {
  const std::string value = request.header("Authorization");
  constexpr std::string_view scheme = "bearer ";
  if (value.size() <= scheme.size() || Poco::icompare(value.substr(0, scheme.size()), std::string(scheme)) != 0)
    return {};
  return Poco::trim(value.substr(scheme.size()));
}

// A page of another site can open a WebSocket here and its browser sends our cookie along: the origin tells.
bool ownOrigin(const Request& request) {
  const std::string origin = request.header("Origin");
  const std::size_t scheme = origin.find("://");
  return scheme != std::string::npos && origin.substr(scheme + 3) == request.header("Host");
}

Response tooMany(const char* code, int seconds) {
  auto response = problem(429, code);
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

// RFC 9112 sections 2.3 and 3.2: a version that we speak, and the host that is meant.
void checkMessage(const Poco::Net::HTTPRequest& message) {
  const std::string& version = message.getVersion();
  if (version == Poco::Net::HTTPMessage::HTTP_1_0) return;
  if (version != Poco::Net::HTTPMessage::HTTP_1_1 || !message.has("Host"))
    throw Poco::SyntaxException("version or host");
}

std::string rawPath(const std::string& uri) {
  // An absolute form ("http://host/path") is legal and comes from proxies.
  std::size_t begin = 0;
  if (!uri.starts_with('/')) {
    const std::size_t scheme = uri.find("://");
    begin = scheme == std::string::npos ? std::string::npos : uri.find('/', scheme + 3);
    if (begin == std::string::npos) throw Poco::SyntaxException("no path");
  }
  return uri.substr(begin, uri.find_first_of("?#", begin) - begin);
}

}  // namespace

Dispatcher::Dispatcher(const OpenApi& openapi, services::SignIn& sign_in, std::vector<Route> routes, StaticFiles& files,
                       kernel::Metrics& metrics, const Options& options)
    : sign_in_(sign_in),
      router_(openapi, std::move(routes)),
      files_(files),
      options_(options),
      sessions_(options.session_per_second, 4 * options.session_per_second),
      addresses_(options.address_per_second, 4 * options.address_per_second),
      sign_ins_(options.sign_ins_per_minute / 60, options.sign_ins_per_minute),
      metrics_(metrics),
      duration_(metrics.histogram("jackfield_http_request_seconds", "Time to answer a request of the API.",
                                  {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10})) {}

void Dispatcher::believeProxy(Request& request) const {
  const auto& trusted = options_.trusted_proxies;
  if (std::ranges::find(trusted, request.address) == trusted.end()) return;
  const std::string chain = request.header("X-Forwarded-For");
  const std::string last = Poco::trim(chain.substr(chain.rfind(',') + 1));
  Poco::Net::IPAddress parsed;
  if (Poco::Net::IPAddress::tryParse(last, parsed)) request.address = parsed.toString();
  if (request.header("X-Forwarded-Proto") == "https") request.secure = true;
}

Response Dispatcher::handle(std::string_view head, std::string_view body, const std::string& address, bool secure,
                            bool& keep_alive, bool& head_only) {
  keep_alive = head_only = false;
  Request request;
  Response response;
  try {
    Poco::MemoryInputStream in(head.data(), head.size());
    request.message.read(in);
    checkMessage(request.message);
    request.body = body;
    request.secure = secure;
    request.address = address;
    believeProxy(request);
    keep_alive = request.message.getKeepAlive();
    head_only = request.method() == "HEAD";
    response = route(request);
  } catch (const Poco::Exception&) {
    response = problem(400, "http.malformed");
    keep_alive = false;
  } catch (...) {
    response = currentProblem("request");
  }
  protect(request, response);
  return response;
}

Response Dispatcher::route(Request& request) {
  const std::string path = rawPath(request.message.getURI());
  auto match = router_.find(request.method(), path);
  if (match.allowed.empty()) {
    Poco::URI::decode(path, request.path);
    if (request.path.starts_with("/api/")) return problem(404, "http.notFound");
    if (!writes(request.method())) return files_.get(request);
    match.allowed = "GET";
  }
  if (!match.operation) {
    auto response = problem(405, "http.method");
    response.headers.emplace_back("Allow", match.allowed);
    return response;
  }
  const auto began = std::chrono::steady_clock::now();
  Response response;
  try {
    request.path = path;
    response = serve(request, match);
  } catch (...) {
    response = currentProblem(match.operation->id);
  }
  duration_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  metrics_
      .counter("jackfield_http_requests_total", "Requests to the API by operation and status.",
               {{"operation", match.operation->id}, {"status", std::to_string(response.status)}})
      .add();
  if (observer_) observer_(*match.operation, response);
  return response;
}

Response Dispatcher::serve(Request& request, const Router::Match& match) {
  const Operation& operation = *match.operation;
  const std::string key = rateKey(request.address);
  const bool sign_in = operation.open && operation.has_body;
  if (sign_in) {
    if (const int wait = sign_ins_.take(key)) return tooMany("http.rate.signIn", wait);
  } else if (const int wait = addresses_.take(key)) {
    return tooMany("http.rate", wait);
  }
  if (!operation.open && !(operation.open_to_loopback && loopback(request.address))) {
    identify(request, operation);
    if (const int wait = sessions_.take(request.principal.session_id)) return tooMany("http.rate", wait);
  }
  Poco::URI uri;
  uri.setRawQuery(Poco::URI(request.message.getURI()).getRawQuery());
  request.query = uri.getQueryParameters();
  if (auto errors = operation.read(match.values, request.query, request.parameters); !errors.empty())
    throw model::Problem(Kind::invalid, "http.parameters",
                         "The parameters are not as they have to be: " + errors.front().pointer.substr(1) + " " +
                             errors.front().rule + ".",
                         errors);
  readBody(request, operation);
  return match.route->handler(request);
}

void Dispatcher::identify(Request& request, const Operation& operation) {
  if (const std::string bearer = bearerOf(request); !bearer.empty()) {
    request.principal = sign_in_.fromBearer(bearer, request.address);
    return;
  }
  request.principal = sign_in_.fromCookie(cookieOf(request), request.address);
  if (writes(operation.method)) sign_in_.checkCsrf(request.principal, request.header("X-CSRF-Token"));
  if (request.message.has("Upgrade") && !ownOrigin(request))
    throw model::Problem(Kind::forbidden, "http.origin",
                         "This page comes from " + request.header("Origin").substr(0, 200) +
                             ", which is not this server; a browser may open the event stream from our pages only.");
}

void Dispatcher::readBody(Request& request, const Operation& operation) {
  if (request.body.empty()) {
    if (operation.body_required)
      throw model::Problem(Kind::invalid, "http.bodyMissing", "The request needs a JSON body.",
                           {{"", "", "is required"}});
    if (operation.has_body) request.document = boost::json::object();
    return;
  }
  // Ignoring a body would hide a mistake of the client.
  if (!operation.has_body)
    throw model::Problem(Kind::invalid, "http.bodyUnwanted", "The request must not have a body.",
                         {{"", "", "must be empty"}});
  if (!Poco::Net::MediaType(request.header("Content-Type").empty() ? "none/none" : request.header("Content-Type"))
           .matches("application", "json"))
    throw MediaTypeProblem();
  request.document = parseJson(request.body);
  if (auto errors = operation.body.front().check(request.document); !errors.empty())
    throw model::Problem(
        Kind::invalid, "http.invalid",
        "The body is not as it has to be: " + (errors.front().pointer.empty() ? "it" : errors.front().pointer) + " " +
            errors.front().rule + ".",
        errors);
}

void Dispatcher::protect(const Request& request, Response& response) const {
  auto& headers = response.headers;
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("Referrer-Policy", "same-origin");
  if (request.secure) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  if (response.content_type.starts_with("text/html"))
    headers.emplace_back("Content-Security-Policy", contentPolicy);
  else
    headers.emplace_back("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  // What the API says is for one person and for now.
  if (std::ranges::none_of(headers, [](const auto& one) { return one.first == "Cache-Control"; }))
    headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace jackfield::gateway
