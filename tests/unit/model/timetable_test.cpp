// SPDX-License-Identifier: Apache-2.0
// When tasks are due, over changes of the clocks and after a time away.
#include "model/timetable.hpp"

#include <ctime>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace jackfield::model {
namespace {

// Berlin: clocks go from 02:00 to 03:00 on 2026-03-29 and from 03:00 back to 02:00 on 2026-10-25.
class Timetable : public testing::Test {
 protected:
  Timetable() {
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
  }
  ~Timetable() override {
    ::unsetenv("TZ");
    ::tzset();
  }

  static std::int64_t at(const std::string& text) {
    std::tm parts{};
    ::strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &parts);
    parts.tm_isdst = -1;
    return std::int64_t{std::mktime(&parts)} * 1000;
  }
  static std::string text(std::int64_t time) {
    const std::time_t seconds = time / 1000;
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    char out[40];
    std::strftime(out, sizeof out, "%Y-%m-%d %H:%M %Z", &parts);
    return out;
  }
  static std::string next(const std::string& after, int hour, int minute) {
    return text(nextDaily(at(after), hour, minute).time);
  }
  // The next `days` runs, "F" or "i".
  static std::string runs(const SyncSchedule& schedule, const std::string& after, int days) {
    std::string out;
    std::int64_t time = at(after);
    for (int i = 0; i < days; ++i) {
      const auto due = nextRun(schedule, time);
      out += due.full ? 'F' : 'i';
      time = due.time;
    }
    return out;
  }
};

TEST_F(Timetable, NextMomentIsLaterTodayOrTomorrow) {
  EXPECT_EQ(next("2026-11-26 01:00:00", 2, 30), "2026-11-26 02:30 CET");
  EXPECT_EQ(next("2026-11-26 02:30:00", 2, 30), "2026-11-27 02:30 CET") << "the moment itself is not after it";
  EXPECT_EQ(next("2026-12-31 23:59:00", 0, 0), "2027-01-01 00:00 CET");
  EXPECT_EQ(next("2028-02-28 12:00:00", 3, 0), "2028-02-29 03:00 CET");
}

TEST_F(Timetable, ChangeOfTheClocksGivesOneRunThatDay) {
  const auto spring = nextDaily(at("2026-03-28 12:00:00"), 2, 30);
  EXPECT_EQ(text(spring.time), "2026-03-29 03:30 CEST");
  EXPECT_EQ(text(nextDaily(spring.time, 2, 30).time), "2026-03-30 02:30 CEST");
  EXPECT_EQ(spring.day.weekday, Weekday::sunday);
  const auto autumn = nextDaily(at("2026-10-24 12:00:00"), 2, 30);
  EXPECT_EQ(text(autumn.time), "2026-10-25 02:30 CEST");
  EXPECT_EQ(text(nextDaily(autumn.time, 2, 30).time), "2026-10-26 02:30 CET");
  EXPECT_EQ(text(nextDaily(at("2026-10-25 12:00:00"), 12, 0).time), "2026-10-26 12:00 CET");
}

// 2026-11-01 is a Sunday.
TEST_F(Timetable, DailyModeIsFullOnTheNamedDaysOfTheWeek) {
  SyncSchedule schedule{true, SyncTimetable::daily, {Weekday::sunday, Weekday::wednesday}, {}, 2, 0};
  EXPECT_EQ(runs(schedule, "2026-10-31 12:00:00", 14), "FiiFiiiFiiFiii");
  schedule.days_of_week = {Weekday::sunday,   Weekday::monday, Weekday::tuesday, Weekday::wednesday,
                           Weekday::thursday, Weekday::friday, Weekday::saturday};
  EXPECT_EQ(runs(schedule, "2026-10-31 12:00:00", 8), "FFFFFFFF");
  schedule.days_of_week.clear();
  EXPECT_EQ(runs(schedule, "2026-10-31 12:00:00", 8), "iiiiiiii");
}

TEST_F(Timetable, WeeklyModeIsFullInTheNamedWeeksOfTheMonth) {
  SyncSchedule schedule{true, SyncTimetable::weekly, {Weekday::monday}, {1, 3}, 2, 0};
  // Mondays: 2, 9, 16, 23, 30 November; the fifth is in no week that can be named.
  EXPECT_EQ(runs(schedule, "2026-10-31 12:00:00", 30), "iFiiiiiiiiiiiiiFiiiiiiiiiiiiii");
  schedule.weeks_of_month.clear();
  EXPECT_EQ(runs(schedule, "2026-10-31 12:00:00", 30), std::string(30, 'i'));
}

TEST_F(Timetable, MissedRunsBecomeOneThatIsFullWhenOneOfThemWas) {
  const SyncSchedule schedule{true, SyncTimetable::daily, {Weekday::sunday}, {}, 2, 0};
  EXPECT_FALSE(dueRun(schedule, at("2026-11-03 02:00:00"), at("2026-11-04 01:59:59")));
  const auto one = dueRun(schedule, at("2026-11-03 02:00:00"), at("2026-11-04 02:00:00"));
  ASSERT_TRUE(one);
  EXPECT_FALSE(one->full);
  const auto several = dueRun(schedule, at("2026-11-03 02:00:00"), at("2026-11-10 12:00:00"));
  ASSERT_TRUE(several);
  EXPECT_TRUE(several->full) << "the Sunday was missed";
  EXPECT_EQ(text(several->time), "2026-11-10 02:00 CET");
  EXPECT_TRUE(dueRun(schedule, 0, at("2026-11-10 12:00:00"))) << "decades are not walked through day by day";
  SyncSchedule off = schedule;
  off.enabled = false;
  EXPECT_FALSE(dueRun(off, 0, at("2026-11-10 12:00:00")));
}

TEST_F(Timetable, FaultsAreAllNamed) {
  const SyncSchedule wrong{true, SyncTimetable::daily, {}, {0, 5}, 24, 60};
  std::vector<std::string> fields;
  for (const auto& fault : faultsOf(wrong, "/s")) fields.push_back(fault.pointer);
  EXPECT_THAT(fields, testing::UnorderedElementsAre("/s/hour", "/s/minute", "/s/weeksOfMonth/0", "/s/weeksOfMonth/1",
                                                    "/s/weeksOfMonth"));
  EXPECT_TRUE(faultsOf({true, SyncTimetable::weekly, {Weekday::friday}, {1, 4}, 23, 59}).empty());
}

}  // namespace
}  // namespace jackfield::model
