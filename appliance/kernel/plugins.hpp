// SPDX-License-Identifier: Apache-2.0
// The host's side of the plugin boundary: which plugins there are, which of their instances (configured servers) live,
// and how to speak with them. Capabilities are built on it; nobody above them sees a plugin message.
#ifndef JACKFIELD_KERNEL_PLUGINS_HPP
#define JACKFIELD_KERNEL_PLUGINS_HPP

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json.hpp>

#include <jackfield/error.hpp>
#include <jackfield/server.hpp>

#include "kernel/measure.hpp"

namespace jackfield::kernel {

// Which counters a request counts in.
enum class Channel { system = 0, admin = 1, client = 2 };
BOOST_DESCRIBE_ENUM(Channel, system, admin, client)

// inHost is for trusted plugins: a crash there takes the host down, a hang cannot be cut off.
enum class Hosting { inHost, ownProcess };
BOOST_DESCRIBE_ENUM(Hosting, inHost, ownProcess)

// An answer. body is JSON text ("" means {}); on failure a problem document {"code","text","field","value"}. `more`: a
// part, others follow.
struct Reply {
  Status status = Status::ok;
  std::string body;
  std::string bytes;
  bool more = false;

  // Of a failed reply, as an exception.
  Error error() const;
  static Reply failed(const Error& error);
};

// Requests to an instance. outstanding is now, the others since the instance was added.
struct Counters {
  std::uint64_t received = 0;
  std::uint64_t failed = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t outstanding = 0;
};
BOOST_DESCRIBE_STRUCT(Counters, (), (received, failed, timed_out, outstanding))

//   configured -> starting -> running <-> degraded -> stopping -> stopped     (any) -> quarantined
enum class LifeState { configured, starting, running, degraded, stopping, stopped, quarantined };
BOOST_DESCRIBE_ENUM(LifeState, configured, starting, running, degraded, stopping, stopped, quarantined)

struct InstanceStatus {
  std::string handle;
  std::string plugin;
  std::string server_type;
  LifeState state = LifeState::configured;
  std::string reason;         // one sentence; empty while running
  std::int64_t since_ms = 0;  // of the state; milliseconds since 1970
  server::State link;         // as the plugin says by "server/1.state"
  std::array<Counters, 3> counters{};
  bool own_process = false;
  int pid = 0;                        // of the own process; else 0
  std::uint64_t memory_mb = 0;        // data of the own process, as its limit counts it; else 0
  std::uint64_t memory_limit_mb = 0;  // 0: nothing holds it
  std::uint64_t restarts = 0;
  std::vector<Measure> measures;  // of its own process; empty inside the host or when there is none
};

struct PluginInfo {
  std::string id;
  std::string version;
  std::string name;
  std::string folder;
  std::vector<std::string> capabilities;
  std::string error;  // empty when loadable
  boost::json::object manifest;
};

struct InstanceSpec {
  std::string handle;  // unique, chosen by the administrator
  std::string server_type;
  boost::json::object settings;
  std::optional<Hosting> hosting;  // else the manager's default; a manifest may demand a process of its own
};

// What breaks a rule in an instance's settings; value is "***" for what the schema marks x-secret.
struct SettingError {
  std::string pointer;
  std::string value;
  std::string rule;
};
BOOST_DESCRIBE_STRUCT(SettingError, (), (pointer, value, rule))

class SettingsError : public Error {
 public:
  explicit SettingsError(std::vector<SettingError> errors);
  const std::vector<SettingError>& errors() const noexcept { return errors_; }

