// SPDX-License-Identifier: Apache-2.0
// The one exception type of the SDK: what went wrong, in words an administrator can act on.
#ifndef JACKFIELD_ERROR_HPP
#define JACKFIELD_ERROR_HPP

#include <stdexcept>
#include <string>
#include <utility>

namespace jackfield {

// The same numbers as jf_status in abi/base.h; a reply carries them across the boundary.
enum class Status {
  ok = 0,
  invalid = 1,
  auth = 2,
  unreachable = 3,
  timeout = 4,
  unsupported = 5,
  full = 6,
  state = 7,
  cancelled = 8,
  notFound = 9,
  wrongThread = 10,
  internal = 11
};

// Thrown by a plugin's code; the C++ layer turns it into a failed reply and never lets it leave the plugin.
// `code` stands in the plugin's messages.json. `field` is a JSON pointer ("/port") or empty; `value` is what stood
// there, never a secret. what() is the whole sentence.
class Error : public std::runtime_error {
 public:
  Error(Status status, std::string code, const std::string& text, std::string field = {}, std::string value = {})
      : std::runtime_error(text),
        status_(status),
        code_(std::move(code)),
        field_(std::move(field)),
        value_(std::move(value)) {}

  Status status() const noexcept { return status_; }
  const std::string& code() const noexcept { return code_; }
  const std::string& field() const noexcept { return field_; }
  const std::string& value() const noexcept { return value_; }

 private:
  Status status_;
  std::string code_;
  std::string field_;
  std::string value_;
};

}  // namespace jackfield

#endif
