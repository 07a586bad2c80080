// SPDX-License-Identifier: Apache-2.0
// Reading the OpenAPI document.
#include "gateway/http/openapi.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <Poco/String.h>

#include <jackfield/json.hpp>

namespace jackfield::gateway {
namespace json = boost::json;
namespace {

const json::value& follow(const json::object& document, const json::value& value) {
  const auto* object = value.if_object();
  const auto* reference = object ? object->if_contains("$ref") : nullptr;
  if (!reference) return value;
  const std::string pointer(std::string_view(reference->as_string()).substr(std::string_view("#/components").size()));
  return follow(document, document.at("components").at_pointer(pointer));
}

std::string textOf(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

bool flagOf(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_bool() && value->as_bool();
}

Parameter readParameter(const json::object& document, const json::value& declared) {
  const json::object& object = follow(document, declared).as_object();
  const json::object& schema = follow(document, object.at("schema")).as_object();
  const auto* fallback = schema.if_contains("default");
  return {textOf(object, "name"), textOf(object, "in") == "path",       flagOf(object, "required"),
          textOf(schema, "type"), fallback ? *fallback : json::value(), SchemaCheck(document, object.at("schema"))};
}

Operation readOperation(const json::object& document, const std::string& path, const json::object& item,
                        const std::string& method, const json::object& declared) {
  Operation out;
  out.id = textOf(declared, "operationId");
  out.method = Poco::toUpper(method);
  out.path = path;
  const auto* security = declared.if_contains("security");
  out.open = security && security->as_array().empty();
  out.open_to_loopback = textOf(declared, "x-loopback") == "open";
  for (const auto* from : {&item, &declared})
    if (const auto* parameters = from->if_contains("parameters"))
      for (const auto& one : parameters->as_array()) out.parameters.push_back(readParameter(document, one));
  if (const auto* body = declared.if_contains("requestBody")) {
    const json::object& described = follow(document, *body).as_object();
    out.has_body = true;
    out.body_required = flagOf(described, "required");
    out.body.emplace_back(document, described.at("content").at("application/json").at("schema"));
  }
  return out;
}

json::value convert(const Parameter& parameter, const std::string& text) {
  if (parameter.type == "integer") {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return number;
  }
  if (parameter.type == "boolean" && (text == "true" || text == "false")) return text == "true";
  return json::string(text);
}

}  // namespace

std::vector<model::FieldError> Operation::read(const Values& of_path, const Values& query, json::object& out) const {
  std::vector<model::FieldError> errors;
  const auto count = [](const Values& values, const std::string& name) {
    return std::ranges::count_if(values, [&](const auto& one) { return one.first == name; });
  };
  for (const auto& parameter : parameters) {
    const Values& from = parameter.in_path ? of_path : query;
    const auto found = std::ranges::find_if(from, [&](const auto& one) { return one.first == parameter.name; });
    const std::string at = "?" + parameter.name;
    if (found == from.end()) {
      if (parameter.required) errors.push_back({at, "", "is required"});
      if (!parameter.fallback.is_null()) out[parameter.name] = parameter.fallback;
      continue;
    }
    if (count(from, parameter.name) > 1) errors.push_back({at, found->second.substr(0, 80), "is given twice"});
    json::value value = convert(parameter, found->second);
    auto wrong = parameter.check.check(value, at);
    errors.insert(errors.end(), wrong.begin(), wrong.end());
    out[parameter.name] = std::move(value);
  }
  for (const auto& [name, value] : query) {
    const bool known =
        std::ranges::any_of(parameters, [&name = name](const auto& one) { return !one.in_path && one.name == name; });
    if (!known)
      errors.push_back({"?" + name.substr(0, 80), value.substr(0, 80), "is not a parameter of this operation"});
  }
  return errors;
}

struct OpenApi::Impl {
  json::value whole;
  std::vector<Operation> operations;
};

OpenApi::OpenApi(std::string_view text) : impl_(std::make_unique<Impl>()) {
  impl_->whole = parseJson(text);
  const json::object& whole = document();
  for (const auto& [path, item] : whole.at("paths").as_object())
    for (const auto& [method, declared] : item.as_object())
      if (method != "parameters")
        impl_->operations.push_back(
            readOperation(whole, std::string(path), item.as_object(), std::string(method), declared.as_object()));
}

OpenApi::~OpenApi() = default;

const json::object& OpenApi::document() const {
  return impl_->whole.as_object();
}

const std::vector<Operation>& OpenApi::operations() const {
  return impl_->operations;
}

const Operation* OpenApi::find(const std::string& id) const {
  const auto found = std::ranges::find_if(impl_->operations, [&](const auto& one) { return one.id == id; });
  return found == impl_->operations.end() ? nullptr : &*found;
}

std::vector<std::string> OpenApi::checkAnswer(const Operation& operation, int status, const std::string& content_type,
                                              std::string_view body) const {
  const json::object& item = document().at("paths").at(operation.path).as_object();
  const json::object& declared = item.at(Poco::toLower(operation.method)).as_object();
  const std::string where = operation.id + " " + std::to_string(status);
  const auto* answer = declared.at("responses").as_object().if_contains(std::to_string(status));
  if (!answer) return {where + ": the document does not name this status"};
  const auto* content = follow(document(), *answer).as_object().if_contains("content");
  if (!content) {
    if (body.empty()) return {};
    return {where + ": the document allows no body"};
  }
  const auto& [type, media] = *content->as_object().begin();
  if (content_type.substr(0, content_type.find(';')) != type)
    return {where + ": content type " + content_type + " instead of " + std::string(type)};
  if (!std::string_view(type).ends_with("json")) return {};
  std::vector<std::string> out;
  for (const auto& error : SchemaCheck(document(), media.at("schema")).check(parseJson(body)))
    out.push_back(where + ": " + error.pointer + " = " + error.value + " " + error.rule);
  return out;
}

}  // namespace jackfield::gateway
