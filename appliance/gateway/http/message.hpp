// SPDX-License-Identifier: Apache-2.0
// A request as handlers see it, and what they answer.
#ifndef JACKFIELD_GATEWAY_HTTP_MESSAGE_HPP
#define JACKFIELD_GATEWAY_HTTP_MESSAGE_HPP

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Poco/Net/HTTPRequest.h>
#include <boost/json.hpp>

#include "gateway/net/transport.hpp"
#include "model/principal.hpp"

namespace jackfield::gateway {

struct Request {
  Poco::Net::HTTPRequest message;                          // method and header fields
  std::string path;                                        // decoded, "/api/v1/calls"
  std::vector<std::pair<std::string, std::string>> query;  // decoded
  std::string_view body;                                   // as it came; valid while the request is handled
  std::string address;                                     // of the client
  bool secure = false;                                     // TLS

  // Filled by the dispatcher before a handler of the API is called.
  boost::json::object parameters;  // of path and query, by name, in the types of the document, defaults filled in
  boost::json::value document;     // the body; null when there was none
  model::Principal principal;      // empty on public routes

  const std::string& method() const { return message.getMethod(); }
  // Empty when absent.
  std::string header(const std::string& name) const { return message.get(name, ""); }
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string content_type;                 // empty: no body
  std::shared_ptr<const std::string> body;  // null: empty
  // Takes the connection over after the head has gone out (101); gets a closed transport when it could not.
  std::function<void(Transport, std::string already_read)> upgrade;

  static Response json(const boost::json::value& document, int status = 200);
  static Response text(std::string body, std::string content_type, int status = 200);
  static Response empty(int status = 204);
};

}  // namespace jackfield::gateway

#endif
