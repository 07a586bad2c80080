// SPDX-License-Identifier: Apache-2.0
// The rules of servers.
#include "services/server_rules.hpp"

#include <algorithm>

namespace jackfield::services {

using kernel::LifeState;
using server::LinkState;

bool isHandle(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

boost::json::object maskSecrets(boost::json::object settings, const std::set<std::string>& secrets) {
  for (auto& [name, value] : settings)
    if (secrets.contains(std::string(name))) value = nullptr;
  return settings;
}

boost::json::object mergeSecrets(boost::json::object settings, const boost::json::object& stored,
                                 const std::set<std::string>& secrets) {
  for (const auto& name : secrets) {
    const auto* given = settings.if_contains(name);
    if (given && given->is_string() && given->get_string().empty()) {
      settings.erase(name);
    } else if (!given || given->is_null()) {
      settings.erase(name);
      if (const auto* kept = stored.if_contains(name)) settings[name] = *kept;
    }
  }
  return settings;
}

bool isDown(const kernel::InstanceStatus& status) {
  switch (status.state) {
    case LifeState::quarantined:
    case LifeState::degraded:
      return true;
    case LifeState::running:
      return status.link.state == LinkState::disconnected;
    case LifeState::configured:
    case LifeState::starting:
    case LifeState::stopping:
    case LifeState::stopped:
      break;
  }
  return false;
}

std::string shownState(const std::optional<kernel::InstanceStatus>& status, bool suspended) {
  if (!status) return "idle";
  if (suspended) return "suspended";
  if (isDown(*status)) return "down";
  switch (status->state) {
    case LifeState::running:
      return status->link.state == LinkState::connecting ? "started" : "connected";
    case LifeState::starting:
      return "starting";
    case LifeState::stopping:
    case LifeState::stopped:
      return "down";
    default:
      return "idle";
  }
}

std::string shownReason(const std::optional<kernel::InstanceStatus>& status, bool enabled, bool suspended) {
  if (!enabled) return "The server is not enabled.";
  if (suspended) return "An administrator suspended it.";
  if (!status) return "It has not been started.";
  return status->reason.empty() ? status->link.reason : status->reason;
}

}  // namespace jackfield::services
