// SPDX-License-Identifier: Apache-2.0
// Names and explanations of the services' counters.
#include "services/counters.hpp"

namespace jackfield::services {

Counters::Counters(kernel::Metrics& metrics)
    : sign_ins(metrics.counter("jackfield_sign_ins_total", "Sign-ins that succeeded")),
      sign_ins_refused(metrics.counter("jackfield_sign_ins_refused_total", "Sign-ins refused for wrong credentials")),
      sign_ins_locked(metrics.counter("jackfield_sign_ins_locked_total", "Sign-ins refused by the lock-out")),
      capacity_refusals(metrics.counter("jackfield_capacity_refusals_total", "Requests refused at a capacity limit")),
      call_events(metrics.counter("jackfield_call_events_total", "Call events received from call servers")),
      calls_ended(metrics.counter("jackfield_calls_ended_total", "Calls that ended")),
      calls_lost(metrics.counter("jackfield_calls_lost_total", "Calls whose end was not seen")),
      commands(metrics.counter("jackfield_call_commands_total", "Call commands asked for")),
      commands_refused(metrics.counter("jackfield_call_commands_refused_total", "Call commands that were refused")),
      events_published(metrics.counter("jackfield_events_published_total", "Events committed and fanned out")),
      frames_sent(metrics.counter("jackfield_event_frames_total", "Event frames handed to event streams")),
      readers_cut(metrics.counter("jackfield_event_readers_cut_total", "Event streams cut for not reading")),
      sync_runs(metrics.counter("jackfield_sync_runs_total", "Directory synchronisations begun")),
      sync_failures(metrics.counter("jackfield_sync_failures_total", "Directory synchronisations that failed")),
      alarms_raised(metrics.counter("jackfield_alarms_raised_total", "Alarms raised")) {}

}  // namespace jackfield::services
