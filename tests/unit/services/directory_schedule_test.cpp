// SPDX-License-Identifier: Apache-2.0
// Synchronising by the clock: what is due, what was missed, what fails.
#include "support.hpp"

namespace jackfield::services::tests {
namespace {

using model::SyncTimetable;
using model::Weekday;

constexpr std::int64_t day_ms = 24 * 3600 * 1000;

class DirectoryScheduleTest : public Site {
 protected:
  DirectoryScheduleTest() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    now_ = 1'795'651'200'000;  // Thursday, 2026-11-26 00:00 UTC
    addDirectory();
    directoryHolds({person("alice", "1001")});
  }
  ~DirectoryScheduleTest() override { ::unsetenv("TZ"); }

  // Every day at 02:30, full on Fridays.
  SyncScheduleView schedule(bool enabled = true) {
    return services().directorySchedule().set(admin, "hq-ldap",
                                              {enabled, SyncTimetable::daily, {Weekday::friday}, {}, 2, 30});
  }
  std::vector<store::SyncRunRecord> runs() { return services().directorySync().runs(admin); }
  void look() { services().directorySchedule().look(); }
  // Looks at the clock and waits for the run that this must start.
  store::SyncRunRecord lookAndFinish(std::size_t all) {
    look();
    EXPECT_TRUE(waitFor([&] { return runs().size() == all && runs()[0].state != "running"; }));
    return runs().at(0);
  }
  SyncScheduleView shown() { return services().directorySchedule().list(auditor).at(0); }
};

TEST_F(DirectoryScheduleTest, RunsAtItsTimeOnceADayAndFullOnTheNamedDay) {
  const auto planned = schedule();
  EXPECT_EQ(planned.next_run, now_ + 9'000'000);
  EXPECT_EQ(planned.next_mode, "incremental");
  now_ += 9'000'000 - 1;
  look();
  EXPECT_TRUE(runs().empty()) << "a millisecond early";
  now_ += 1;
  EXPECT_EQ(lookAndFinish(1).mode, "full") << "the first increment has nothing to begin at";
  look();
  EXPECT_EQ(runs().size(), 1U) << "once for each time";
  EXPECT_EQ(shown().next_mode, "full");
  now_ += day_ms;
  EXPECT_EQ(lookAndFinish(2).mode, "full") << "Friday";
  now_ += day_ms;
  EXPECT_EQ(lookAndFinish(3).mode, "incremental") << "Saturday";
  EXPECT_EQ(services().audit().list(admin, 0, 1).entries.at(0).who, "system");
}

TEST_F(DirectoryScheduleTest, MissedRunsAreMadeUpForOnceAfterTheHostWasAway) {
  schedule();
  now_ += 3 * day_ms + 3600 * 1000;  // Sunday: three were missed, the Friday's among them
  restart();
  ASSERT_TRUE(waitFor([&] { return runs().size() == 1 && runs()[0].state == "done"; }))
      << "the host looks by itself when it starts";
  EXPECT_EQ(runs()[0].mode, "full");
  look();
  EXPECT_EQ(runs().size(), 1U);
  EXPECT_EQ(shown().next_run, 1'795'651'200'000 + 3 * day_ms + 9'000'000);
}

TEST_F(DirectoryScheduleTest, DisabledOneStartsNothingAndAPersonStillMay) {
  EXPECT_EQ(schedule(false).next_run, 0);
  now_ += 2 * day_ms;
  look();
  EXPECT_TRUE(runs().empty());
  EXPECT_EQ(synchronise().state, "done");
}

TEST_F(DirectoryScheduleTest, SettingItMakesUpForNothing) {
  now_ += 3 * 3600 * 1000;
  EXPECT_EQ(schedule().next_run, 1'795'651'200'000 + day_ms + 9'000'000) << "today's time is over";
  look();
  EXPECT_TRUE(runs().empty());
}

TEST_F(DirectoryScheduleTest, DueRunWaitsForTheOneThatGoesOn) {
  std::mutex mutex;
  std::condition_variable wake;
  bool go_on = false;
  std::atomic<int> at_once{0}, most{0};
  plugins().stream("directory/1.sync", [&](const auto&, const auto& reply) {
    most = std::max(most.load(), ++at_once);
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return go_on; });
    --at_once;
    kernel::Reply last;
    last.body = R"({"cursor":"c1"})";
    reply(last);
  });
  schedule();
  addDirectory("second");
  const auto by_hand = services().directorySync().start(admin, {"second", {}, false});
  now_ += day_ms;
  look();
  look();
  EXPECT_EQ(runs().size(), 1U) << "runs do not overlap, of whichever directory";
  EXPECT_EQ(shown().next_run, 1'795'651'200'000 + 9'000'000) << "still due";
  {
    const std::lock_guard lock(mutex);
    go_on = true;
  }
  wake.notify_all();
  ASSERT_TRUE(waitFor([&] { return services().directorySync().run(admin, by_hand.id).state == "done"; }));
  EXPECT_EQ(lookAndFinish(2).directory, "hq-ldap");
  EXPECT_EQ(most, 1);
}

