// SPDX-License-Identifier: Apache-2.0
// When a task that the clock starts is due, in the host's own time zone. Pure but for the zone (TZ, /etc/localtime).
#ifndef JACKFIELD_MODEL_TIMETABLE_HPP
#define JACKFIELD_MODEL_TIMETABLE_HPP

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/describe.hpp>

#include "model/problem.hpp"

namespace jackfield::model {

enum class Weekday { sunday, monday, tuesday, wednesday, thursday, friday, saturday };
BOOST_DESCRIBE_ENUM(Weekday, sunday, monday, tuesday, wednesday, thursday, friday, saturday)

struct Day {
  int day_of_month = 1;  // 1 to 31
  Weekday weekday = Weekday::sunday;
  int weekOfMonth() const { return (day_of_month - 1) / 7 + 1; }  // 1: the first Monday, Tuesday ... of its month
};

struct Moment {
  std::int64_t time = 0;  // ms since 1970
  Day day;
};

// The first moment after `after` (ms since 1970) at which clocks here show hour:minute: one each day. On the day when
// clocks are put forward over it they show an hour more; when they are put back, it is the first of the two.
Moment nextDaily(std::int64_t after, int hour, int minute);

// Synchronisation of a directory (SCH-024, SCH-025): every day at hour:minute, incremental but for the days that are
// named. Daily: full on these days of the week; weekly: only in these weeks of the month. None named: never full.
enum class SyncTimetable { daily, weekly };
BOOST_DESCRIBE_ENUM(SyncTimetable, daily, weekly)

struct SyncSchedule {
  bool enabled = false;
  SyncTimetable mode = SyncTimetable::daily;
  std::vector<Weekday> days_of_week;
  std::vector<int> weeks_of_month;  // weekly only, 1 to 4
  int hour = 0;                     // 0 to 23
  int minute = 0;                   // 0 to 59

  bool operator==(const SyncSchedule&) const = default;
};
BOOST_DESCRIBE_STRUCT(SyncSchedule, (), (enabled, mode, days_of_week, weeks_of_month, hour, minute))

// Every rule that it breaks, the pointers beginning at `at`.
std::vector<FieldError> faultsOf(const SyncSchedule&, const std::string& at = {});

struct SyncDue {
  std::int64_t time = 0;
  bool full = false;
};
// The first run after `after`; the schedule is one without faults.
SyncDue nextRun(const SyncSchedule&, std::int64_t after);

// What is due at `now` when everything up to `handled` is done: several that were missed become one, full when one of
// them was. nullopt: nothing yet, or the schedule is not enabled.
std::optional<SyncDue> dueRun(const SyncSchedule&, std::int64_t handled, std::int64_t now);

}  // namespace jackfield::model

#endif
