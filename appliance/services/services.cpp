// SPDX-License-Identifier: Apache-2.0
// Building all use cases over stores and plugins, and taking them down. The order of the members is the order of
// life: the journal, whose last batches still reach the event hub, goes before the hub; plugins go before whoever
// listens to them.
#include "services/services.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "capabilities/plugin_port.hpp"
#include "capabilities/plugin_router.hpp"
#include "kernel/base/log.hpp"
#include "kernel/base/metrics.hpp"
#include "model/problem.hpp"
#include "services/context.hpp"
#include "services/counters.hpp"
#include "services/plugin_memory.hpp"
#include "services/status_parts.hpp"
#include "store/people.hpp"
#include "store/schema.hpp"

namespace jackfield::services {
namespace {

constexpr std::chrono::seconds look_every{5};
constexpr std::int64_t tidy_every_ms = 60 * 1000;
constexpr std::int64_t clean_every_ms = 10 * 60 * 1000;

const kernel::Log& log() {
  static const kernel::Log log("services");
  return log;
}

std::filesystem::path prepared(const std::filesystem::path& folder) {
  std::error_code failed;
  if (std::filesystem::create_directories(folder, failed))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  if (failed)
    throw model::Problem(model::Problem::Kind::internal, "system.dataFolder",
                         folder.string() + ": cannot be made (" + failed.message() +
                             "); make it and give it to the account of jackfieldd");
  return folder;
}

}  // namespace

struct Services::Impl {
  explicit Impl(Setup with)
      : setup(std::move(with)),
        data(prepared(setup.data_folder)),
        secrets(setup.secrets_folder.empty() ? data / "secrets" : setup.secrets_folder),
        counters(metricsInUse()),
        main(data / "jackfield.db", store::mainSchema()),
        people(main),
        journal(std::make_unique<store::Journal>(data / "journal.db", setup.journal)),
        router(*journal),
        plugins(setup.plugins(router)),
        configuration(main, data / "key", [this](const std::string& type) { return secretsOf(type); }),
        events(*journal, counters),
        audit(configuration, setup.clock),
        alarms(configuration, *journal, events, counters, setup.clock),
        dial_plans(configuration, *plugins, audit),
        context{people, configuration, *journal,     *plugins,    audit, alarms, dial_plans,
                events, counters,      setup.limits, setup.clock, data,  secrets},
        servers(context),
        sign_in(context, servers),
        sessions(sign_in, audit),
        calls(context),
        contact_log(*journal),
        directory(people),
        users(context, servers),
        sync(context, servers),
        schedule(context, servers, sync),
        domains(context, servers),
        site(context, servers, users, schedule, dial_plans),
        status({setup.version, setup.clock(), setup.clock, setup.limits, people, servers, sign_in, users, calls, events,
                alarms}) {
    connect();
  }

  ~Impl() {
    stop();
    // Its writer thread still tells the hub what it commits, so it goes while the hub is there.
    journal.reset();
  }

  std::set<std::string> secretsOf(const std::string& type) const {
    const auto known = plugins->serverType(type);
    return known ? known->secretPointers() : std::set<std::string>();
  }

  // Who hears of what.
  void connect() {
    capabilities::Listeners listeners;
    listeners.call_events = [this](const auto& server, const auto& message) { calls.onEvents(server, message); };
    listeners.call_resync = [this](const auto& server, const auto& message) { calls.onResync(server, message); };
    listeners.state = [this](const kernel::InstanceStatus& instance) {
      // Not while it is still connecting: the driver may have told what it knows by then.
      const bool lost =
          instance.state != kernel::LifeState::running || instance.link.state == server::LinkState::disconnected;
      if (lost) calls.onLinkLost(instance.handle);
      servers.onState(instance);
    };
    router.listen(std::move(listeners));
    audit.onRefused([this](const model::Principal& who) {
      if (who.roles.contains(model::Role::auditor))
        alarms.notice("security.auditorWrite", who.login,
                      who.login + " tried to change what auditors may only see; the audit log says what.");
    });
    sign_in.onEnd([this](const std::string& session) { events.endSession(session); });
    servers.onChange([this] { sign_in.serversChanged(); });
    servers.onRemove([this](const std::string& handle) {
      calls.onRemoved(handle);
      journal->forget(handle);
      dial_plans.forget(handle);
      const auto directories = servers.handlesOf("directory");
      if (std::find(directories.begin(), directories.end(), handle) == directories.end()) return;
      sync.forget(handle);
      schedule.forget(handle);
    });
    users.onChange([this] { sign_in.refreshRoles(); });
    sync.onDone([this](const store::SyncRunRecord& run) {
      if (run.state != "done") return;
      site.assignDefaults();
      sign_in.refreshRoles();
    });
    observe();
  }

  kernel::Metrics& metricsInUse() { return setup.metrics ? *setup.metrics : own_metrics; }

