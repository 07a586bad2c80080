// SPDX-License-Identifier: Apache-2.0
// Servers: what is stored, what runs, and what the two differ in.
#include "services/servers.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include <jackfield/json.hpp>

#include "capabilities/plugin_port.hpp"
#include "kernel/base/log.hpp"
#include "services/alarms.hpp"
#include "services/audit.hpp"
#include "services/context.hpp"
#include "services/counters.hpp"
#include "services/events.hpp"
#include "services/server_rules.hpp"
#include "store/journal.hpp"
#include "store/people.hpp"

namespace jackfield::services {
namespace {

using capabilities::ServerType;
using model::FieldError;
using model::Permission;
using model::Principal;
using model::Problem;
using Kind = Problem::Kind;

const kernel::Log& log() {
  static const kernel::Log log("services.servers");
  return log;
}

Problem unknown(const std::string& handle) {
  return Problem(Kind::notFound, "server.unknown", "server: there is none with the handle " + handle.substr(0, 80));
}

ChannelCounters counted(const kernel::InstanceStatus& status, kernel::Channel channel) {
  const auto& from = status.counters[static_cast<std::size_t>(channel)];
  return {from.received, from.failed, from.timed_out, from.outstanding};
}

}  // namespace

struct Servers::Impl {
  explicit Impl(const Context& ground) : context(ground) {}

  const Context context;
  // One change at a time: held while the store and the plugin manager work, and never taken by an event path.
  std::mutex changes;
  mutable std::mutex mutex;  // of what follows
  std::set<std::string> suspended;
  std::map<std::string, std::uint64_t> crashes;  // restarts that were already told
  std::vector<std::function<void()>> on_change;
  std::vector<std::function<void(const std::string&)>> on_remove;

  ServerType typeOf(const std::string& type) const {
    if (auto known = context.plugins.serverType(type)) return *std::move(known);
    std::string offered;
    for (const auto& known : context.plugins.serverTypes()) offered += (offered.empty() ? "" : ", ") + known.type;
    const std::string rule = "one of the installed server types: " + (offered.empty() ? "none" : offered);
    throw Problem(Kind::invalid, "server.type", "type: " + type.substr(0, 80) + " is not " + rule,
                  {{"/type", type.substr(0, 80), rule}});
  }
  // Of a record whose plugin may have been uninstalled.
  ServerType storedType(const store::ServerRecord& record) const {
    ServerType none;
    none.type = record.type;
    return context.plugins.serverType(record.type).value_or(none);
  }
  store::ServerRecord stored(const std::string& handle) const {
    if (auto record = context.configuration.server(handle)) return *std::move(record);
    throw unknown(handle);
  }
  bool isSuspended(const std::string& handle) const {
    const std::lock_guard lock(mutex);
    return suspended.contains(handle);
  }
  void markSuspended(const std::string& handle, bool value) {
    const std::lock_guard lock(mutex);
    if (value)
      suspended.insert(handle);
    else
      suspended.erase(handle);
  }
  std::optional<kernel::InstanceStatus> status(const std::string& handle) const {
    for (auto& instance : context.plugins.instances())
      if (instance.handle == handle) return std::move(instance);
    return std::nullopt;
  }

  ServerView view(const store::ServerRecord& record, const std::optional<kernel::InstanceStatus>& instance) const {
    const auto type = storedType(record);
    const bool held = isSuspended(record.handle);
    ServerView out;
    out.handle = record.handle;
    out.type = record.type;
    out.kind = type.kind;
    out.plugin = type.plugin;
    out.description = record.description;
    out.enabled = record.enabled;
    out.settings = maskSecrets(record.settings, type.secrets);
    // Without its plugin nobody can say which of the settings are secret.
    if (type.plugin.empty()) out.settings.clear();
    out.revision = record.revision;
    out.restart_required = record.restart_required;
    out.state = shownState(instance, held);
    if (out.state != "connected") out.reason = shownReason(instance, record.enabled, held);
    if (!instance) return out;
    out.since = instance->since_ms;
    out.own_process = instance->own_process;
    out.memory_mb = instance->memory_mb;
    out.memory_limit_mb = instance->memory_limit_mb;
    out.confinement = instance->measures;
    out.counters = {counted(*instance, kernel::Channel::admin), counted(*instance, kernel::Channel::client),
                    counted(*instance, kernel::Channel::system)};
    return out;
  }
  ServerView view(const std::string& handle) const { return view(stored(handle), status(handle)); }