 private:
  std::vector<SettingError> errors_;
};

// Implemented by the upper rooms. Called on the instance's channel thread, in order for each instance; different
// instances at the same time. May block: the plugin then meets JF_E_FULL, nothing grows and nothing is lost. Must not
// wait for the same instance (call(), remove()) nor throw; what is thrown is logged and dropped.
class PluginEvents {
 public:
  virtual ~PluginEvents() = default;
  virtual void onEvent(const std::string& handle, std::string_view name, std::string_view body) = 0;
  virtual void onState(const InstanceStatus& status) = 0;
  // A request of a plugin to the host, for example "storage/1.load". Answer by calling reply, on any thread and also
  // later: parts with more = true, then one without. Parts beyond the plugin's credit wait in the manager.
  virtual void onRequest(const std::string& handle, std::string_view name, std::string_view body,
                         std::function<void(Reply)> reply) = 0;
};

// A log line of the kernel or, with handle, of an instance. level as in abi/host.h: 0 debug to 4 fatal.
struct LogRecord {
  int level = 1;
  std::string handle;
  std::string plugin;
  std::string code;
  boost::json::object arguments;
};
using LogSink = std::function<void(const LogRecord&)>;

struct PluginOptions {
  // What this host speaks; a plugin that offers or requires anything else is refused.
  std::vector<std::string> capabilities{"call-control/1", "directory/1"};
  std::vector<std::string> services{"storage/1"};
  LogSink log;  // empty: dropped. Called on any thread
  std::chrono::milliseconds first_backoff{500};
  std::chrono::milliseconds longest_backoff{30000};
  unsigned crash_limit = 5;                       // so many crashes ...
  std::chrono::milliseconds crash_window{60000};  // ... in this time: quarantined
  std::chrono::milliseconds hang_limit{30000};    // no sign of life for so long: hung
  std::chrono::milliseconds open_limit{20000};    // from the start of its process to accepted settings
  std::chrono::milliseconds start_limit{10000};
  std::optional<std::chrono::milliseconds> stop_limit;  // instead of the manifest's stopMs
};

// Thread-safe. Requests and commands return at once unless it says "blocks".
class PluginManager {
 public:
  // Reads every folder of plugin_folder that holds a plugin.json. Nothing of a plugin is executed before add().
  PluginManager(std::filesystem::path plugin_folder, std::filesystem::path plugin_host_program, Hosting default_hosting,
                PluginEvents& events, PluginOptions options = {});
  ~PluginManager();
  PluginManager(const PluginManager&) = delete;
  PluginManager& operator=(const PluginManager&) = delete;

  std::vector<PluginInfo> plugins() const;
  // The manifest's entry {"type","kind","label","capability","settings"}; all of them, or one by its type (throws
  // Error notFound).
  std::vector<boost::json::object> serverTypes() const;
  boost::json::object serverType(std::string_view type) const;
  // Every error at once: throws SettingsError.
  void validate(std::string_view type, const boost::json::object& settings) const;
  // With the schema's defaults filled in.
  boost::json::object withDefaults(std::string_view type, const boost::json::object& settings) const;

  // Throws SettingsError, Error notFound (server type), state (handle taken). The new instance is `configured`.
  void add(InstanceSpec spec);
  // Commands take effect soon; onState() tells. Throw Error notFound. start() ends a quarantine.
  void start(const std::string& handle);
  void suspend(const std::string& handle);
  void resume(const std::string& handle);
  void restart(const std::string& handle);
  // New settings (validated, throws SettingsError); a running instance restarts with them.
  void configure(const std::string& handle, boost::json::object settings);
  // Stops and forgets; blocks up to the stop deadline.
  void remove(const std::string& handle);

  std::vector<InstanceStatus> instances() const;
  InstanceStatus instance(const std::string& handle) const;

  // Exactly one final call of handler (parts before it, with more = true), on a thread of the manager: the answer, or
  // status timeout, cancelled (the instance stopped or crashed), full (too many outstanding), state (not running),
  // notFound. Each part starts the timeout anew; at most 16 parts wait unread. The handler must not block for long: it
  // holds up this instance's events. Returns an id for cancel().
  std::uint64_t request(const std::string& handle, std::string name, std::string body, Channel channel,
                        std::chrono::milliseconds timeout, std::function<void(Reply)> handler);
  // The handler gets status cancelled, unless it was answered meanwhile.
  void cancel(const std::string& handle, std::uint64_t id);
  // Blocks. Never inside a callback of the same instance. Parts: only the last is returned.
  Reply call(const std::string& handle, std::string name, std::string body, Channel channel,
             std::chrono::milliseconds timeout);

  // Test on unsaved settings: a temporary instance that is created, configured, asked "server/1.test" and destroyed.
  // What fails is a finding of severity error. Throws SettingsError, Error notFound. Blocks up to timeout.
  server::TestResult test(InstanceSpec unsaved, std::chrono::milliseconds timeout);

  // What the plugin itself has against unsaved settings, beyond their schema: a temporary instance that is created,
  // configured and destroyed. nullopt: nothing, or it could not be asked. Throws as test(). Blocks up to timeout.
  std::optional<Error> refusal(InstanceSpec unsaved, std::chrono::milliseconds timeout) const;

  // Stops all, at the same time, with their deadlines. Blocks. Later calls of request() fail.
  void shutdown();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::kernel

#endif
