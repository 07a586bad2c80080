// SPDX-License-Identifier: Apache-2.0
// Each way to misbehave leaves the host and a good neighbour working.
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "fixture.hpp"

namespace jackfield::kernel::testing {
namespace {

class PluginZoo : public BothModes {};
JACKFIELD_BOTH_MODES(PluginZoo);

TEST_P(PluginZoo, ThrowingFromEveryCallbackOfTheLayerHarmsNobody) {
  Zoo zoo(GetParam());
  zoo.startGood();
  zoo.start("throwing");
  ASSERT_TRUE(zoo.recorder.waitState("throwing", LifeState::running));
  for (const char* what : {"int", "std", "text"}) {
    const Reply reply = zoo.call("throwing", "zoo/1.throw", what);
    EXPECT_EQ(reply.status, Status::internal);
    EXPECT_EQ(reply.error().code(), "plugin.exception");
  }
  ASSERT_TRUE(zoo.recorder.waitLog("plugin.exception"));
  zoo.manager.suspend("throwing");
  ASSERT_TRUE(zoo.recorder.waitState("throwing", LifeState::stopped));
  EXPECT_EQ(zoo.manager.instance("throwing").restarts, 0u);
  zoo.expectGoodNeighbour();
}

TEST_P(PluginZoo, ThrowingAcrossTheAbiHarmsNobody) {
  Zoo zoo(GetParam());
  zoo.startGood();
  zoo.start("raw-throwing");
  ASSERT_TRUE(zoo.recorder.waitState("raw-throwing", LifeState::running));
  EXPECT_EQ(zoo.call("raw-throwing", "zoo/1.any", "", 200ms).status, Status::timeout);
  zoo.manager.suspend("raw-throwing");
  ASSERT_TRUE(zoo.recorder.waitState("raw-throwing", LifeState::stopped));
  EXPECT_EQ(zoo.manager.instance("raw-throwing").restarts, 0u);
  std::vector<std::string> functions;
  for (const auto& record : zoo.recorder.logs())
    if (record.code == "plugin.exception.crossed") functions.emplace_back(record.arguments.at("function").as_string());
  for (const char* name : {"timer fire", "work run", "work done", "on_message", "stop", "destroy"})
    EXPECT_THAT(functions, ::testing::Contains(name));
  zoo.expectGoodNeighbour();
}

TEST_P(PluginZoo, AnsweringLateIsATimeOutAndTheLateAnswerIsDropped) {
  Zoo zoo(GetParam());
  zoo.start("late");
  ASSERT_TRUE(zoo.recorder.waitState("late", LifeState::running));
  std::atomic<int> calls{0};
  Status status = Status::ok;
  zoo.manager.request("late", "zoo/1.late", "{}", Channel::client, 50ms, [&](Reply reply) {
    status = reply.status;
    ++calls;
  });
  // A later request that is answered later still shows that the late answer has passed.
  EXPECT_EQ(zoo.call("late", "zoo/1.late").status, Status::ok);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(status, Status::timeout);
}

TEST_P(PluginZoo, FloodingMeetsAFullQueueAndLosesNothing) {
  Zoo zoo(GetParam());
  zoo.startGood();
  zoo.start("flooding");
  ASSERT_TRUE(zoo.recorder.waitState("flooding", LifeState::running));
  zoo.recorder.block("flooding", true);
  // In its own process the plugin has a /tmp of its own.
  const std::filesystem::path mark = "/tmp/jackfield-flood-" + std::to_string(::getpid());
  const int pid = zoo.manager.instance("flooding").pid;
  const auto view = pid == 0 ? "/" : std::filesystem::path("/proc") / std::to_string(pid) / "root";
  const auto seen = view / mark.relative_path();
  const boost::json::object request{{"text", mark.string()}};
  zoo.manager.request("flooding", "zoo/1.flood", boost::json::serialize(request), Channel::client, 60s, [](Reply) {});
  // The plugin makes the mark when it meets the full queue: its own way out is blocked.
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!std::filesystem::exists(seen) && std::chrono::steady_clock::now() < deadline) zoo.expectGoodNeighbour();
  EXPECT_TRUE(std::filesystem::remove(seen));
  zoo.recorder.block("flooding", false);
  ASSERT_TRUE(zoo.recorder.waitEvent("zoo/1.flooded", 100000, 60s));
  EXPECT_EQ(zoo.textOf(zoo.call("flooding", "zoo/1.state")), "full");
  int next = 0;
  for (const auto& event : zoo.recorder.events())
    if (event.name == "zoo/1.flooded") {
      ASSERT_EQ(event.body, "{\"text\":\"" + std::to_string(next++) + "\"}");
    }
}

TEST_P(PluginZoo, InvalidMessagesAreRefusedAtTheBoundary) {
  Zoo zoo(GetParam());
  zoo.startGood();
  zoo.start("raw-utf8");
  ASSERT_TRUE(zoo.recorder.waitState("raw-utf8", LifeState::running));
  const auto said = parseJson(zoo.call("raw-utf8", "zoo/1.refusals").body);
  EXPECT_EQ(said, parseJson(R"({"utf8":1,"big":1,"kind":1,"id":1,"reply":9})"));
  EXPECT_EQ(zoo.call("raw-utf8", "zoo/1.lies").body, "this is no JSON");
  EXPECT_EQ(zoo.manager.test({"t", "raw-utf8", {}, std::nullopt}, 500ms).findings.at(0).severity,
            server::Severity::error);
  zoo.expectGoodNeighbour();
}

TEST_P(PluginZoo, AMessageOfTenMegabytesIsRefusedByTheLayer) {
  Zoo zoo(GetParam());
  zoo.start("late");
  ASSERT_TRUE(zoo.recorder.waitState("late", LifeState::running));
  EXPECT_EQ(zoo.call("late", "zoo/1.big").error().code(), "plugin.message.refused");
}

TEST_P(PluginZoo, TheWrongThreadIsNoticedAndNothingIsDone) {
  Zoo zoo(GetParam());
  zoo.start("raw-thread");
  ASSERT_TRUE(zoo.recorder.waitState("raw-thread", LifeState::running));
  EXPECT_EQ(parseJson(zoo.call("raw-thread", "zoo/1.thread").body), parseJson(R"({"timer":10,"service":false})"));
  EXPECT_TRUE(zoo.recorder.waitLog("plugin.thread.wrong"));
}

TEST_P(PluginZoo, WhatTheManifestDoesNotDeclareIsRefused) {
  Zoo zoo(GetParam());
  zoo.start("undeclared");
  ASSERT_TRUE(zoo.recorder.waitState("undeclared", LifeState::running));
  zoo.call("undeclared", "zoo/1.undeclared");
  ASSERT_TRUE(zoo.recorder.waitEvent("zoo/1.refused"));
  ASSERT_TRUE(zoo.recorder.waitLog("plugin.message.undeclared"));
  for (const auto& event : zoo.recorder.events()) {
    EXPECT_NE(event.name, "directory/1.changed");
    if (event.name == "zoo/1.refused") {
      EXPECT_THAT(event.body, ::testing::HasSubstr("plugin.service.undeclared"));
    }
  }
}

TEST_P(PluginZoo, RefusingAnInstanceThatItsManifestPromisesIsToldApart) {
  Zoo zoo(GetParam());
  zoo.start("refusing");
  ASSERT_TRUE(zoo.recorder.waitState("refusing", LifeState::stopped));
  EXPECT_THAT(zoo.manager.instance("refusing").reason, ::testing::HasSubstr("the two contradict each other"));
}

TEST_P(PluginZoo, HangingInStopIsCutOffAtTheDeadline) {
  Zoo zoo(GetParam());
  zoo.startGood();
  zoo.start("hanging-stop");
  ASSERT_TRUE(zoo.recorder.waitState("hanging-stop", LifeState::running));
  zoo.manager.suspend("hanging-stop");
  const bool own = GetParam() == Hosting::ownProcess;
  ASSERT_TRUE(zoo.recorder.waitState("hanging-stop", own ? LifeState::stopped : LifeState::quarantined));
  EXPECT_TRUE(zoo.recorder.waitLog("plugin.stop.hang"));
  zoo.expectGoodNeighbour();
}

TEST_P(PluginZoo, HangingInACallbackIsNoticed) {
  PluginOptions options;
  options.hang_limit = 300ms;
  options.first_backoff = 1ms;
  Zoo zoo(GetParam(), options);
  zoo.startGood();
  zoo.start("hanging");
  ASSERT_TRUE(zoo.recorder.waitState("hanging", LifeState::running));
  std::atomic<int> calls{0};
  zoo.manager.request("hanging", "zoo/1.hang", "{}", Channel::client, 20s, [&](Reply) { ++calls; });
  ASSERT_TRUE(zoo.recorder.waitLog("plugin.hang"));
  if (GetParam() == Hosting::ownProcess) {
    ASSERT_TRUE(zoo.recorder.waitLog("plugin.ended"));
    ASSERT_TRUE(zoo.recorder.waitTimes("hanging", LifeState::running, 2));
    EXPECT_EQ(zoo.textOf(zoo.call("hanging", "zoo/1.echo", "back")), "back");
    EXPECT_EQ(calls, 1);
  } else {
    ASSERT_TRUE(zoo.recorder.waitState("hanging", LifeState::degraded));
  }
  zoo.expectGoodNeighbour();
}

TEST(PluginCrash, IsRestartedAndItsRequestsEnd) {
  PluginOptions options;
  options.first_backoff = 1ms;
  Zoo zoo(Hosting::ownProcess, options);
  zoo.startGood();
  zoo.start("crashing");
  ASSERT_TRUE(zoo.recorder.waitState("crashing", LifeState::running));
  const int pid = zoo.manager.instance("crashing").pid;
  const Reply reply = zoo.call("crashing", "zoo/1.crash");
  EXPECT_EQ(reply.status, Status::cancelled);
  EXPECT_EQ(reply.error().code(), "plugin.ended");
  ASSERT_TRUE(zoo.recorder.waitTimes("crashing", LifeState::running, 2));
  EXPECT_EQ(zoo.textOf(zoo.call("crashing", "zoo/1.echo", "back")), "back");
  EXPECT_NE(zoo.manager.instance("crashing").pid, pid);
  EXPECT_EQ(zoo.manager.instance("crashing").restarts, 1u);
  zoo.expectGoodNeighbour();
}

TEST(PluginCrash, IsQuarantinedWhenItRepeatsUntilAPersonStartsItAgain) {
  PluginOptions options;
  options.first_backoff = 1ms;
  options.crash_limit = 3;
  Zoo zoo(Hosting::ownProcess, options);
  zoo.startGood();
  zoo.start("crashing-start");
  ASSERT_TRUE(zoo.recorder.waitState("crashing-start", LifeState::quarantined));
  EXPECT_THAT(zoo.manager.instance("crashing-start").reason, ::testing::HasSubstr("ended 3 times"));
  EXPECT_EQ(zoo.manager.instance("crashing-start").restarts, 2u);
  zoo.manager.start("crashing-start");
  ASSERT_TRUE(zoo.recorder.waitState("crashing-start", LifeState::starting));
  ASSERT_TRUE(zoo.recorder.waitState("crashing-start", LifeState::quarantined));
  EXPECT_EQ(zoo.manager.instance("crashing-start").restarts, 4u);
  zoo.expectGoodNeighbour();
}

}  // namespace
}  // namespace jackfield::kernel::testing