  // What the audit log may see.
  std::string auditText(const store::ServerRecord& record) const {
    boost::json::object out{{"type", record.type}, {"description", record.description}, {"enabled", record.enabled}};
    out["settings"] = maskSecrets(record.settings, storedType(record).secrets);
    return boost::json::serialize(out);
  }

  // Set-up is over when people have come by a synchronisation: from then on their domain is what it is (LDAP-007).
  bool isSetUp(const store::ServerRecord& record) const { return !context.people.syncCursor(record.handle).empty(); }

  // Every rule but those about other servers; `settings` with the secrets in place. `before`: what they replace.
  void check(const ServerInput& input, const boost::json::object& settings,
             const std::optional<store::ServerRecord>& before) const {
    auto wrong = nameFaults(input.handle, input.description);
    if (before && before->type == input.type && isSetUp(*before))
      for (auto& fixed : fixedChanges(before->settings, settings, storedType(*before).fixed))
        wrong.push_back({"/settings" + fixed.pointer, std::move(fixed.value), std::move(fixed.rule)});
    for (const auto& error : context.plugins.validate(input.type, settings))
      wrong.push_back({"/settings" + error.pointer, error.value, error.rule});
    if (wrong.empty()) return;
    const std::string first = model::sentenceOf(wrong.front());
    throw Problem(Kind::invalid, "server.settings", first, std::move(wrong));
  }

  std::vector<std::string> handlesOf(const std::string& kind, bool enabled_only) const {
    std::vector<std::string> out;
    for (const auto& record : context.configuration.servers())
      if ((record.enabled || !enabled_only) && storedType(record).kind == kind) out.push_back(record.handle);
    return out;
  }

  // CAP-007 to CAP-012, with what CAP-013 asks of a refusal.
  void requireRoom(const Principal& principal, const ServerType& type, const std::string& handle) {
    const auto limit = context.limits.servers_of_kind.find(type.kind);
    if (limit == context.limits.servers_of_kind.end() || handlesOf(type.kind, false).size() < limit->second) return;
    context.counters.capacity_refusals.add();
    context.audit.record(principal, "server.capacity", handle);
    const std::string most = std::to_string(limit->second);
    log().warning("capacity.servers", {{"kind", type.kind}, {"limit", most}, {"server", handle}});
    throw Problem(Kind::tooMany, "capacity.servers",
                  "There are " + most + " servers of the kind " + type.kind + " already, as many as may be.");
  }

  // A server that cannot be started is an alarm, not a failure of whoever wanted it.
  void bringUp(const store::ServerRecord& record) {
    try {
      context.plugins.add(record.handle, record.type, record.settings);
      context.plugins.start(record.handle);
      if (record.restart_required) context.configuration.setRestartRequired(record.handle, false);
      context.alarms.clear("server.start", record.handle);
    } catch (const Error& error) {
      context.alarms.raise("server.start", record.handle, "major", error.what());
    }
  }
  void takeDown(const std::string& handle) {
    if (status(handle)) context.plugins.remove(handle);
    forget(handle);
  }
  void forget(const std::string& handle) {
    {
      const std::lock_guard lock(mutex);
      suspended.erase(handle);
      crashes.erase(handle);
    }
    clearAlarms(handle);
    context.alarms.clear("server.start", handle);
  }
  void clearAlarms(const std::string& handle) {
    for (const char* code : {"server.disconnected", "plugin.crashed", "plugin.quarantined", "plugin.memory"})
      context.alarms.clear(code, handle);
  }

  // After a save: what runs must be what is enabled; other changes wait for a restart (SRV-015).
  void follow(const store::ServerRecord& before, const store::ServerRecord& after) {
    if (!after.enabled) return takeDown(after.handle);
    if (!before.enabled || !status(after.handle)) return bringUp(after);
    if (before.settings != after.settings) context.configuration.setRestartRequired(after.handle, true);
  }

