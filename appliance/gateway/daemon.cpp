// SPDX-License-Identifier: Apache-2.0
// From the configuration to running services.
#include "gateway/daemon.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include <Poco/StringTokenizer.h>

#include "capabilities/plugin_port.hpp"
#include "kernel/base/log.hpp"
#include "kernel/base/message_catalogue.hpp"

namespace jackfield::gateway {
namespace fs = std::filesystem;
namespace {

using kernel::Configuration;
using namespace std::chrono_literals;

constexpr auto stopDeadline = 25s;
constexpr auto gatewayDeadline = 8s;
constexpr int exitHung = 3;

store::JournalLimits journalOf(const Configuration& configuration) {
  store::JournalLimits limits;
  limits.events_ms = configuration.number("events.retainHours") * 3600 * 1000;
  limits.events_bytes = static_cast<std::uint64_t>(configuration.number("events.retainMegabytes")) << 20;
  limits.log_entries = static_cast<int>(configuration.number("contactLog.maxEntries"));
  limits.log_days = static_cast<int>(configuration.number("contactLog.maxDays"));
  return limits;
}

void writeLog(const kernel::LogRecord& record) {
  static constexpr kernel::LogLevel levels[] = {kernel::LogLevel::debug, kernel::LogLevel::information,
                                                kernel::LogLevel::warning, kernel::LogLevel::error};
  kernel::MessageArguments arguments;
  for (const auto& [name, value] : record.arguments)
    arguments.emplace_back(name, value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value));
  const std::string& subject = record.handle.empty() ? record.plugin : record.handle;
  const auto level = static_cast<std::size_t>(std::clamp(record.level, 0, 3));
  kernel::Log(subject.empty() ? "plugins" : "plugins." + subject).write(levels[level], record.code, arguments);
}

// A plugin's messages are explained as the host's own are.
void addCatalogues(const capabilities::PluginPort& plugins) {
  for (const auto& plugin : plugins.plugins()) {
    const fs::path file = fs::path(plugin.folder) / "messages.json";
    if (!fs::exists(file)) continue;
    try {
      kernel::MessageCatalogue::instance().addFile(file);
    } catch (const Error& e) {
      kernel::Log("plugins").warning("host.catalogue", {{"plugin", plugin.id}, {"reason", e.what()}});
    }
  }
}

services::Setup setupOf(const Configuration& configuration, kernel::Metrics& metrics, const std::string& version) {
  services::Setup setup;
  setup.data_folder = configuration.path("data.folder");
  setup.secrets_folder = setup.data_folder / "secrets";
  setup.version = version;
  setup.limits = services::limitsFrom(configuration);
  setup.journal = journalOf(configuration);
  setup.metrics = &metrics;
  setup.plugins = [&configuration](kernel::PluginEvents& events) {
    const auto hosting =
        configuration.choice("plugins.hosting") == "inHost" ? kernel::Hosting::inHost : kernel::Hosting::ownProcess;
    kernel::PluginOptions options;
    options.log = writeLog;
    auto plugins = capabilities::hostPlugins(configuration.path("plugins.folder"), configuration.path("plugins.host"),
                                             hosting, events, options);
    addCatalogues(*plugins);
    return plugins;
  };
  return setup;
}

Gateway::Options gatewayOf(const Configuration& configuration) {
  Gateway::Options options;
  const auto count = [](std::int64_t number) { return static_cast<std::size_t>(number); };
  options.http.host = configuration.text("http.host");
  options.http.port = static_cast<std::uint16_t>(configuration.number("http.port"));
  options.http.limits.body = count(configuration.number("limits.requestBytes"));
  options.http.request = std::chrono::seconds(configuration.number("http.requestSeconds"));
  options.http.connections_of_address = count(configuration.number("http.connectionsPerAddress"));
  options.events.max_clients = count(configuration.number("events.clients"));
  options.events.queue_bytes = count(configuration.number("limits.queueBytes"));
  options.streams_of_session = count(configuration.number("events.clientsPerSession"));
  options.limits.session_per_second = static_cast<double>(configuration.number("http.requestsPerSecond"));
  options.limits.address_per_second = 10 * options.limits.session_per_second;
  options.limits.sign_ins_per_minute = static_cast<double>(configuration.number("signIn.perMinute"));
  for (const auto& proxy :
       Poco::StringTokenizer(configuration.text("http.trustedProxies"), ",",
                             Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY))
    options.limits.trusted_proxies.push_back(proxy);
  options.threads = static_cast<unsigned>(configuration.number("http.threads"));
  options.plain = configuration.flag("http.plain");
  options.certificate = configuration.path("http.certificate");
  options.key = configuration.path("http.privateKey");
  options.self_signed_folder = configuration.path("data.folder") / "tls";
  options.web_folder = configuration.path("web.folder");
  return options;
}

// Ends the process when a clean end takes too long, whatever hangs.
class Deadline {
 public:
  Deadline()
      : thread_([this] {
          std::unique_lock lock(mutex_);
          if (ended_.wait_for(lock, stopDeadline, [this] { return over_; })) return;
          kernel::Log("host").error("host.stop.hung");
          kernel::logging::stop();
          std::_Exit(exitHung);
        }) {}
  ~Deadline() {
    {
      std::lock_guard lock(mutex_);
      over_ = true;
    }
    ended_.notify_one();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace

Daemon::Daemon(Configuration configuration, const std::string& version) : configuration_(std::move(configuration)) {
  std::error_code absent;
  fs::create_directories(configuration_.path("data.folder"), absent);
  if (auto faults = configuration_.checkMachine(); !faults.empty()) throw kernel::ConfigurationError(faults);
  kernel::logging::start(configuration_);
  kernel::Log log("host");
  for (const auto& name : configuration_.unusedVariables()) log.warning("host.variable.unused", {{"name", name}});
  log.info("host.starting", {{"version", version}});
  services_ = std::make_unique<services::Services>(setupOf(configuration_, metrics_, version));
  gateway_ = std::make_unique<Gateway>(*services_, metrics_, gatewayOf(configuration_));
}

Daemon::~Daemon() {
  watchdog_.reset();
  gateway_.reset();
  services_.reset();
  kernel::logging::stop();
}

void Daemon::start() {
  services_->start();
  gateway_->start();
  watchdog_ = std::make_unique<kernel::Watchdog>([this] { return services_->ready(); });
  kernel::service_manager::ready("serving on port " + std::to_string(gateway_->port()));
  kernel::Log("host").info("host.ready", {{"port", std::to_string(gateway_->port())}});
}

void Daemon::reload() {
  gateway_->reloadCertificate();
}

void Daemon::stop() {
  const Deadline deadline;
  kernel::service_manager::stopping();
  kernel::Log("host").info("host.stopping");
  watchdog_.reset();
  gateway_->stop(gatewayDeadline);
  services_->stop();
  kernel::Log("host").info("host.stopped");
}

}  // namespace jackfield::gateway
