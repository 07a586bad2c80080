// SPDX-License-Identifier: Apache-2.0
// Synchronising directories by the clock: each directory server has a schedule, none until an administrator gives it
// one. A run that was missed while the host was away is made up for, once; runs never overlap: one that is due while
// another goes on begins at its end; one that failed raises an alarm and is tried again every 15 minutes (SCH-006,
// SCH-012, SCH-022 to SCH-025).
#ifndef JACKFIELD_SERVICES_DIRECTORY_SCHEDULE_HPP
#define JACKFIELD_SERVICES_DIRECTORY_SCHEDULE_HPP

#include <memory>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "model/principal.hpp"
#include "model/timetable.hpp"

namespace jackfield::services {

class DirectorySync;
struct Context;
class Servers;

struct SyncScheduleView {
  std::string server;  // handle of the directory server
  model::SyncSchedule schedule;
  std::int64_t next_run = 0;  // ms since 1970; 0: none, the schedule or the server is not enabled
  std::string next_mode;      // "full", "incremental"; empty: none
};
BOOST_DESCRIBE_STRUCT(SyncScheduleView, (), (server, schedule, next_run, next_mode))

// Any thread.
class DirectorySchedule {
 public:
  DirectorySchedule(const Context&, const Servers&, DirectorySync&);
  ~DirectorySchedule();

  std::vector<SyncScheduleView> list(const model::Principal&) const;  // viewSystem; one for each directory server
  // changeSystem. Times that are over by now are not made up for. notFound "sync.server"; invalid "sync.schedule" with
  // every wrong field.
  SyncScheduleView set(const model::Principal&, const std::string& server, const model::SyncSchedule&);

  // Starts what is due. The housekeeping calls it every few seconds; it does not wait for the run.
  void look();

  // For the services beside this one, without rights. The one in force; not enabled when none was given.
  model::SyncSchedule of(const std::string& server) const;
  void forget(const std::string& server);  // a server was removed

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
