// SPDX-License-Identifier: Apache-2.0
// JSON Schema checks with valijson, with errors that a person can act on.
#include <algorithm>
#include <set>

// As in kernel/holder/schema.cpp: without it valijson ends the program at a schema that it cannot read.
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "gateway/http/openapi.hpp"

namespace jackfield::gateway {
namespace json = boost::json;
namespace {

using Adapter = valijson::adapters::BoostJsonAdapter;
using Path = std::vector<std::string>;

// No text that a pattern applies to may be longer: std::regex recurses for each character. Longer texts break their
// maxLength in any case, so that checking their beginning is enough.
constexpr std::size_t longestChecked = 2048;
constexpr std::size_t longestShown = 80;
constexpr std::size_t mostErrors = 50;

const json::value& followed(const json::object& document, const json::value& schema) {
  const json::value* at = &schema;
  while (at->is_object() && at->as_object().contains("$ref")) {
    const std::string_view reference = at->at("$ref").as_string();
    json::error_code unknown;
    const json::value* root = document.if_contains("components");
    constexpr std::string_view prefix = "#/components";
    const json::value* next =
        root && reference.starts_with(prefix) ? root->find_pointer(reference.substr(prefix.size()), unknown) : nullptr;
    if (!next) throw std::runtime_error("openapi: nothing stands at " + std::string(reference));
    at = next;
  }
  return *at;
}

bool clip(json::value& value) {
  bool clipped = false;
  if (auto* text = value.if_string(); text && text->size() > longestChecked) {
    // At a boundary of characters, so that the length that is left is of whole ones.
    std::size_t size = longestChecked;
    while (size > 0 && (static_cast<unsigned char>((*text)[size]) & 0xc0) == 0x80) --size;
    text->resize(size);
    return true;
  }
  if (auto* array = value.if_array())
    for (auto& item : *array) clipped = clip(item) || clipped;
  if (auto* object = value.if_object())
    for (auto& [key, item] : *object) clipped = clip(item) || clipped;
  return clipped;
}

bool anyLong(const json::value& value) {
  if (const auto* text = value.if_string()) return text->size() > longestChecked;
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, anyLong);
  if (const auto* object = value.if_object())
    return std::ranges::any_of(*object, [](const auto& member) { return anyLong(member.value()); });
  return false;
}

std::string pointerOf(const Path& path) {
  std::string out;
  for (const auto& token : path) {
    out += '/';
    for (char c : token) {
      if (c == '~')
        out += "~0";
      else if (c == '/')
        out += "~1";
      else
        out += c;
    }
  }
  return out;
}

std::string shown(const json::value& value) {
  std::string text = value.is_string() ? std::string(value.as_string()) : json::serialize(value);
  if (text.size() <= longestShown) return text;
  std::size_t size = longestShown;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size) + "...";
}

std::string article(const std::string& type) {
  if (type == "string") return "a text";
  if (type == "integer") return "a whole number";
  if (type == "boolean") return "true or false";
  return type == "object" || type == "array" ? "an " + type : "a " + type;
}

}  // namespace

struct SchemaCheck::Impl {
  const json::object& document;
  const json::value& schema;
  valijson::Schema compiled;

  Impl(const json::object& d, const json::value& s) : document(d), schema(s) {
    json::object root;
    root["$ref"] = "#/components/schemas/it";
    // valijson resolves references from the root of what it is given.
    root["components"] = document.at("components");
    root["components"].as_object()["schemas"].as_object()["it"] = schema;
    const json::value whole = std::move(root);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(Adapter(whole), compiled);
  }

  // The schema and the value at a path; null where the path leads out of them.
  const json::object* schemaAt(const Path& path) const {
    const json::value* at = &followed(document, schema);
    for (const auto& token : path) {
      const auto* object = at->if_object();
      if (!object) return nullptr;
      const json::value* next = nullptr;
      if (const auto* properties = object->if_contains("properties")) next = properties->as_object().if_contains(token);
      if (!next) next = object->if_contains("items");
      if (!next) next = object->if_contains("additionalProperties");
      if (!next) return nullptr;
      at = &followed(document, *next);
    }
    return at->if_object();
  }

