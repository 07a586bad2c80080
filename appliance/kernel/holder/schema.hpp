// SPDX-License-Identifier: Apache-2.0
// JSON Schema (draft 7) as the kernel uses it: every error at once, in words that name pointer, value and rule.
#ifndef JACKFIELD_KERNEL_HOLDER_SCHEMA_HPP
#define JACKFIELD_KERNEL_HOLDER_SCHEMA_HPP

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace jackfield::kernel {

struct SchemaError {
  std::string pointer;  // "" is the document itself
  std::string value;    // as JSON, cut at 80 characters; "***" where the schema says x-secret
  std::string rule;     // "is above 65535"
};

// Immutable: any thread.
class Schema {
 public:
  // Throws Error(invalid, "schema.invalid") when the document is no usable schema.
  explicit Schema(const boost::json::value& schema);
  ~Schema();
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;

  std::vector<SchemaError> check(const boost::json::value& document) const;

  // The document with the schema's defaults where members are absent, nested objects too.
  boost::json::value withDefaults(const boost::json::value& document) const;

  // The texts, but empty ones, that stand under members marked so: "x-secret", "x-file".
  std::vector<std::string> marked(std::string_view keyword, const boost::json::value& document) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The known name that is nearest to a wrong one; empty when none is near.
std::string nearest(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace jackfield::kernel

#endif
