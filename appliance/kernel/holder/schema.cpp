// SPDX-License-Identifier: Apache-2.0
// Validation by valijson; the sentences and the nearest known key are ours.
#include "schema.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

// Without it valijson ends the program at a schema that it cannot read.
#define VALIJSON_USE_EXCEPTIONS 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

#include <jackfield/error.hpp>
#include <jackfield/json.hpp>

namespace jackfield::kernel {

namespace json = boost::json;

struct Schema::Impl {
  json::value document;
  valijson::Schema schema;
};

namespace {

const json::value* member(const json::value* in, std::string_view name) {
  const auto* object = in ? in->if_object() : nullptr;
  return object ? object->if_contains({name.data(), name.size()}) : nullptr;
}

bool flag(const json::value* schema, std::string_view name) {
  const auto* value = member(schema, name);
  return value && value->is_bool() && value->get_bool();
}

// The part of the schema that speaks of the value at these steps; null where the schema says nothing.
const json::value* schemaAt(const json::value* root, const json::value* schema, const std::vector<std::string>& steps) {
  for (std::size_t i = 0; i <= steps.size() && schema; ++i) {
    if (const auto* reference = member(schema, "$ref"); reference && reference->is_string()) {
      const auto text = std::string_view(reference->get_string());
      boost::system::error_code failed;
      schema = text.starts_with("#") ? root->find_pointer({text.data() + 1, text.size() - 1}, failed) : nullptr;
    }
    if (i == steps.size()) break;
    const auto* properties = member(schema, "properties");
    const auto* next = member(properties, steps[i]);
    schema = next ? next : member(schema, "items");
  }
  return schema;
}

// valijson names a place as "<root>", "[port]", "[0]".
std::vector<std::string> stepsOf(const std::vector<std::string>& context) {
  std::vector<std::string> steps;
  for (const auto& part : context)
    if (part.size() >= 2 && part.front() == '[' && part.back() == ']') steps.push_back(part.substr(1, part.size() - 2));
  return steps;
}

std::string pointerOf(const std::vector<std::string>& steps) {
  std::string out;
  for (const auto& step : steps) {
    out += '/';
    for (char c : step) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return out;
}

std::string textOf(const json::value& v) {
  return v.is_string() ? std::string(v.get_string()) : json::serialize(v);
}

std::string listOf(const json::array& values) {
  std::string out;
  for (const auto& v : values) out += (out.empty() ? "" : ", ") + textOf(v);
  return out;
}

bool hasType(const json::value& v, std::string_view type) {
  if (type == "string") return v.is_string();
  if (type == "boolean") return v.is_bool();
  if (type == "object") return v.is_object();
  if (type == "array") return v.is_array();
  if (type == "null") return v.is_null();
  const bool whole =
      v.is_int64() || v.is_uint64() ||
      (v.is_double() && v.get_double() == static_cast<double>(static_cast<std::int64_t>(v.get_double())));
  return type == "integer" ? whole : v.is_number();
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The rule that a single value breaks, as the end of a sentence; nothing when it is none of the simple ones.
std::optional<std::string> simpleRule(const json::value& schema, const json::value& v) {
  if (const auto* type = member(&schema, "type"); type && type->is_string() && !hasType(v, textOf(*type)))
    return "is not of type " + textOf(*type);
  if (const auto* allowed = member(&schema, "enum"); allowed && allowed->is_array()) {
    const auto& list = allowed->get_array();
    if (std::find(list.begin(), list.end(), v) == list.end()) return "is not one of: " + listOf(list);
  }
  if (v.is_number()) {
    const double number = v.to_number<double>();
    const auto* low = member(&schema, "minimum");
    const auto* high = member(&schema, "maximum");
    if (low && number < low->to_number<double>()) return "is below " + textOf(*low);
    if (high && number > high->to_number<double>()) return "is above " + textOf(*high);
  }
  if (v.is_string()) {
    const std::size_t size = characters(v.get_string());
    const auto* low = member(&schema, "minLength");
    const auto* high = member(&schema, "maxLength");
    if (low && size < low->to_number<std::size_t>())
      return size == 0 ? "must not be empty" : "is shorter than " + textOf(*low) + " characters";
    if (high && size > high->to_number<std::size_t>()) return "is longer than " + textOf(*high) + " characters";
    if (const auto* pattern = member(&schema, "pattern")) return "does not have the form " + textOf(*pattern);
  }
  if (v.is_array()) {
    const auto* low = member(&schema, "minItems");
    const auto* high = member(&schema, "maxItems");
    if (low && v.get_array().size() < low->to_number<std::size_t>()) return "has fewer than " + textOf(*low) + " items";
    if (high && v.get_array().size() > high->to_number<std::size_t>())
      return "has more than " + textOf(*high) + " items";
  }
  return std::nullopt;
}

class Check {
 public:
  Check(const json::value& schema, const json::value& document) : schema_(schema), document_(document) {}

  // Missing and unknown members, which valijson names less kindly, and at the wrong place.
  void names(const json::value& v, std::vector<std::string> steps) {
    const auto* schema = schemaAt(&schema_, &schema_, steps);
    if (const auto* list = v.if_array()) {
      for (std::size_t i = 0; i < list->size(); ++i) descend((*list)[i], steps, std::to_string(i));
      return;
    }
    const auto* object = v.if_object();
    if (!object || !schema) return;
    const auto* properties = member(schema, "properties");
    std::vector<std::string> known;
    if (properties && properties->is_object())
      for (const auto& [key, unused] : properties->get_object()) known.emplace_back(key);
    const auto* additional = member(schema, "additionalProperties");
    const bool closed = additional && additional->is_bool() && !additional->get_bool();
    for (const auto& [key, value] : *object) {
      const std::string name(key);
      if (closed && std::find(known.begin(), known.end(), name) == known.end()) {
        const std::string near = nearest(name, known);
        add(with(steps, name), value, "is not known" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
      } else {
        descend(value, steps, name);
      }
    }
    const auto* required = member(schema, "required");
    if (!required || !required->is_array()) return;
    for (const auto& name : required->get_array())
      if (!object->if_contains(name.as_string())) add(with(steps, textOf(name)), nullptr, "is missing");
  }

  void values(const valijson::ValidationResults& results) {
    for (const auto& error : results) {
      const auto steps = stepsOf(error.context);
      boost::system::error_code failed;
      const auto* v = document_.find_pointer(pointerOf(steps), failed);
      const auto* schema = schemaAt(&schema_, &schema_, steps);
      if (!v) continue;
      const bool container = error.description.starts_with("Failed to validate against schema associated with") ||
                             error.description.starts_with("Object contains a property that could not be") ||
                             error.description.starts_with("Missing required property") ||
                             error.description.starts_with("Failed to validate item");
      if (container) continue;
      const auto rule = schema ? simpleRule(*schema, *v) : std::nullopt;
      add(steps, *v, rule.value_or("breaks a rule: " + error.description));
    }
  }

  std::vector<SchemaError> errors() && { return std::move(errors_); }
  bool empty() const { return errors_.empty(); }
  void general() { add({}, document_, "breaks a rule of the schema"); }

 private:
  static std::vector<std::string> with(std::vector<std::string> steps, const std::string& last) {
    steps.push_back(last);
    return steps;
  }
  void descend(const json::value& v, const std::vector<std::string>& steps, const std::string& last) {
    if (v.is_structured()) names(v, with(steps, last));
  }
  void add(const std::vector<std::string>& steps, const json::value& v, std::string rule) {
    const std::string pointer = pointerOf(steps);
    const bool known = std::any_of(errors_.begin(), errors_.end(), [&](const auto& e) { return e.pointer == pointer; });
    if (known) return;
    const bool secret = flag(schemaAt(&schema_, &schema_, steps), "x-secret");
    std::string value = rule == "is missing" ? "" : secret ? "***" : jackfield::detail::shown(v);
    errors_.push_back({pointer, std::move(value), std::move(rule)});
  }

  const json::value& schema_;
  const json::value& document_;
  std::vector<SchemaError> errors_;
};

void fillDefaults(const json::value& root, const json::value* schema, json::value& document) {
  schema = schemaAt(&root, schema, {});
  const auto* properties = member(schema, "properties");
  auto* object = document.if_object();
  if (!object || !properties || !properties->is_object()) return;
  for (const auto& [key, described] : properties->get_object()) {
    const auto* fallback = member(schemaAt(&root, &described, {}), "default");
    if (fallback && !object->if_contains(key)) (*object)[key] = *fallback;
    if (auto* value = object->if_contains(key)) fillDefaults(root, &described, *value);
  }
}

// Of the members that the schema marks with a keyword the texts below.
class Marked {
 public:
  Marked(const json::value& root, std::string_view keyword) : root_(root), keyword_(keyword) {}

  void collect(const json::value* schema, const json::value& v, bool marked) {
    schema = schemaAt(&root_, schema, {});
    marked = marked || flag(schema, keyword_);
    if (marked && v.is_string() && !v.get_string().empty()) texts.emplace_back(v.get_string());
    if (const auto* list = v.if_array())
      for (const auto& item : *list) collect(member(schema, "items"), item, marked);
    if (const auto* object = v.if_object())
      for (const auto& [key, item] : *object)
        collect(member(member(schema, "properties"), std::string_view(key)), item, marked);
  }

  std::vector<std::string> texts;

 private:
  const json::value& root_;
  const std::string_view keyword_;
};

}  // namespace

Schema::Schema(const json::value& schema) : impl_(std::make_unique<Impl>()) {
  impl_->document = schema;
  try {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::BoostJsonAdapter(impl_->document), impl_->schema);
  } catch (const std::exception& error) {
    throw Error(Status::invalid, "schema.invalid", std::string("not a usable JSON Schema: ") + error.what());
  }
}

Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

std::vector<SchemaError> Schema::check(const json::value& document) const {
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  const valijson::adapters::BoostJsonAdapter target(document);
  const bool valid = validator.validate(impl_->schema, target, &results);
  if (valid) return {};
  Check check(impl_->document, document);
  check.names(document, {});
  check.values(results);
  if (check.empty()) check.general();
  return std::move(check).errors();
}

json::value Schema::withDefaults(const json::value& document) const {
  json::value out = document;
  fillDefaults(impl_->document, &impl_->document, out);
  return out;
}

std::vector<std::string> Schema::marked(std::string_view keyword, const json::value& document) const {
  Marked marked(impl_->document, keyword);
  marked.collect(&impl_->document, document, false);
  return std::move(marked.texts);
}

std::string nearest(std::string_view wrong, const std::vector<std::string>& known) {
  if (wrong.size() > 64) return {};
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const auto& name : known) {
    // Levenshtein, one row, letters' case ignored.
    std::vector<std::size_t> row(name.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < wrong.size(); ++i) {
      std::size_t diagonal = std::exchange(row[0], i + 1);
      for (std::size_t j = 0; j < name.size(); ++j) {
        const bool same = (wrong[i] | 0x20) == (name[j] | 0x20);
        const std::size_t replace = diagonal + (same ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({replace, row[j] + 1, diagonal + 1});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = name;
    }
  }
  return best;
}

}  // namespace jackfield::kernel
