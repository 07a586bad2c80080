// SPDX-License-Identifier: Apache-2.0
// The plugin port of production: kernel::PluginManager, its errors turned into those of the upper rooms.
#include <jackfield/error.hpp>

#include "capabilities/plugin_port.hpp"

namespace jackfield::capabilities {
namespace {

std::vector<model::FieldError> fieldsOf(const kernel::SettingsError& error) {
  std::vector<model::FieldError> out;
  for (const auto& wrong : error.errors()) out.push_back({wrong.pointer, wrong.value, wrong.rule});
  return out;
}

// Reading and judging settings takes a plugin no time; the rest is the start of its process.
constexpr std::chrono::seconds refusal_timeout{5};

class HostPlugins : public PluginPort {
 public:
  HostPlugins(const std::filesystem::path& folder, const std::filesystem::path& program, kernel::Hosting hosting,
              kernel::PluginEvents& events, kernel::PluginOptions options)
      : manager_(folder, program, hosting, events, std::move(options)) {
    // Manifests are read once, when the manager is made.
    for (const auto& plugin : manager_.plugins()) {
      const auto* types = plugin.manifest.if_contains("serverTypes");
      if (!plugin.error.empty() || !types || !types->is_array()) continue;
      for (const auto& entry : types->get_array())
        if (entry.is_object()) types_.push_back(serverTypeOf(plugin.id, entry.get_object()));
    }
  }

  std::vector<kernel::PluginInfo> plugins() const override { return manager_.plugins(); }
  std::vector<ServerType> serverTypes() const override { return types_; }

  std::vector<model::FieldError> validate(const std::string& type, const boost::json::object& settings) const override {
    kernel::InstanceSpec spec;
    spec.handle = "unsaved";
    spec.server_type = type;
    spec.settings = settings;
    try {
      manager_.validate(type, settings);
      const auto refused = manager_.refusal(std::move(spec), refusal_timeout);
      if (!refused) return {};
      return {{refused->field(), refused->value(), std::string("accepted: ") + refused->what()}};
    } catch (const kernel::SettingsError& error) {
      return fieldsOf(error);
    } catch (const Error& error) {
      if (error.status() == Status::state) return {};  // the host is going down: nothing is started any more
      throw;
    }
  }

  void add(const std::string& handle, const std::string& type, const boost::json::object& settings) override {
    kernel::InstanceSpec spec;
    spec.handle = handle;
    spec.server_type = type;
    spec.settings = settings;
    manager_.add(std::move(spec));
  }
  void start(const std::string& handle) override { manager_.start(handle); }
  void suspend(const std::string& handle) override { manager_.suspend(handle); }
  void resume(const std::string& handle) override { manager_.resume(handle); }
  void restart(const std::string& handle) override { manager_.restart(handle); }
  void configure(const std::string& handle, const boost::json::object& settings) override {
    manager_.configure(handle, settings);
  }
  void remove(const std::string& handle) override { manager_.remove(handle); }
  std::vector<kernel::InstanceStatus> instances() const override { return manager_.instances(); }

  std::uint64_t request(const std::string& handle, const std::string& name, std::string body, kernel::Channel channel,
                        std::chrono::milliseconds timeout, std::function<void(kernel::Reply)> handler) override {
    return manager_.request(handle, name, std::move(body), channel, timeout, std::move(handler));
  }
  void cancel(const std::string& handle, std::uint64_t id) override { manager_.cancel(handle, id); }
  kernel::Reply call(const std::string& handle, const std::string& name, std::string body, kernel::Channel channel,
                     std::chrono::milliseconds timeout) override {
    return manager_.call(handle, name, std::move(body), channel, timeout);
  }
  server::TestResult test(const std::string& handle, const std::string& type, const boost::json::object& settings,
                          std::chrono::milliseconds timeout) override {
    kernel::InstanceSpec spec;
    spec.handle = handle;
    spec.server_type = type;
    spec.settings = settings;
    return manager_.test(std::move(spec), timeout);
  }
  void shutdown() override { manager_.shutdown(); }

 private:
  std::vector<ServerType> types_;
  kernel::PluginManager manager_;
};

}  // namespace

std::unique_ptr<PluginPort> hostPlugins(const std::filesystem::path& plugin_folder,
                                        const std::filesystem::path& plugin_host_program, kernel::Hosting hosting,
                                        kernel::PluginEvents& events, kernel::PluginOptions options) {
  return std::make_unique<HostPlugins>(plugin_folder, plugin_host_program, hosting, events, std::move(options));
}

}  // namespace jackfield::capabilities
