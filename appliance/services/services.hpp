// SPDX-License-Identifier: Apache-2.0
// All use cases, built in the right order over the stores and the plugins, and taken down again under load. What the
// gateway and the tests hold.
#ifndef JACKFIELD_SERVICES_SERVICES_HPP
#define JACKFIELD_SERVICES_SERVICES_HPP

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "services/alarms.hpp"
#include "services/audit.hpp"
#include "services/calls.hpp"
#include "services/contact_log.hpp"
#include "services/dial_plans.hpp"
#include "services/directory_domains.hpp"
#include "services/directory_schedule.hpp"
#include "services/directory_search.hpp"
#include "services/directory_sync.hpp"
#include "services/events.hpp"
#include "services/limits.hpp"
#include "services/servers.hpp"
#include "services/sessions.hpp"
#include "services/sign_in.hpp"
#include "services/site_configuration.hpp"
#include "services/status.hpp"
#include "services/users.hpp"
#include "store/journal.hpp"

namespace jackfield::capabilities {
class PluginPort;
}  // namespace jackfield::capabilities
namespace jackfield::kernel {
class Metrics;
class PluginEvents;
}  // namespace jackfield::kernel

namespace jackfield::services {

struct Setup {
  std::filesystem::path data_folder;     // databases, key, set-up token; made with mode 0700 when missing
  std::filesystem::path secrets_folder;  // where secretRef "file:" may read; empty: such references are refused
  std::string version;
  Limits limits;
  store::JournalLimits journal;
  Clock clock = systemClock();
  kernel::Metrics* metrics = nullptr;  // lives longer; without one the services keep their own
  // Makes the plugins; what they say goes to the listener, which lives longer than they do. Production gives
  // capabilities::hostPlugins(...), tests a fake.
  std::function<std::unique_ptr<capabilities::PluginPort>(kernel::PluginEvents&)> plugins;
};

class Services {
 public:
  // Opens the stores and loads the live calls. Throws Problem when a store cannot be opened.
  explicit Services(Setup);
  ~Services();  // stop()

  void start();  // starts the servers; returns when each has been asked to
  // Ends event streams, syncs and plugins, then commits what is queued. Safe while requests are running: they finish
  // or get Problem(unavailable, "system.stopping"). Twice is allowed.
  void stop();
  bool ready() const;            // between start() and stop(), with the stores writable
  std::string notReady() const;  // why not, one sentence

  SignIn& signIn();
  Sessions& sessions();
  Servers& servers();
  Calls& calls();
  ContactLog& contactLog();
  DirectorySearch& directory();
  Users& users();
  DirectorySync& directorySync();
  DirectorySchedule& directorySchedule();
  DirectoryDomains& directoryDomains();
  DialPlans& dialPlans();
  Events& events();
  Alarms& alarms();
  Audit& audit();
  SiteConfiguration& configuration();
  Status& status();
  kernel::Metrics& metrics();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
