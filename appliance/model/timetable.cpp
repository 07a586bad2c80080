// SPDX-License-Identifier: Apache-2.0
// Moments of the clock on the wall.
#include "model/timetable.hpp"

#include <algorithm>
#include <ctime>
#include <string>

namespace jackfield::model {

namespace {

constexpr std::int64_t second_ms = 1000;
// How far back missed runs are looked for: every one of a month's full runs is within it.
constexpr std::int64_t most_missed_ms = std::int64_t{62} * 24 * 3600 * second_ms;

std::tm localTime(std::int64_t time) {
  const auto seconds = static_cast<std::time_t>(time / second_ms);
  std::tm out{};
  ::localtime_r(&seconds, &out);
  return out;
}

bool isFull(const SyncSchedule& schedule, const Day& day) {
  const auto holds = [](const auto& list, const auto& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  return holds(schedule.days_of_week, day.weekday) &&
         (schedule.mode == SyncTimetable::daily || holds(schedule.weeks_of_month, day.weekOfMonth()));
}

// The moment with or without summer time; only one of the two is right, but for the hour that comes twice or never.
std::int64_t moment(std::tm day, int hour, int minute, bool summer) {
  day.tm_hour = hour;
  day.tm_min = minute;
  day.tm_isdst = summer ? 1 : 0;
  return std::int64_t{std::mktime(&day)} * second_ms;
}

// The first time on this day that clocks show hour:minute; where they never do, the moment without summer time.
std::int64_t onDay(const std::tm& day, int hour, int minute) {
  const std::int64_t summer = moment(day, hour, minute, true), winter = moment(day, hour, minute, false);
  const auto shown = [&](std::int64_t time) {
    const std::tm wall = localTime(time);
    return wall.tm_hour == hour && wall.tm_min == minute;
  };
  return shown(summer) && (summer < winter || !shown(winter)) ? summer : winter;
}

}  // namespace

Moment nextDaily(std::int64_t after, int hour, int minute) {
  std::tm day = localTime(after);
  day.tm_sec = 0;
  for (;; ++day.tm_mday) {
    const std::int64_t time = onDay(day, hour, minute);
    if (time <= after) continue;
    day.tm_hour = 12;  // noon is never moved to another day
    day.tm_isdst = -1;
    std::mktime(&day);  // puts day of the month and of the week right
    return {time, {day.tm_mday, static_cast<Weekday>(day.tm_wday)}};
  }
}

std::vector<FieldError> faultsOf(const SyncSchedule& schedule, const std::string& at) {
  std::vector<FieldError> out;
  const auto check = [&](bool good, const std::string& field, const std::string& value, const char* rule) {
    if (!good) out.push_back({at + field, value, rule});
  };
  check(schedule.hour >= 0 && schedule.hour <= 23, "/hour", std::to_string(schedule.hour), "0 to 23");
  check(schedule.minute >= 0 && schedule.minute <= 59, "/minute", std::to_string(schedule.minute), "0 to 59");
  for (std::size_t i = 0; i < schedule.weeks_of_month.size(); ++i) {
    const int week = schedule.weeks_of_month[i];
    check(week >= 1 && week <= 4, "/weeksOfMonth/" + std::to_string(i), std::to_string(week), "1 to 4");
  }
  check(schedule.mode == SyncTimetable::weekly || schedule.weeks_of_month.empty(), "/weeksOfMonth", "",
        "empty in the mode daily");
  return out;
}

SyncDue nextRun(const SyncSchedule& schedule, std::int64_t after) {
  const Moment next = nextDaily(after, schedule.hour, schedule.minute);
  return {next.time, isFull(schedule, next.day)};
}

std::optional<SyncDue> dueRun(const SyncSchedule& schedule, std::int64_t handled, std::int64_t now) {
  if (!schedule.enabled) return std::nullopt;
  std::optional<SyncDue> due;
  for (SyncDue next = nextRun(schedule, std::max(handled, now - most_missed_ms)); next.time <= now;
       next = nextRun(schedule, next.time))
    due = SyncDue{next.time, next.full || (due && due->full)};
  return due;
}

}  // namespace jackfield::model