  static const json::value* valueAt(const json::value& value, const Path& path) {
    json::error_code absent;
    return value.find_pointer(pointerOf(path), absent);
  }

  std::string rule(const Path& path, const std::string& description) const {
    const json::object* at = schemaAt(path);
    const auto has = [&](std::string_view word) { return description.find(word) != std::string::npos; };
    if (at && has("'type' constraint")) return "must be " + article(std::string(at->at("type").as_string()));
    if (at && has("'pattern' constraint"))
      return "must match the pattern " + std::string(at->at("pattern").as_string());
    if (at && has("enum values")) {
      std::string allowed;
      for (const auto& one : at->at("enum").as_array()) allowed += (allowed.empty() ? "" : ", ") + shown(one);
      return "must be one of: " + allowed;
    }
    return description;
  }

  void addUnknown(const Path& path, const json::value& value, const std::string& at,
                  std::vector<model::FieldError>& out) const {
    const json::object* known = schemaAt(path);
    const json::value* object = valueAt(value, path);
    if (!known || !object || !object->is_object()) return;
    const auto* properties = known->if_contains("properties");
    std::string names;
    if (properties)
      for (const auto& [name, unused] : properties->as_object())
        names += (names.empty() ? "" : ", ") + std::string(name);
    for (const auto& [name, member] : object->as_object()) {
      if (properties && properties->as_object().contains(name)) continue;
      Path deeper = path;
      deeper.emplace_back(name);
      out.push_back(
          {at + pointerOf(deeper).substr(0, longestShown), shown(member), "is not known; known are: " + names});
      if (out.size() >= mostErrors) return;
    }
  }

  void add(const valijson::ValidationResults::Error& error, const json::value& value, const std::string& at,
           std::vector<model::FieldError>& out) const {
    // Of a fault deep down valijson also tells each level above it.
    if (error.description.starts_with("Failed to validate")) return;
    Path path;
    for (std::size_t i = 1; i < error.context.size(); ++i)
      path.push_back(error.context[i].substr(1, error.context[i].size() - 2));
    if (error.description.starts_with("Object contains a property")) return addUnknown(path, value, at, out);
    constexpr std::string_view missing = "Missing required property '";
    if (error.description.starts_with(missing)) {
      const std::size_t end = error.description.rfind('\'');
      path.push_back(error.description.substr(missing.size(), end - missing.size()));
      out.push_back({at + pointerOf(path), "", "is required"});
      return;
    }
    const json::object* schema_there = schemaAt(path);
    const json::value* format = schema_there ? schema_there->if_contains("format") : nullptr;
    const bool secret = format && *format == "password";
    const json::value* there = valueAt(value, path);
    out.push_back({at + pointerOf(path), secret ? "***" : there ? shown(*there) : "", rule(path, error.description)});
  }
};

SchemaCheck::SchemaCheck(const json::object& document, const json::value& schema)
    : impl_(std::make_unique<Impl>(document, schema)) {}
SchemaCheck::~SchemaCheck() = default;
SchemaCheck::SchemaCheck(SchemaCheck&&) noexcept = default;

std::vector<model::FieldError> SchemaCheck::check(const json::value& value, const std::string& at) const {
  json::value shorter;
  const bool any_long = anyLong(value);
  if (any_long) {
    shorter = value;
    clip(shorter);
  }
  valijson::Validator validator;
  valijson::ValidationResults results;
  std::vector<model::FieldError> out;
  if (validator.validate(impl_->compiled, Adapter(any_long ? shorter : value), &results)) return out;
  std::set<std::pair<std::string, std::string>> told;
  for (const auto& error : results) {
    if (out.size() >= mostErrors) break;
    impl_->add(error, value, at, out);
  }
  std::erase_if(out, [&](const auto& error) { return !told.emplace(error.pointer, error.rule).second; });
  if (out.empty()) out.push_back({at, shown(value), "does not fit the schema"});
  return out;
}

}  // namespace jackfield::gateway
