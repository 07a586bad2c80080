// SPDX-License-Identifier: Apache-2.0
// Finds the operation for a method and a path.
#ifndef JACKFIELD_GATEWAY_HTTP_ROUTER_HPP
#define JACKFIELD_GATEWAY_HTTP_ROUTER_HPP

#include <functional>
#include <string>
#include <vector>

#include "gateway/http/message.hpp"
#include "gateway/http/openapi.hpp"

namespace jackfield::gateway {

// One line of the route table; tests hold the table and openapi.yaml one to one.
struct Route {
  std::string method;
  std::string path;       // "/api/v1/calls/{call}"
  std::string operation;  // operationId
  std::function<Response(Request&)> handler;
};

// Immutable once made.
class Router {
 public:
  // Throws std::runtime_error for a route that the document does not have.
  Router(const OpenApi& openapi, std::vector<Route> routes);

  struct Match {
    const Operation* operation = nullptr;  // null: no such path, or not by this method
    const Route* route = nullptr;
    Operation::Values values;  // of the path, decoded
    std::string allowed;       // methods of this path; empty: no such path
  };
  // `raw_path` as it came, without the query. HEAD is served as GET. Throws Poco::SyntaxException for bad escapes.
  Match find(const std::string& method, const std::string& raw_path) const;

 private:
  struct Entry {
    Route route;
    const Operation* operation;
    std::vector<std::string> segments;
  };
  std::vector<Entry> entries_;
};

}  // namespace jackfield::gateway

#endif
