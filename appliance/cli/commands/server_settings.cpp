// SPDX-License-Identifier: Apache-2.0
// NAME=VALUE to JSON by a schema.
#include "cli/commands/server_settings.hpp"

#include <charconv>

#include <jackfield/json.hpp>

#include "cli/failure.hpp"
#include "cli/output.hpp"

namespace jackfield::cli {

namespace {

std::string names(const boost::json::value& schema) {
  std::string text;
  const auto* properties = schema.is_object() ? schema.get_object().if_contains("properties") : nullptr;
  if (properties && properties->is_object())
    for (const auto& property : properties->get_object())
      text += (text.empty() ? "" : ", ") + std::string(property.key());
  return text;
}

const boost::json::value& property(const boost::json::value& schema, const std::string& name,
                                   const std::string& whole) {
  const auto* properties = schema.is_object() ? schema.get_object().if_contains("properties") : nullptr;
  const auto* found = properties && properties->is_object() ? properties->get_object().if_contains(name) : nullptr;
  if (!found) throw Failure(ExitCode::usage, whole + ": there is no setting " + name + "; known are: " + names(schema));
  return *found;
}

[[noreturn]] void wrongType(const std::string& name, const std::string& value, const std::string& wanted) {
  throw Failure(ExitCode::usage, name + ": " + value + " is not " + wanted);
}

boost::json::value number(const std::string& name, const std::string& text, bool whole) {
  std::int64_t integer = 0;
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, integer); read.ec == std::errc{} && read.ptr == end)
    return integer;
  double real = 0;
  const auto read = std::from_chars(text.data(), end, real);
  if (whole || read.ec != std::errc{} || read.ptr != end) wrongType(name, text, whole ? "a whole number" : "a number");
  return real;
}

boost::json::value listOf(const std::string& name, const std::string& text) {
  if (text.starts_with('[')) {
    try {
      return parseJson(text);
    } catch (const Error& error) {
      wrongType(name, text, std::string("a list: ") + error.what());
    }
  }
  boost::json::array list;
  for (std::size_t begin = 0; begin <= text.size() && !text.empty();) {
    const auto comma = std::min(text.find(',', begin), text.size());
    list.push_back(boost::json::string(text.substr(begin, comma - begin)));
    begin = comma + 1;
  }
  return list;
}

boost::json::value typed(const std::string& name, const std::string& text, const boost::json::value& schema) {
  const std::string type = textAt(schema, "/type");
  if (type == "integer" || type == "number") return number(name, text, type == "integer");
  if (type == "array") return listOf(name, text);
  if (type == "boolean") {
    if (text != "true" && text != "false") wrongType(name, text, "true or false");
    return text == "true";
  }
  if (type == "object") wrongType(name, text, "a value of an object; set its members: " + name + ".NAME=VALUE");
  return boost::json::string(text);
}

}  // namespace

void putSettings(boost::json::object& settings, const std::vector<std::string>& assignments,
                 const boost::json::value& schema) {
  for (const auto& assignment : assignments) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Failure(ExitCode::usage, "--set " + assignment + " has not the form NAME=VALUE");
    const std::string whole = assignment.substr(0, equals);
    const boost::json::value* at = &schema;
    boost::json::object* target = &settings;
    std::string name = whole;
    for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
      at = &property(*at, name.substr(0, dot), whole);
      auto& member = (*target)[name.substr(0, dot)];
      if (!member.is_object()) member.emplace_object();
      target = &member.get_object();
      name.erase(0, dot + 1);
    }
    (*target)[name] = typed(whole, assignment.substr(equals + 1), property(*at, name, whole));
  }
}

}  // namespace jackfield::cli
