// SPDX-License-Identifier: Apache-2.0
// Reading the manifests' server types.
#include "capabilities/plugin_port.hpp"

namespace jackfield::capabilities {
namespace {

// Arrays of settings are short: contact domains, failover servers.
constexpr std::size_t most_items = 64;

std::string text(const boost::json::object& object, const char* name) {
  const auto* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

using Each = std::function<void(const std::string& pointer, const boost::json::object& rules)>;

// Every described setting, with "*" for the items of an array.
void walk(const boost::json::value& schema, const std::string& at, const Each& each) {
  const auto* rules = schema.if_object();
  if (!rules) return;
  each(at, *rules);
  if (const auto* items = rules->if_contains("items")) walk(*items, at + "/*", each);
  const auto* properties = rules->if_contains("properties");
  if (!properties || !properties->is_object()) return;
  for (const auto& [name, property] : properties->get_object()) walk(property, at + "/" + std::string(name), each);
}

bool isTrue(const boost::json::value* flag) {
  return flag && flag->is_bool() && flag->get_bool();
}

std::set<std::string> secretsOf(const boost::json::object& schema) {
  std::set<std::string> out;
  walk(schema, {}, [&](const std::string& pointer, const boost::json::object& rules) {
    if (isTrue(rules.if_contains("x-secret"))) out.insert(pointer);
  });
  return out;
}

std::vector<FixedSetting> fixedOf(const boost::json::object& schema) {
  std::vector<FixedSetting> out;
  walk(schema, {}, [&](const std::string& pointer, const boost::json::object& rules) {
    const auto* fixed = rules.if_contains("x-fixed");
    if (!isTrue(fixed) && !(fixed && fixed->is_string())) return;
    const auto* fallback = rules.if_contains("default");
    out.push_back({pointer, text(rules, "x-fixed"), fallback ? *fallback : boost::json::value()});
  });
  return out;
}

void expand(const std::string& pattern, std::set<std::string>& out) {
  const auto star = pattern.find("/*");
  if (star == std::string::npos) {
    out.insert(pattern);
    return;
  }
  for (std::size_t i = 0; i < most_items; ++i)
    expand(pattern.substr(0, star) + "/" + std::to_string(i) + pattern.substr(star + 2), out);
}

}  // namespace

ServerType serverTypeOf(const std::string& plugin, const boost::json::object& entry) {
  ServerType type;
  type.type = text(entry, "type");
  type.kind = text(entry, "kind");
  type.label = text(entry, "label");
  type.plugin = plugin;
  type.capability = text(entry, "capability");
  if (const auto* settings = entry.if_contains("settings"); settings && settings->is_object())
    type.settings = settings->get_object();
  type.secrets = secretsOf(type.settings);
  type.fixed = fixedOf(type.settings);
  return type;
}

std::set<std::string> ServerType::secretPointers() const {
  std::set<std::string> out;
  for (const auto& pattern : secrets) expand(pattern, out);
  return out;
}

std::optional<ServerType> PluginPort::serverType(const std::string& type) const {
  for (auto& known : serverTypes())
    if (known.type == type) return known;
  return std::nullopt;
}

}  // namespace jackfield::capabilities
