// SPDX-License-Identifier: Apache-2.0
// The life cycle of instances, their settings, and Test.
#include <csignal>

#include "fixture.hpp"

namespace jackfield::kernel::testing {
namespace {

class PluginLife : public BothModes {};
JACKFIELD_BOTH_MODES(PluginLife);

TEST_P(PluginLife, RunsFromConfiguredToStoppedWithTimes) {
  Zoo zoo(GetParam());
  zoo.startGood();
  const auto running = zoo.manager.instance("good");
  EXPECT_EQ(running.plugin, "zoo-good");
  EXPECT_EQ(running.link.state, server::LinkState::connected);
  EXPECT_GT(running.since_ms, 1'600'000'000'000);
  EXPECT_EQ(running.pid != 0, GetParam() == Hosting::ownProcess);
  zoo.manager.suspend("good");
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::stopped));
  EXPECT_EQ(zoo.manager.instance("good").reason, "suspended");
  EXPECT_EQ(zoo.call("good", "zoo/1.echo").status, Status::state);
  zoo.manager.resume("good");
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::running));
  zoo.expectGoodNeighbour();
  std::vector<LifeState> seen;
  for (const auto& s : zoo.recorder.states("good")) seen.push_back(s.state);
  using L = LifeState;
  EXPECT_THAT(seen, ::testing::ElementsAre(L::configured, L::starting, L::running, L::stopping, L::stopped, L::starting,
                                           L::running));
}

TEST_P(PluginLife, DegradesWithTheReasonOfTheLinkAndComesBack) {
  Zoo zoo(GetParam());
  zoo.startGood();
  zoo.call("good", "zoo/1.link", "far.test does not answer");
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::degraded));
  EXPECT_EQ(zoo.manager.instance("good").reason, "far.test does not answer");
  zoo.call("good", "zoo/1.link", "");
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::running));
}

TEST_P(PluginLife, GivesThePluginValidSettingsWithDefaults) {
  Zoo zoo(GetParam());
  zoo.startGood();
  const auto settings = parseJson(zoo.call("good", "zoo/1.settings").body);
  EXPECT_EQ(settings.at("port").as_int64(), 5060);
  EXPECT_EQ(settings.at("transport").as_string(), "udp");
}

TEST_P(PluginLife, RestartsWithNewSettings) {
  Zoo zoo(GetParam());
  zoo.startGood();
  zoo.manager.configure("good", {{"host", "other.test"}});
  ASSERT_TRUE(zoo.recorder.waitEvent("server/1.state", 2));
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::running));
  EXPECT_EQ(parseJson(zoo.call("good", "zoo/1.settings").body).at("host").as_string(), "other.test");
}

TEST_P(PluginLife, StopsWithTheReasonWhenThePluginRefusesTheSettings) {
  Zoo zoo(GetParam());
  zoo.start("good", {{"host", "refused.test"}});
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::stopped));
  EXPECT_EQ(zoo.manager.instance("good").reason, "host: refused.test is not served");
}

TEST_P(PluginLife, TriesAgainWithBackOffWhenStartFails) {
  PluginOptions options;
  options.first_backoff = 1ms;
  Zoo zoo(GetParam(), options);
  zoo.start("good", {{"host", "unstartable.test"}});
  ASSERT_TRUE(zoo.recorder.waitLog("plugin.start.failed"));
  ASSERT_TRUE(zoo.recorder.waitReason("good", "the port is in use; tried again in"));
  zoo.manager.configure("good", {{"host", "far.test"}});
  ASSERT_TRUE(zoo.recorder.waitState("good", LifeState::running));
}

TEST_P(PluginLife, TestsUnsavedSettingsWithoutStarting) {
  Zoo zoo(GetParam());
  const auto result = zoo.manager.test({"new", "good", {{"host", "far.test"}}, std::nullopt}, 20s);
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].text, "far.test answers");
  EXPECT_TRUE(zoo.manager.instances().empty());
  EXPECT_TRUE(zoo.recorder.events().empty());
  const auto refused = zoo.manager.test({"new", "good", {{"host", "refused.test"}}, std::nullopt}, 20s);
  ASSERT_EQ(refused.findings.size(), 1u);
  EXPECT_EQ(refused.findings[0].severity, server::Severity::error);
  EXPECT_EQ(refused.findings[0].code, "zoo.host.refused");
  EXPECT_EQ(refused.findings[0].item, "/host");
  EXPECT_THROW(zoo.manager.test({"new", "good", {}, std::nullopt}, 20s), SettingsError);
}

TEST_P(PluginLife, RemovesAnInstanceForGood) {
  Zoo zoo(GetParam());
  zoo.startGood();
  const int pid = zoo.manager.instance("good").pid;
  zoo.manager.remove("good");
  EXPECT_THROW(zoo.manager.instance("good"), Error);
  if (pid != 0) {
    EXPECT_NE(::kill(pid, 0), 0);
  }
  zoo.startGood();
}

TEST_P(PluginLife, RunsSeveralInstancesOfOnePluginApart) {
  Zoo zoo(GetParam());
  for (const char* handle : {"one", "two", "three"}) zoo.start("good", {{"host", handle}}, handle);
  for (const char* handle : {"one", "two", "three"}) {
    ASSERT_TRUE(zoo.recorder.waitState(handle, LifeState::running));
    EXPECT_EQ(parseJson(zoo.call(handle, "zoo/1.settings").body).at("host").as_string(), handle);
  }
}

TEST(PluginSettings, NameEveryErrorWithPointerValueAndRule) {
  Zoo zoo(Hosting::inHost);
  try {
    zoo.manager.validate(
        "good", {{"hst", "x"}, {"port", 70000}, {"transport", "sctp"}, {"password", "much too long to be a password"}});
    FAIL() << "accepted";
  } catch (const SettingsError& error) {
    std::map<std::string, std::string> rules, values;
    for (const auto& e : error.errors()) {
      rules[e.pointer] = e.rule;
      values[e.pointer] = e.value;
    }
    EXPECT_EQ(rules["/hst"], "is not known; did you mean \"host\"?");
    EXPECT_EQ(rules["/host"], "is missing");
    EXPECT_EQ(rules["/port"], "is above 65535");
    EXPECT_EQ(values["/port"], "70000");
    EXPECT_EQ(rules["/transport"], "is not one of: udp, tcp, tls");
    EXPECT_EQ(rules["/password"], "is longer than 20 characters");
    EXPECT_EQ(values["/password"], "***");
    EXPECT_EQ(std::string(error.what()).find("much too long"), std::string::npos);
  }
  EXPECT_THROW(zoo.manager.serverType("god"), Error);
}

TEST(PluginProcess, StopsWhenTheHostIsGone) {
  int pid = 0;
  {
    Zoo zoo(Hosting::ownProcess);
    zoo.startGood();
    pid = zoo.manager.instance("good").pid;
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

}  // namespace
}  // namespace jackfield::kernel::testing
