// SPDX-License-Identifier: Apache-2.0
// What is wrong now and what was: raised and cleared by the services, seen by administrators and auditors (SEC-019).
#ifndef JACKFIELD_SERVICES_ALARMS_HPP
#define JACKFIELD_SERVICES_ALARMS_HPP

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "model/principal.hpp"
#include "services/limits.hpp"
#include "store/configuration_store.hpp"

namespace jackfield::store {
class Journal;
}

namespace jackfield::services {

class Events;
struct Counters;

inline constexpr std::chrono::hours notice_age{1};

// Any thread but the stores' writer threads. Raising what is up and clearing what is not are free: known from memory.
class Alarms {
 public:
  Alarms(store::ConfigurationStore&, store::Journal&, Events&, Counters&, Clock);
  ~Alarms();

  std::vector<store::AlarmRecord> list(const model::Principal&, bool open_only, std::size_t limit = 200) const;

  // `severity`: "warning", "major", "critical". Never throws: an alarm that cannot be stored is still known and logged.
  void raise(const std::string& code, const std::string& subject, const std::string& severity, const std::string& text);
  void clear(const std::string& code, const std::string& subject);
  // Of something that happened and is over (SEC-019): a warning that goes by itself when it has not happened again for
  // `notice_age`, also across a restart. Codes begin with "security.".
  void notice(const std::string& code, const std::string& subject, const std::string& text);
  void tidy();  // ends the notices that are old enough
  std::size_t open() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
