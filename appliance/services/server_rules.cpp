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

std::vector<model::FieldError> nameFaults(const std::string& handle, const std::string& description) {
  std::vector<model::FieldError> out;
  if (!isHandle(handle)) out.push_back({"/handle", handle.substr(0, 80), "1 to 64 letters, digits, '-', '_' or '.'"});
  if (description.size() > longest_description)
    out.push_back({"/description", description.substr(0, 40) + "...", "at most 200 characters"});
  return out;
}

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

void mask(value& at, const std::string& pointer, const std::set<std::string>& secrets) {
  if (auto* members = at.if_object()) {
    for (auto& [name, member] : *members) {
      const std::string here = pointer + "/" + std::string(name);
      if (secrets.contains(here))
        member = nullptr;
      else
        mask(member, here, secrets);
    }
  } else if (auto* items = at.if_array()) {
    for (auto& item : *items) mask(item, pointer + "/*", secrets);
  }
}

// How many members two items have in common: items of an array have no names, and may have been moved.
std::size_t likeness(const value& one, const value& other) {
  if (!one.is_object() || !other.is_object()) return 0;
  std::size_t equal = 0;
  for (const auto& [name, member] : one.get_object()) {
    const auto* same = other.get_object().if_contains(name);
    equal += same && !member.is_null() && *same == member ? 1 : 0;
  }
  return equal;
}

const value* counterpart(const value& item, std::size_t index, const array& stored) {
  const value* best = nullptr;
  std::size_t most = 0;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const std::size_t equal = likeness(item, stored[i]);
    if (equal < most || equal == 0 || (equal == most && i != index)) continue;
    best = &stored[i];
    most = equal;
  }
  return best;
}

std::string lastName(const std::string& pointer) {
  return pointer.substr(pointer.rfind('/') + 1);
}
std::string parent(const std::string& pointer) {
  return pointer.substr(0, pointer.rfind('/'));
}

void mergeMembers(object& given, const object* stored, const std::string& pointer,
                  const std::set<std::string>& secrets) {
  for (const auto& secret : secrets) {
    if (parent(secret) != pointer) continue;
    const std::string name = lastName(secret);
    const auto* now = given.if_contains(name);
    const auto* kept = stored ? stored->if_contains(name) : nullptr;
    if (now && now->is_string() && now->get_string().empty()) {
      given.erase(name);
    } else if (!now || now->is_null()) {
      given.erase(name);
      if (kept) given[name] = *kept;
    }
  }
}

void merge(value& given, const value* stored, const std::string& pointer, const std::set<std::string>& secrets) {
  if (auto* members = given.if_object()) {
    const auto* old = stored ? stored->if_object() : nullptr;
    mergeMembers(*members, old, pointer, secrets);
    for (auto& [name, member] : *members)
      merge(member, old ? old->if_contains(name) : nullptr, pointer + "/" + std::string(name), secrets);
  } else if (auto* items = given.if_array()) {
    const auto* old = stored ? stored->if_array() : nullptr;
    for (std::size_t i = 0; i < items->size(); ++i)
      merge((*items)[i], old ? counterpart((*items)[i], i, *old) : nullptr, pointer + "/*", secrets);
  }
}

}  // namespace

object maskSecrets(object settings, const std::set<std::string>& secrets) {
  value all = std::move(settings);
  mask(all, {}, secrets);
  return std::move(all.get_object());
}

object mergeSecrets(object settings, const object& stored, const std::set<std::string>& secrets) {
  value all = std::move(settings);
  const value old = stored;
  merge(all, &old, {}, secrets);
  return std::move(all.get_object());
}

namespace {

const value* at(const value& settings, const std::string& pointer) {
  boost::system::error_code missing;
  return settings.find_pointer(pointer, missing);
}

// Absent, null and an object without members are one.
value effective(const value& settings, const capabilities::FixedSetting& of) {
  const auto* found = at(settings, of.pointer);
  if (!found || found->is_null() || (found->is_object() && found->get_object().empty())) return of.fallback;
  return *found;
}

std::string shown(const value& setting) {
  std::string text = setting.is_string() ? std::string(setting.get_string()) : boost::json::serialize(setting);
  return text.substr(0, 80);
}

}  // namespace

std::vector<model::FieldError> fixedChanges(const object& before, const object& after,
                                            const std::vector<capabilities::FixedSetting>& fixed) {
  const value old = before, fresh = after;
  std::vector<model::FieldError> out;
  for (const auto& setting : fixed) {
    if (!setting.with.empty() && !at(old, setting.with)) continue;
    const value was = effective(old, setting), becomes = effective(fresh, setting);
    if (was == becomes) continue;
    const std::string stays = was.is_null() ? "absent" : "\"" + shown(was) + "\"";
    out.push_back({setting.pointer, shown(becomes),
                   "what was set up, and stays " + stays + "; remove the server and make it anew to change it"});
  }
  return out;
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
