// SPDX-License-Identifier: Apache-2.0
// What the capabilities need of the plugin manager, as an interface: production adapts kernel::PluginManager, tests
// bring plugins of their own making.
#ifndef JACKFIELD_CAPABILITIES_PLUGIN_PORT_HPP
#define JACKFIELD_CAPABILITIES_PLUGIN_PORT_HPP

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "kernel/plugins.hpp"
#include "model/problem.hpp"

namespace jackfield::capabilities {

// A setting that cannot change once the server is set up (x-fixed).
struct FixedSetting {
  std::string pointer;          // "/user/domain"
  std::string with;             // only while this setting is there ("/resource"); empty: always
  boost::json::value fallback;  // what it is where it is absent
};

// A server type of a manifest, decoded once.
struct ServerType {
  std::string type;
  std::string kind;  // "telephony", "directory" ...
  std::string label;
  std::string plugin;
  std::string capability;
  boost::json::object settings;     // JSON Schema
  std::set<std::string> secrets;    // marked x-secret, as JSON pointers in which "*" stands for every item of an array
  std::vector<FixedSetting> fixed;  // AUTH-007, LDAP-007

  // The secrets with numbers for "*", up to the 64th item, as the store wants them.
  std::set<std::string> secretPointers() const;
};

// Thread-safe, as kernel::PluginManager is; its comments hold here too.
class PluginPort {
 public:
  virtual ~PluginPort() = default;

  virtual std::vector<kernel::PluginInfo> plugins() const = 0;
  virtual std::vector<ServerType> serverTypes() const = 0;
  // Every rule that the settings break; empty when they are right.
  virtual std::vector<model::FieldError> validate(const std::string& type,
                                                  const boost::json::object& settings) const = 0;

  virtual void add(const std::string& handle, const std::string& type, const boost::json::object& settings) = 0;
  virtual void start(const std::string& handle) = 0;
  virtual void suspend(const std::string& handle) = 0;
  virtual void resume(const std::string& handle) = 0;
  virtual void restart(const std::string& handle) = 0;
  virtual void configure(const std::string& handle, const boost::json::object& settings) = 0;
  virtual void remove(const std::string& handle) = 0;
  virtual std::vector<kernel::InstanceStatus> instances() const = 0;

  virtual std::uint64_t request(const std::string& handle, const std::string& name, std::string body,
                                kernel::Channel channel, std::chrono::milliseconds timeout,
                                std::function<void(kernel::Reply)> handler) = 0;
  virtual void cancel(const std::string& handle, std::uint64_t id) = 0;
  virtual kernel::Reply call(const std::string& handle, const std::string& name, std::string body,
                             kernel::Channel channel, std::chrono::milliseconds timeout) = 0;
  virtual server::TestResult test(const std::string& handle, const std::string& type,
                                  const boost::json::object& settings, std::chrono::milliseconds timeout) = 0;
  virtual void shutdown() = 0;

  // The one of this name; nullopt when no plugin brings it.
  std::optional<ServerType> serverType(const std::string& type) const;
};

// Decodes a manifest's entry.
ServerType serverTypeOf(const std::string& plugin, const boost::json::object& entry);

// The plugins of this host.
std::unique_ptr<PluginPort> hostPlugins(const std::filesystem::path& plugin_folder,
                                        const std::filesystem::path& plugin_host_program, kernel::Hosting hosting,
                                        kernel::PluginEvents& events, kernel::PluginOptions options = {});

}  // namespace jackfield::capabilities

#endif
