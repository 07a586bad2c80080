// SPDX-License-Identifier: Apache-2.0
// The counters of the services, made once so that counting on hot paths is one atomic addition.
#ifndef JACKFIELD_SERVICES_COUNTERS_HPP
#define JACKFIELD_SERVICES_COUNTERS_HPP

#include "kernel/base/metrics.hpp"

namespace jackfield::services {

struct Counters {
  explicit Counters(kernel::Metrics&);

  kernel::Counter& sign_ins;
  kernel::Counter& sign_ins_refused;
  kernel::Counter& sign_ins_locked;
  kernel::Counter& capacity_refusals;  // CAP-013
  kernel::Counter& call_events;
  kernel::Counter& calls_ended;
  kernel::Counter& calls_lost;
  kernel::Counter& commands;
  kernel::Counter& commands_refused;
  kernel::Counter& events_published;
  kernel::Counter& frames_sent;
  kernel::Counter& readers_cut;
  kernel::Counter& sync_runs;
  kernel::Counter& sync_failures;
  kernel::Counter& alarms_raised;
};

}  // namespace jackfield::services

#endif
