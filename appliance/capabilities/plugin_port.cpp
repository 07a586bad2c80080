// SPDX-License-Identifier: Apache-2.0
// Reading the manifests' server types.
#include "capabilities/plugin_port.hpp"

namespace jackfield::capabilities {
namespace {

std::string text(const boost::json::object& object, const char* name) {
  const auto* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

std::set<std::string> marked(const boost::json::object& schema, const char* mark) {
  std::set<std::string> out;
  const auto* properties = schema.if_contains("properties");
  if (!properties || !properties->is_object()) return out;
  for (const auto& [name, property] : properties->get_object()) {
    const auto* rules = property.if_object();
    const auto* flag = rules ? rules->if_contains(mark) : nullptr;
    if (flag && flag->is_bool() && flag->get_bool()) out.emplace(name);
  }
  return out;
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
  type.secrets = marked(type.settings, "x-secret");
  type.restarts = marked(type.settings, "x-restart");
  return type;
}

std::optional<ServerType> PluginPort::serverType(const std::string& type) const {
  for (auto& known : serverTypes())
    if (known.type == type) return known;
  return std::nullopt;
}

}  // namespace jackfield::capabilities
