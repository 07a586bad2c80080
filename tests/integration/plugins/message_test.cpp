// SPDX-License-Identifier: Apache-2.0
// Requests, parts, events, time-outs, counters, logs, and the own main loop.
#include <atomic>
#include <future>

#include "fixture.hpp"

namespace jackfield::kernel::testing {
namespace {

class PluginMessages : public BothModes {
 protected:
  Zoo zoo{GetParam()};
  void SetUp() override { zoo.startGood(); }
};
JACKFIELD_BOTH_MODES(PluginMessages);

TEST_P(PluginMessages, AnswersRequestsAndFailuresWithTheirProblem) {
  EXPECT_EQ(zoo.textOf(zoo.call("good", "zoo/1.echo", "grüß dich")), "grüß dich");
  const Reply failed = zoo.call("good", "zoo/1.fail", "x");
  EXPECT_EQ(failed.status, Status::notFound);
  EXPECT_EQ(failed.error().code(), "zoo.missing");
  EXPECT_EQ(failed.error().field(), "/text");
  EXPECT_EQ(zoo.call("good", "zoo/1.unheard-of").status, Status::unsupported);
  EXPECT_EQ(zoo.call("nobody", "zoo/1.echo").status, Status::notFound);
}

TEST_P(PluginMessages, KeepsTheOrderOfEvents) {
  for (int i = 0; i < 200; ++i) zoo.call("good", "zoo/1.emit", std::to_string(i));
  ASSERT_TRUE(zoo.recorder.waitEvent("zoo/1.event", 200));
  int next = 0;
  for (const auto& event : zoo.recorder.events())
    if (event.name == "zoo/1.event") {
      EXPECT_EQ(event.body, "{\"text\":\"" + std::to_string(next++) + "\"}");
    }
}

TEST_P(PluginMessages, GivesPartsInOrderUnderCredit) {
  std::promise<void> done;
  std::vector<std::int64_t> got;
  zoo.manager.request("good", "zoo/1.parts", R"({"number":500})", Channel::client, 20s, [&](Reply reply) {
    got.push_back(parseJson(reply.body).at("number").as_int64());
    if (!reply.more) done.set_value();
  });
  ASSERT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
  ASSERT_EQ(got.size(), 501u);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], static_cast<std::int64_t>(i));
}

TEST_P(PluginMessages, TimesOutOnceAndTellsThePlugin) {
  const Reply reply = zoo.call("good", "zoo/1.never", "", 50ms, Channel::admin);
  EXPECT_EQ(reply.status, Status::timeout);
  EXPECT_EQ(parseJson(zoo.call("good", "zoo/1.cancelled").body).at("number").as_int64(), 1);
  const auto counters = zoo.manager.instance("good").counters;
  EXPECT_EQ(counters[static_cast<std::size_t>(Channel::admin)].timed_out, 1u);
  EXPECT_EQ(counters[static_cast<std::size_t>(Channel::admin)].outstanding, 0u);
}

TEST_P(PluginMessages, CountsEachChannelApart) {
  zoo.call("good", "zoo/1.echo", "", 20s, Channel::system);
  zoo.call("good", "zoo/1.fail", "", 20s, Channel::client);
  zoo.call("good", "zoo/1.echo", "", 20s, Channel::client);
  zoo.manager.request("good", "zoo/1.never", "{}", Channel::admin, 20s, [](Reply) {});
  const auto counters = zoo.manager.instance("good").counters;
  EXPECT_EQ(counters[0].received, 1u);
  EXPECT_EQ(counters[0].failed, 0u);
  EXPECT_EQ(counters[1].outstanding, 1u);
  EXPECT_EQ(counters[2].received, 2u);
  EXPECT_EQ(counters[2].failed, 1u);
}

TEST_P(PluginMessages, EndsARequestExactlyOnceWhenItIsCancelled) {
  std::atomic<int> calls{0};
  Status status = Status::ok;
  const auto id = zoo.manager.request("good", "zoo/1.never", "{}", Channel::client, 20s, [&](Reply reply) {
    status = reply.status;
    ++calls;
  });
  zoo.manager.cancel("good", id);
  zoo.manager.cancel("good", id);
  EXPECT_EQ(status, Status::cancelled);
  zoo.manager.suspend("good");
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::stopped));
  EXPECT_EQ(calls, 1);
}

