// SPDX-License-Identifier: Apache-2.0
// The ground that every use case stands on. Everything in it is safe for any thread and lives longer than the services.
#ifndef JACKFIELD_SERVICES_CONTEXT_HPP
#define JACKFIELD_SERVICES_CONTEXT_HPP

#include <filesystem>

#include "services/limits.hpp"

namespace jackfield::store {
class ConfigurationStore;
class Journal;
class People;
}  // namespace jackfield::store
namespace jackfield::capabilities {
class PluginPort;
}

namespace jackfield::services {

class Alarms;
class Audit;
class DialPlans;
class Events;
struct Counters;

struct Context {
  store::People& people;
  store::ConfigurationStore& configuration;
  store::Journal& journal;
  capabilities::PluginPort& plugins;
  Audit& audit;
  Alarms& alarms;
  const DialPlans& dial_plans;
  Events& events;
  Counters& counters;
  const Limits& limits;
  const Clock& clock;
  const std::filesystem::path& data_folder;
  const std::filesystem::path& secrets_folder;
};

}  // namespace jackfield::services

#endif
