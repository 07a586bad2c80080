// SPDX-License-Identifier: Apache-2.0
// The table from the boundary's status to the kinds of problems.
#include "capabilities/replies.hpp"

namespace jackfield::capabilities {
namespace {

using Kind = model::Problem::Kind;

Kind kindOf(Status status) {
  switch (status) {
    case Status::invalid:
      return Kind::invalid;
    case Status::auth:
      return Kind::unauthenticated;
    case Status::timeout:
      return Kind::timeout;
    case Status::unsupported:
    case Status::state:
      return Kind::conflict;
    case Status::notFound:
      return Kind::notFound;
    case Status::full:
    case Status::unreachable:
    case Status::cancelled:
      return Kind::unavailable;
    case Status::ok:
    case Status::wrongThread:
    case Status::internal:
      break;
  }
  return Kind::internal;
}

struct Document {
  std::string code;
  std::string text;
  std::string field;
  std::string value;
};
BOOST_DESCRIBE_STRUCT(Document, (), (code, text, field, value))

Document documentOf(const kernel::Reply& failed) {
  try {
    return fromJson<Document>(parseJson(failed.body), Unknown::ignore);
  } catch (const Error&) {
    return {};  // a plugin that cannot even say why; the status has to do
  }
}

}  // namespace

model::Problem problemOf(const std::string& handle, const kernel::Reply& failed) {
  const auto document = documentOf(failed);
  const bool manager = document.code.starts_with("plugin.") && failed.status != Status::timeout;
  auto kind = manager ? Kind::unavailable : kindOf(failed.status);
  const std::string code = document.code.empty() ? "plugin.failed" : document.code;
  const std::string text =
      document.text.empty() ? handle + ": the plugin failed without saying why; look at its log" : document.text;
  std::vector<model::FieldError> fields;
  if (!document.field.empty()) fields.push_back({document.field, document.value, text});
  return model::Problem(kind, code, text, std::move(fields));
}

}  // namespace jackfield::capabilities
