// SPDX-License-Identifier: Apache-2.0
// Sign-in, sign-out, tokens.
#include <boost/describe.hpp>

#include <jackfield/json.hpp>

#include "gateway/api/api.hpp"
#include "gateway/http/dispatcher.hpp"

namespace jackfield::gateway {
namespace {

struct Credentials {
  std::string login;
  std::string password;
  std::string note;
};
BOOST_DESCRIBE_STRUCT(Credentials, (), (login, password, note))

std::string cookie(const std::string& value, bool secure) {
  return std::string(sessionCookie) + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "");
}

Response signIn(Api& api, Request& request) {
  const auto given = fromJson<Credentials>(request.document);
  const auto signed_in = api.services.signIn().signIn(given.login, given.password, request.address);
  auto response = Response::json(toJson(signed_in.session));
  response.headers.emplace_back("Set-Cookie", cookie(signed_in.token, request.secure));
  return response;
}

Response signOut(Api& api, Request& request) {
  api.services.signIn().signOut(request.principal);
  auto response = Response::empty();
  response.headers.emplace_back("Set-Cookie", cookie("", request.secure) + "; Max-Age=0");
  return response;
}

Response createToken(Api& api, Request& request) {
  const auto given = fromJson<Credentials>(request.document);
  const auto token = api.services.signIn().issueToken(given.login, given.password, given.note, request.address);
  return Response::json(toJson(token), 201);
}

}  // namespace

std::vector<Route> sessionRoutes(Api& api) {
  return {
      {"POST", "/api/v1/session", "signIn", [&](Request& r) { return signIn(api, r); }},
      {"GET", "/api/v1/session", "getSession",
       [&](Request& r) { return Response::json(toJson(api.services.signIn().session(r.principal))); }},
      {"DELETE", "/api/v1/session", "signOut", [&](Request& r) { return signOut(api, r); }},
      {"POST", "/api/v1/tokens", "createToken", [&](Request& r) { return createToken(api, r); }},
  };
}

}  // namespace jackfield::gateway