  void observe() {
    auto& metrics = metricsInUse();
    metrics.observed("jackfield_live_calls", "Calls in progress",
                     [this] { return static_cast<double>(calls.liveCount()); });
    metrics.observed("jackfield_event_readers", "Open event streams",
                     [this] { return static_cast<double>(events.readers()); });
    metrics.observed("jackfield_sessions", "Sessions and tokens",
                     [this] { return static_cast<double>(sign_in.sessionCount()); });
    metrics.observed("jackfield_active_users", "People signed in",
                     [this] { return static_cast<double>(sign_in.activeUsers()); });
    metrics.observed("jackfield_open_alarms", "Alarms that are up",
                     [this] { return static_cast<double>(alarms.open()); });
  }

  void start() {
    servers.startAll();
    started = true;
    housekeeping = std::jthread([this](const std::stop_token& stop) { keepHouse(stop); });
  }

  void stop() {
    if (std::exchange(stopped, true)) return;
    started = false;
    if (housekeeping.joinable()) {
      housekeeping.request_stop();
      housekeeping.join();
    }
    events.closeAll("shutdown");
    sync.stop();
    // A disk that takes nothing must not hold up the end; what waits for it is lost then and not before.
    if (!journal->trouble().empty()) calls.stop();
    plugins->shutdown();
    calls.stop();
    try {
      sign_in.tidy();
    } catch (const model::Problem& problem) {
      log().error("system.tidy", {{"reason", problem.what()}});
    }
  }

  void keepHouse(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::int64_t tidied = setup.clock();
    std::int64_t cleaned = 0;
    while (!stop.stop_requested()) {
      watchDisk();
      attempt([&] { schedule.look(); });
      attempt([&] { plugin_memory.look(); });
      const std::int64_t now = setup.clock();
      if (now - tidied >= tidy_every_ms) {
        attempt([&] { sign_in.tidy(); });
        attempt([&] { alarms.tidy(); });
        tidied = now;
      }
      if (now - cleaned >= clean_every_ms) {
        attempt([&] { journal->clean(now); });
        cleaned = now;
      }
      std::unique_lock lock(mutex);
      wake.wait_for(lock, stop, look_every, [] { return false; });
    }
  }

  template <class Work>
  void attempt(const Work& work) const {
    try {
      work();
    } catch (const std::exception& error) {
      log().error("system.tidy", {{"reason", error.what()}});
    }
  }

  std::string trouble() const {
    const std::string of_journal = journal->trouble();
    return of_journal.empty() ? main.trouble() : of_journal;
  }

  void watchDisk() {
    const std::string reason = trouble();
    if (reason.empty())
      alarms.clear("store.unavailable", "store");
    else
      alarms.raise("store.unavailable", "store", "critical", "What is to be stored has to wait: " + reason);
  }

  Setup setup;
  const std::filesystem::path data;
  const std::filesystem::path secrets;
  kernel::Metrics own_metrics;
  Counters counters;
  store::Database main;
  store::People people;
  std::unique_ptr<store::Journal> journal;
  capabilities::PluginRouter router;
  std::unique_ptr<capabilities::PluginPort> plugins;
  store::ConfigurationStore configuration;
  Events events;
  Audit audit;
  Alarms alarms;
  DialPlans dial_plans;
  const Context context;
  Servers servers;
  SignIn sign_in;
  Sessions sessions;
  Calls calls;
  ContactLog contact_log;
  DirectorySearch directory;
  Users users;
  DirectorySync sync;
  DirectorySchedule schedule;
  DirectoryDomains domains;
  const PluginMemory plugin_memory{*plugins, alarms};
  SiteConfiguration site;
  Status status;
  std::atomic<bool> started{false};
  bool stopped = false;
  std::jthread housekeeping;
};

Services::Services(Setup setup) : impl_(std::make_unique<Impl>(std::move(setup))) {}
Services::~Services() = default;

void Services::start() {
  impl_->start();
}
void Services::stop() {
  impl_->stop();
}
bool Services::ready() const {
  return notReady().empty();
}

std::string Services::notReady() const {
  if (!impl_->started) return "Jackfield is starting or stopping.";
  return impl_->trouble();
}

SignIn& Services::signIn() {
  return impl_->sign_in;
}
Sessions& Services::sessions() {
  return impl_->sessions;
}
Servers& Services::servers() {
  return impl_->servers;
}
Calls& Services::calls() {
  return impl_->calls;
}
ContactLog& Services::contactLog() {
  return impl_->contact_log;
}
DirectorySearch& Services::directory() {
  return impl_->directory;
}
Users& Services::users() {
  return impl_->users;
}
DirectorySync& Services::directorySync() {
  return impl_->sync;
}
DirectorySchedule& Services::directorySchedule() {
  return impl_->schedule;
}
DirectoryDomains& Services::directoryDomains() {
  return impl_->domains;
}
DialPlans& Services::dialPlans() {
  return impl_->dial_plans;
}
Events& Services::events() {
  return impl_->events;
}
Alarms& Services::alarms() {
  return impl_->alarms;
}
Audit& Services::audit() {
  return impl_->audit;
}
SiteConfiguration& Services::configuration() {
  return impl_->site;
}
Status& Services::status() {
  return impl_->status;
}
kernel::Metrics& Services::metrics() {
  return impl_->metricsInUse();
}

}  // namespace jackfield::services