  // No lock is held while they are told.
  template <class... What>
  void tell(const std::vector<std::function<void(What...)>>& listeners, const std::decay_t<What>&... what) const {
    std::vector<std::function<void(What...)>> all;
    {
      const std::lock_guard lock(mutex);
      all = listeners;
    }
    for (const auto& listener : all) listener(what...);
  }

  // The stored server, which must be enabled to be operated.
  store::ServerRecord operable(const Principal& principal, const std::string& action, const std::string& handle) {
    context.audit.require(principal, Permission::operate, action, handle);
    auto record = stored(handle);
    if (record.enabled) return record;
    throw Problem(
        Kind::conflict, "server.disabled",
        handle + ": the server is not enabled, so there is nothing to suspend, resume or restart; enable it first");
  }

  // Puts saved settings in force; the manager restarts what runs.
  bool applySettings(const store::ServerRecord& record) {
    if (!record.restart_required) return false;
    context.plugins.configure(record.handle, record.settings);
    context.configuration.setRestartRequired(record.handle, false);
    return true;
  }

  template <class Action>
  ServerView operate(const Principal& principal, const std::string& action, const std::string& handle,
                     const Action& perform) {
    const std::lock_guard one_change(changes);
    const auto record = operable(principal, action, handle);
    try {
      if (status(handle))
        perform(record);
      else
        bringUp(record);
    } catch (const Error& error) {
      throw Problem(Kind::unavailable, "server.operation", handle + ": " + error.what());
    }
    context.audit.record(principal, action, handle);
    return view(handle);
  }
};

Servers::Servers(const Context& context) : impl_(std::make_unique<Impl>(context)) {}
Servers::~Servers() = default;

std::vector<PluginView> Servers::plugins(const Principal& principal) const {
  principal.require(Permission::viewSystem);
  const auto types = impl_->context.plugins.serverTypes();
  std::vector<PluginView> out;
  for (const auto& plugin : impl_->context.plugins.plugins()) {
    PluginView view{plugin.id, plugin.version,       plugin.name, plugin.capabilities,
                    {},        plugin.error.empty(), plugin.error};
    for (const auto& type : types)
      if (type.plugin == plugin.id) view.server_types.push_back(type.type);
    out.push_back(std::move(view));
  }
  return out;
}

std::vector<ServerTypeView> Servers::serverTypes(const Principal& principal) const {
  principal.require(Permission::viewSystem);
  std::vector<ServerTypeView> out;
  const auto& limits = impl_->context.limits.servers_of_kind;
  for (auto& type : impl_->context.plugins.serverTypes()) {
    const auto limit = limits.find(type.kind);
    out.push_back({type.type, type.kind, type.label, type.plugin, type.capability,
                   limit == limits.end() ? 0 : limit->second, capabilities::whenFailing(type.capability),
                   std::move(type.settings)});
  }
  return out;
}

std::vector<ServerView> Servers::list(const Principal& principal) const {
  principal.require(Permission::viewSystem);
  std::map<std::string, kernel::InstanceStatus> running;
  for (auto& instance : impl_->context.plugins.instances()) running[instance.handle] = std::move(instance);
  std::vector<ServerView> out;
  for (const auto& record : impl_->context.configuration.servers()) {
    const auto found = running.find(record.handle);
    out.push_back(impl_->view(record, found == running.end() ? std::nullopt : std::optional(found->second)));
  }
  return out;
}

ServerView Servers::get(const Principal& principal, const std::string& handle) const {
  principal.require(Permission::viewSystem);
  return impl_->view(handle);
}

ServerView Servers::create(const Principal& principal, const ServerInput& input) {
  impl_->context.audit.require(principal, Permission::changeSystem, "server.create", input.handle);
  {
    const std::lock_guard one_change(impl_->changes);
    const auto type = impl_->typeOf(input.type);
    const auto settings = mergeSecrets(input.settings, {}, type.secrets);
    impl_->check(input, settings, std::nullopt);
    if (impl_->context.configuration.server(input.handle))
      throw Problem(Kind::conflict, "server.exists", input.handle + ": another server has this handle; choose another",
                    {{"/handle", input.handle, "unique among all servers"}});
    impl_->requireRoom(principal, type, input.handle);
    store::ServerRecord record{input.handle, input.type, input.description, input.enabled, settings, 0, false};
    record = impl_->context.configuration.save(record);
    impl_->context.audit.record(principal, "server.create", record.handle, {}, impl_->auditText(record));
    if (record.enabled) impl_->bringUp(record);
  }
  impl_->tell(impl_->on_change);
  return impl_->view(input.handle);
}

ServerView Servers::replace(const Principal& principal, const std::string& handle, const ServerInput& given) {
  impl_->context.audit.require(principal, Permission::changeSystem, "server.change", handle);
  {
    const std::lock_guard one_change(impl_->changes);
    const auto before = impl_->stored(handle);
    auto input = given;
    input.handle = handle;
    if (input.type.empty()) input.type = before.type;
    if (input.type != before.type)
      throw Problem(Kind::invalid, "server.typeFixed",
                    "type: " + input.type.substr(0, 80) + " is not the server's type",
                    {{"/type", input.type.substr(0, 80), "stays " + before.type + "; make a new server instead"}});
    if (input.revision != before.revision)
      throw Problem(Kind::conflict, "server.revision",
                    handle + ": somebody else has changed the server meanwhile; read it again and repeat the change",
                    {{"/revision", std::to_string(input.revision), "is " + std::to_string(before.revision) + " now"}});
    const auto type = impl_->typeOf(input.type);
    auto after = before;
    after.description = input.description;
    after.enabled = input.enabled;
    after.settings = mergeSecrets(input.settings, before.settings, type.secrets);
    impl_->check(input, after.settings, before);
    after = impl_->context.configuration.save(after);
    impl_->context.audit.record(principal, "server.change", handle, impl_->auditText(before), impl_->auditText(after));
    impl_->follow(before, after);
  }
  impl_->tell(impl_->on_change);
  return impl_->view(handle);
}

void Servers::remove(const Principal& principal, const std::string& handle) {
  impl_->context.audit.require(principal, Permission::changeSystem, "server.remove", handle);
  {
    const std::lock_guard one_change(impl_->changes);
    const auto record = impl_->stored(handle);
    std::vector<FieldError> conditions;  // SRV-013, each by itself
    if (record.enabled) conditions.push_back({"/enabled", "true", "must be cleared first"});
    if (const auto users = impl_->context.people.usersOf(handle); users > 0)
      conditions.push_back(
          {"/users", std::to_string(users), "no user may refer to " + handle + "; remove it from them and try again"});
    if (impl_->status(handle) && !impl_->isSuspended(handle))
      conditions.push_back({"/state", impl_->view(handle).state, "must be suspended first"});
    if (!conditions.empty())
      throw Problem(Kind::conflict, "server.inUse", handle + ": the server is in use and cannot be removed yet",
                    std::move(conditions));
    impl_->takeDown(handle);
    impl_->tell(impl_->on_remove, handle);
    impl_->context.configuration.remove(handle);
    impl_->context.audit.record(principal, "server.remove", handle, impl_->auditText(record));
  }
  impl_->tell(impl_->on_change);
}

server::TestResult Servers::test(const Principal& principal, const ServerInput& given) {
  impl_->context.audit.require(principal, Permission::changeSystem, "server.test", given.handle);
  const auto type = impl_->typeOf(given.type);
  auto input = given;
  if (input.handle.empty()) input.handle = "unsaved";
  const auto saved = impl_->context.configuration.server(input.handle);
  const bool same = saved && saved->type == input.type;
  const auto settings = mergeSecrets(input.settings, same ? saved->settings : boost::json::object(), type.secrets);
  impl_->check(input, settings, std::nullopt);
  try {
    return impl_->context.plugins.test(input.handle, input.type, settings, impl_->context.limits.test_timeout);
  } catch (const Error& error) {
    throw Problem(Kind::unavailable, "server.test", input.handle + ": the test could not be run: " + error.what());
  }
}

ServerView Servers::suspend(const Principal& principal, const std::string& handle) {
  return impl_->operate(principal, "server.suspend", handle, [&](const auto&) {
    impl_->markSuspended(handle, true);
    impl_->context.plugins.suspend(handle);
    impl_->clearAlarms(handle);
  });
}

ServerView Servers::resume(const Principal& principal, const std::string& handle) {
  return impl_->operate(principal, "server.resume", handle, [&](const auto& record) {
    impl_->markSuspended(handle, false);
    impl_->applySettings(record);
    impl_->context.plugins.resume(handle);
  });
}

ServerView Servers::restart(const Principal& principal, const std::string& handle) {
  return impl_->operate(principal, "server.restart", handle, [&](const auto& record) {
    const bool was_suspended = impl_->isSuspended(handle);
    impl_->markSuspended(handle, false);
    const bool applied = impl_->applySettings(record);
    if (was_suspended)
      impl_->context.plugins.resume(handle);
    else if (!applied)
      impl_->context.plugins.restart(handle);
  });
}

void Servers::startAll() {
  const std::lock_guard one_change(impl_->changes);
  for (const auto& record : impl_->context.configuration.servers())
    if (record.enabled) impl_->bringUp(record);
}

std::vector<std::string> Servers::enabledOf(const std::string& kind) const {
  return impl_->handlesOf(kind, true);
}
std::vector<std::string> Servers::handlesOf(const std::string& kind) const {
  return impl_->handlesOf(kind, false);
}

bool Servers::isSettled(const std::string& handle) const {
  const auto state = shownState(impl_->status(handle), impl_->isSuspended(handle));
  return state == "connected" || state == "down";
}

void Servers::onChange(std::function<void()> listener) {
  const std::lock_guard lock(impl_->mutex);
  impl_->on_change.push_back(std::move(listener));
}

void Servers::onRemove(std::function<void(const std::string&)> listener) {
  const std::lock_guard lock(impl_->mutex);
  impl_->on_remove.push_back(std::move(listener));
}

void Servers::onState(const kernel::InstanceStatus& status) {
  const auto& handle = status.handle;
  const bool held = impl_->isSuspended(handle);
  auto& alarms = impl_->context.alarms;
  bool crashed = false;
  {
    const std::lock_guard lock(impl_->mutex);
    auto& told = impl_->crashes[handle];
    crashed = status.restarts > told;
    told = status.restarts;
  }
  const std::string reason = status.reason.empty() ? status.link.reason : status.reason;
  if (crashed) alarms.raise("plugin.crashed", handle, "major", handle + ": the plugin was restarted: " + reason);
  if (status.state == kernel::LifeState::quarantined)
    alarms.raise("plugin.quarantined", handle, "critical",
                 handle + ": the plugin failed again and again and is not started any more: " + reason);
  else if (isDown(status) && !held)
    alarms.raise("server.disconnected", handle, "major", handle + ": the server is not reached: " + reason);
  else if (shownState(status, held) == "connected")
    impl_->clearAlarms(handle);

  const auto record = impl_->context.configuration.server(handle);
  if (!record) return;  // being removed, or a test
  store::JournalBatch batch;
  batch.events.push_back({"server", toJsonText(impl_->view(*record, status)), {}});
  impl_->context.journal.append(std::move(batch),
                                [&events = impl_->context.events](auto stored, auto) { events.publish(stored); });
}

boost::json::object Servers::withSecrets(const ServerInput& input) const {
  const auto type = impl_->typeOf(input.type);
  const auto saved = impl_->context.configuration.server(input.handle);
  return mergeSecrets(input.settings, saved ? saved->settings : boost::json::object(), type.secrets);
}

void Servers::check(const ServerInput& input) const {
  impl_->check(input, withSecrets(input), impl_->context.configuration.server(input.handle));
}

std::string Servers::kindOf(const std::string& type) const {
  const auto known = impl_->context.plugins.serverType(type);
  return known ? known->kind : std::string();
}

std::vector<store::ServerRecord> Servers::records() const {
  return impl_->context.configuration.servers();
}

boost::json::object Servers::masked(const std::string& type, boost::json::object settings) const {
  const auto known = impl_->context.plugins.serverType(type);
  return known ? maskSecrets(std::move(settings), known->secrets) : boost::json::object();
}

}  // namespace jackfield::services