TEST_P(PluginMessages, EndsEveryOpenRequestWhenItStops) {
  std::atomic<int> cancelled{0};
  for (int i = 0; i < 50; ++i)
    zoo.manager.request("good", "zoo/1.never", "{}", Channel::client, 20s,
                        [&](Reply reply) { cancelled += reply.status == Status::cancelled; });
  zoo.manager.suspend("good");
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::stopped));
  EXPECT_EQ(cancelled, 50);
}

TEST_P(PluginMessages, RefusesRequestsAboveTheLimits) {
  std::atomic<int> full{0};
  for (int i = 0; i < 1030; ++i)
    zoo.manager.request("good", "zoo/1.never", "{}", Channel::client, 20s,
                        [&](Reply reply) { full += reply.status == Status::full; });
  EXPECT_EQ(full, 6);
  const Reply big = zoo.manager.call("good", "zoo/1.echo", std::string(2 << 20, ' '), Channel::client, 20s);
  EXPECT_EQ(big.error().code(), "plugin.request.size");
}

TEST_P(PluginMessages, LetsThePluginAskTheHostInParts) {
  EXPECT_EQ(parseJson(zoo.call("good", "zoo/1.load", "call/").body).at("number").as_int64(), 40);
  EXPECT_EQ(zoo.call("good", "zoo/1.load", "throw").error().code(), "host.request.failed");
}

TEST_P(PluginMessages, LendsTimersWatchesAndWork) {
  EXPECT_EQ(zoo.manager.call("good", "zoo/1.after", R"({"number":5})", Channel::client, 20s).status, Status::ok);
  EXPECT_EQ(zoo.textOf(zoo.call("good", "zoo/1.watch", "through a pipe")), "through a pipe");
  EXPECT_EQ(zoo.textOf(zoo.call("good", "zoo/1.work", "by a worker")), "by a worker");
}

TEST_P(PluginMessages, RedactsSecretsInTheLog) {
  zoo.manager.configure("good", {{"host", "far.test"}, {"password", "s3cret-word"}});
  ASSERT_TRUE(zoo.recorder.waitEvent("server/1.state", 2));
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::running));
  zoo.call("good", "zoo/1.log", "the password is s3cret-word!");
  ASSERT_TRUE(zoo.recorder.waitLog("zoo.said"));
  for (const auto& record : zoo.recorder.logs())
    if (record.code == "zoo.said") {
      EXPECT_EQ(record.handle, "good");
      EXPECT_EQ(record.arguments.at("text").as_string(), "the password is ***!");
    }
}

class PluginOwnLoop : public BothModes {};
JACKFIELD_BOTH_MODES(PluginOwnLoop);

TEST_P(PluginOwnLoop, RunsSofiaSipsRootOnTheInstancesThread) {
  Zoo zoo(GetParam());
  zoo.start("loop");
  ASSERT_TRUE(zoo.recorder.waitEvent("server/1.state"));
  EXPECT_EQ(zoo.textOf(zoo.call("loop", "zoo/1.echo", "heard")), "heard in the loop");
  EXPECT_EQ(zoo.textOf(zoo.call("loop", "zoo/1.timer")), "fired in the loop");
  EXPECT_EQ(zoo.textOf(zoo.call("loop", "zoo/1.work")), "done in the loop");
  EXPECT_EQ(zoo.textOf(zoo.call("loop", "zoo/1.services")), "plugin.service.missing");
  for (int i = 0; i < 500; ++i) ASSERT_EQ(zoo.textOf(zoo.call("loop", "zoo/1.echo", "x")), "x in the loop");
  zoo.manager.suspend("loop");
  ASSERT_TRUE(zoo.recorder.waitState("loop", LifeState::stopped));
  zoo.manager.resume("loop");
  ASSERT_TRUE(zoo.recorder.waitState("loop", LifeState::running));
  EXPECT_EQ(zoo.textOf(zoo.call("loop", "zoo/1.echo", "again")), "again in the loop");
}

}  // namespace
}  // namespace jackfield::kernel::testing
