// SPDX-License-Identifier: Apache-2.0
// What the host throws when a request cannot be done: one sentence, a stable code, and each field that is at fault.
// The gateway turns it into a problem document (RFC 9457), the CLI into text.
#ifndef JACKFIELD_MODEL_PROBLEM_HPP
#define JACKFIELD_MODEL_PROBLEM_HPP

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/describe.hpp>

namespace jackfield::model {

// One wrong field. `pointer` is a JSON pointer into the request ("/settings/port"); `value` is never a secret.
struct FieldError {
  std::string pointer;
  std::string value;
  std::string rule;
};
BOOST_DESCRIBE_STRUCT(FieldError, (), (pointer, value, rule))

// As a sentence without its full stop. A rule says what is wrong ("is below 1", "must not be empty", "stays sip"), or
// names what is wanted ("0 to 23").
inline std::string sentenceOf(const FieldError& error) {
  bool says = false;
  for (const char* begin : {"is ", "must ", "stays "}) says = says || error.rule.starts_with(begin);
  return error.pointer + ": " + error.value + (error.value.empty() ? "" : " ") + (says ? "" : "is not ") + error.rule;
}

class Problem : public std::runtime_error {
 public:
  enum class Kind {
    invalid,          // 400, 422: the request itself is wrong
    unauthenticated,  // 401
    forbidden,        // 403
    notFound,         // 404
    conflict,         // 409: the state or the revision does not allow it
    gone,             // 410: a cursor that is too old
    tooMany,          // 429: rate limit, lock-out, capacity (CAP-003)
    unavailable,      // 503: the far server cannot be reached
    timeout,          // 504
    internal          // 500
  };

  Problem(Kind kind, std::string code, const std::string& detail, std::vector<FieldError> fields = {})
      : std::runtime_error(detail), kind_(kind), code_(std::move(code)), fields_(std::move(fields)) {}

  Kind kind() const noexcept { return kind_; }
  const std::string& code() const noexcept { return code_; }
  const std::vector<FieldError>& fields() const noexcept { return fields_; }

 private:
  Kind kind_;
  std::string code_;
  std::vector<FieldError> fields_;
};

}  // namespace jackfield::model

#endif