TEST_F(DirectoryScheduleTest, FailureRaisesAnAlarmAndIsTriedAgain) {
  std::atomic<bool> broken{true};
  plugins().stream("directory/1.sync", [&](const auto&, const auto& reply) {
    if (broken) return reply(failed(Status::unreachable, "directory.unreachable", "nobody is at home"));
    kernel::Reply last;
    last.body = R"({"cursor":"c1"})";
    reply(last);
  });
  schedule();
  now_ += 10'000'000;
  EXPECT_EQ(lookAndFinish(1).state, "failed");
  const auto alarms = services().alarms().list(admin, true);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].code, "sync.failed");
  EXPECT_EQ(alarms[0].subject, "hq-ldap");
  EXPECT_THAT(alarms[0].text, testing::HasSubstr("nobody is at home"));
  EXPECT_EQ(shown().next_run, now_ + 15 * 60 * 1000);
  look();
  EXPECT_EQ(runs().size(), 1U) << "not at once";
  broken = false;
  now_ += 15 * 60 * 1000;
  EXPECT_EQ(lookAndFinish(2).state, "done");
  EXPECT_TRUE(services().alarms().list(admin, true).empty());
}

TEST_F(DirectoryScheduleTest, RunCutShortByTheEndOfTheHostIsMadeUpFor) {
  std::atomic<bool> asked{false};
  auto& first_host = plugins();
  first_host.stream("directory/1.sync", [&](const auto&, const auto& reply) {
    asked = true;
    waitFor([&] {
      const auto done = first_host.done();
      return std::find(done.begin(), done.end(), "cancel hq-ldap") != done.end();
    });
    reply(failed(Status::cancelled, "fake.cancelled", "cancelled"));
  });
  schedule();
  now_ += 10'000'000;
  look();
  ASSERT_TRUE(waitFor([&] { return asked.load(); }));
  restart();
  ASSERT_TRUE(waitFor([&] { return runs().size() == 2 && runs()[0].state == "done"; }));
  EXPECT_EQ(runs()[1].state, "failed");
}

TEST_F(DirectoryScheduleTest, IsForAdministratorsAndForDirectories) {
  addTelephony();
  auto& schedules = services().directorySchedule();
  EXPECT_EQ(codeOf([&] { schedules.set(auditor, "hq-ldap", {}); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { schedules.set(user, "hq-ldap", {}); }), "auth.forbidden");
  EXPECT_EQ(codeOf([&] { schedules.list(user); }), "auth.forbidden");
  EXPECT_EQ(codeOf([&] { schedules.set(admin, "hq-sip", {}); }), "sync.server");
  EXPECT_EQ(codeOf([&] { schedules.set(admin, "nowhere", {}); }), "sync.server");
  EXPECT_THAT(pointersOf([&] {
                schedules.set(admin, "hq-ldap", {true, SyncTimetable::daily, {}, {}, 24, -1});
              }),
              testing::UnorderedElementsAre("/hour", "/minute"));
}

TEST_F(DirectoryScheduleTest, IsExportedAppliedAndGoneWithItsServer) {
  schedule();
  const auto document = services().configuration().exportAll(auditor);
  EXPECT_EQ(document.at("servers").at(0).at("schedule").at("daysOfWeek").at(0), "friday");
  EXPECT_TRUE(services().configuration().apply(admin, document, false).changes.empty());
  const auto changed =
      parseJson(R"({"version":1,"servers":[{"handle":"hq-ldap","type":"ldap","settings":{"host":"ldap.test"},
    "schedule":{"enabled":true,"mode":"weekly","daysOfWeek":["monday"],"weeksOfMonth":[1],"hour":4,"minute":0}}]})");
  const auto result = services().configuration().apply(admin, changed, false);
  ASSERT_EQ(result.changes.size(), 1U);
  EXPECT_EQ(result.changes[0].object, "schedule/hq-ldap");
  EXPECT_EQ(shown().schedule.hour, 4);
  const auto wrong = parseJson(R"({"version":1,"servers":[{"handle":"hq-ldap","type":"ldap","settings":{"host":"a"},
    "schedule":{"enabled":true,"hour":25}},{"handle":"pbx","type":"sip","settings":{"host":"a"},"schedule":{}}]})");
  EXPECT_THAT(pointersOf([&] { services().configuration().apply(admin, wrong, false); }),
              testing::UnorderedElementsAre("/servers/0/schedule/hour", "/servers/1/schedule"));
  synchronise();
  auto& servers = services().servers();
  const auto revision = servers.get(admin, "hq-ldap").revision;
  servers.replace(admin, "hq-ldap", {"hq-ldap", "", "", false, {{"host", "ldap.test"}}, revision});
  servers.remove(admin, "hq-ldap");
  EXPECT_EQ(services().users().list(admin, "", 1, 0).total, 0U) << "its people go with it";
  addDirectory();
  EXPECT_FALSE(shown().schedule.enabled);
}

}  // namespace
}  // namespace jackfield::services::tests
