// SPDX-License-Identifier: Apache-2.0
// Configuring and operating servers: whatever a plugin's manifest offers, from one form (SRV-001 to SRV-015, INT-004).
#ifndef JACKFIELD_SERVICES_SERVERS_HPP
#define JACKFIELD_SERVICES_SERVERS_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json.hpp>

#include <jackfield/server.hpp>

#include "capabilities/when_failing.hpp"
#include "kernel/plugins.hpp"
#include "model/principal.hpp"
#include "store/configuration_store.hpp"

namespace jackfield::services {

struct Context;

struct ServerTypeView {
  std::string type;
  std::string kind;
  std::string label;
  std::string plugin;
  std::string capability;
  std::size_t limit = 0;  // servers of this kind; 0: no limit
  capabilities::WhenFailing when_failing;
  boost::json::object settings;  // JSON Schema, draft 7
};
BOOST_DESCRIBE_STRUCT(ServerTypeView, (), (type, kind, label, plugin, capability, limit, when_failing, settings))

struct PluginView {
  std::string id;
  std::string version;
  std::string name;
  std::vector<std::string> capabilities;
  std::vector<std::string> server_types;
  bool loaded = false;
  std::string reason;  // why it is not loaded
};
BOOST_DESCRIBE_STRUCT(PluginView, (), (id, version, name, capabilities, server_types, loaded, reason))

// Counted by the kernel per channel (MON-012).
struct ChannelCounters {
  std::uint64_t received = 0;
  std::uint64_t failed = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t outstanding = 0;
};
BOOST_DESCRIBE_STRUCT(ChannelCounters, (), (received, failed, timed_out, outstanding))

struct CountersView {
  ChannelCounters admin;
  ChannelCounters client;
  ChannelCounters system;
};
BOOST_DESCRIBE_STRUCT(CountersView, (), (admin, client, system))

// A secret in `settings` is null when there is one and absent when there is none; its value never leaves.
struct ServerView {
  std::string handle;
  std::string type;
  std::string kind;
  std::string plugin;
  std::string description;
  bool enabled = true;
  boost::json::object settings;
  std::uint64_t revision = 0;
  bool restart_required = false;  // SRV-015
  std::string state;              // MON-011: connected, started, idle, starting, suspended, down
  std::string reason;             // one sentence why, when it is not connected
  std::int64_t since = 0;
  bool own_process = false;
  std::uint64_t memory_mb = 0;               // of its own process; 0 inside the host or when it does not run
  std::uint64_t memory_limit_mb = 0;         // 0: nothing holds it
  std::vector<kernel::Measure> confinement;  // of its own process; empty inside the host or when it does not run
  CountersView counters;
};
BOOST_DESCRIBE_STRUCT(ServerView, (),
                      (handle, type, kind, plugin, description, enabled, settings, revision, restart_required, state,
                       reason, since, own_process, memory_mb, memory_limit_mb, confinement, counters))

// What POST, PUT and Test take. A secret that is null or absent keeps what the saved server of this handle has;
// an empty text takes it away. `revision` is what the writer has read; 0 in POST and Test.
struct ServerInput {
  std::string handle;
  std::string type;
  std::string description;
  bool enabled = true;
  boost::json::object settings;
  std::uint64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(ServerInput, (), (handle, type, description, enabled, settings, revision))

// Any thread. Changes are made one at a time under a mutex of their own that no event path ever takes.
class Servers {
 public:
  explicit Servers(const Context&);
  ~Servers();

  // viewSystem
  std::vector<PluginView> plugins(const model::Principal&) const;
  std::vector<ServerTypeView> serverTypes(const model::Principal&) const;
  std::vector<ServerView> list(const model::Principal&) const;
  ServerView get(const model::Principal&, const std::string& handle) const;

  // changeSystem. Problems: invalid "server.settings" with every wrong field, "server.handle", "server.type";
  // conflict "server.exists", "server.revision"; tooMany "capacity.servers" (CAP-007 to CAP-012).
  ServerView create(const model::Principal&, const ServerInput&);
  ServerView replace(const model::Principal&, const std::string& handle, const ServerInput&);
  // conflict "server.inUse" whose fields name each condition that does not hold: /enabled, /users, /state (SRV-013).
  void remove(const model::Principal&, const std::string& handle);
  // Tests the values given, saved or not (SRV-011); what fails is a finding, not a Problem.
  server::TestResult test(const model::Principal&, const ServerInput&);

  // operate. Problem(conflict, "server.disabled") for a server that is not enabled.
  ServerView suspend(const model::Principal&, const std::string& handle);
  ServerView resume(const model::Principal&, const std::string& handle);
  ServerView restart(const model::Principal&, const std::string& handle);

  // At host start: every enabled server is added and started; one that fails is an alarm and stops nobody.
  void startAll();
  // For the services beside this one, without rights: enabled servers of a kind ("directory", "telephony").
  std::vector<std::string> enabledOf(const std::string& kind) const;
  std::vector<std::string> handlesOf(const std::string& kind) const;  // enabled or not
  // Neither on its way up nor suspended: what it is asked it can answer, or say why not.
  bool isSettled(const std::string& handle) const;
  void onChange(std::function<void()>);  // after every saved change, no lock held
  // While a server is being removed: it is silent already, and still configured. No event path.
  void onRemove(std::function<void(const std::string& handle)>);

  // From the plugins, on the instance's channel thread: alarms and events of type "server" follow.
  void onState(const kernel::InstanceStatus&);

  // For SiteConfiguration: what create and replace would refuse, without doing it.
  void check(const ServerInput&) const;
  // The input's settings as they would be stored, secrets in clear.
  boost::json::object withSecrets(const ServerInput&) const;
  std::string kindOf(const std::string& type) const;  // empty for a type that no plugin brings
  std::vector<store::ServerRecord> records() const;   // secrets in clear: never leaves the services
  boost::json::object masked(const std::string& type, boost::json::object settings) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
