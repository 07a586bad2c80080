// SPDX-License-Identifier: Apache-2.0
// The OpenAPI document at work: the operations it names and the checks of what comes in and, in tests, goes out.
#ifndef JACKFIELD_GATEWAY_HTTP_OPENAPI_HPP
#define JACKFIELD_GATEWAY_HTTP_OPENAPI_HPP

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "model/problem.hpp"

namespace jackfield::gateway {

// openapi.yaml as JSON, built into the program.
std::string_view openApiText();

// A schema of the document, ready to check values. Any thread.
class SchemaCheck {
 public:
  // `schema` is a schema or a reference within `document`; both outlive the check.
  SchemaCheck(const boost::json::object& document, const boost::json::value& schema);
  ~SchemaCheck();
  SchemaCheck(SchemaCheck&&) noexcept;

  // Everything that breaks a rule. Pointers begin with `at`; values are cut, those of passwords masked.
  std::vector<model::FieldError> check(const boost::json::value& value, const std::string& at = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct Parameter {
  std::string name;
  bool in_path = false;
  bool required = false;
  std::string type;             // "string", "integer" or "boolean"
  boost::json::value fallback;  // null: none
  SchemaCheck check;
};

struct Operation {
  std::string id;
  std::string method;  // "GET"
  std::string path;    // "/api/v1/calls/{call}"
  bool open = false;   // no sign-in
  bool open_to_loopback = false;
  bool has_body = false;
  bool body_required = false;
  std::vector<Parameter> parameters;
  std::vector<SchemaCheck> body;  // one when has_body

  using Values = std::vector<std::pair<std::string, std::string>>;  // names and texts
  // Texts of path and query into values, with defaults. Pointers of errors are "?name" for both.
  std::vector<model::FieldError> read(const Values& of_path, const Values& query, boost::json::object& out) const;
};

// Immutable once made.
class OpenApi {
 public:
  // Throws std::runtime_error when the document breaks the rules that README.md gives.
  explicit OpenApi(std::string_view json = openApiText());
  ~OpenApi();

  const boost::json::object& document() const;
  const std::vector<Operation>& operations() const;
  const Operation* find(const std::string& id) const;

  // Whether the document allows this answer: empty, or sentences that say why not.
  std::vector<std::string> checkAnswer(const Operation& operation, int status, const std::string& content_type,
                                       std::string_view body) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::gateway

#endif
