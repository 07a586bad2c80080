// SPDX-License-Identifier: Apache-2.0
// Configuring servers: rules, secrets, limits, operation, removal, alarms.
#include "services/plugin_memory.hpp"
#include "services/server_rules.hpp"
#include "support.hpp"

namespace jackfield::services::tests {
namespace {

using boost::json::object;

class ServersTest : public Site {
 protected:
  static ServerInput input(const std::string& handle, const object& more = {}) {
    object settings{{"host", "ldap.test"}};
    for (const auto& [name, value] : more) settings[name] = value;
    return {handle, "ldap", "a directory", true, settings, 0};
  }
  void addOf(const std::string& kind, std::size_t number) {
    services().servers().create(admin, {kind + std::to_string(number), kind, "", true, {{"host", "a.test"}}, 0});
  }
  ServerView replace(const std::string& handle, const object& settings, bool enabled = true) {
    auto change = input(handle);
    change.settings = settings;
    change.enabled = enabled;
    change.revision = services().servers().get(admin, handle).revision;
    return services().servers().replace(admin, handle, change);
  }
};

TEST_F(ServersTest, SecretIsWrittenButNeverReadAndKeptWhenItIsNotSent) {
  auto view = services().servers().create(admin, input("hq", {{"password", "s3cret-bind"}}));
  EXPECT_TRUE(view.settings.at("password").is_null());
  EXPECT_EQ(plugins().settingsOf("hq").at("password"), "s3cret-bind");
  replace("hq", {{"host", "other.test"}, {"password", nullptr}});
  services().servers().restart(admin, "hq");
  EXPECT_EQ(plugins().settingsOf("hq").at("password"), "s3cret-bind");
  EXPECT_EQ(plugins().settingsOf("hq").at("host"), "other.test");
  view = replace("hq", {{"host", "other.test"}, {"password", ""}});
  EXPECT_FALSE(view.settings.contains("password"));
  for (const auto& entry : services().audit().list(admin, 0, 100).entries) {
    EXPECT_EQ(entry.before.find("s3cret-bind"), std::string::npos);
    EXPECT_EQ(entry.after.find("s3cret-bind"), std::string::npos);
  }
}

TEST_F(ServersTest, SecretsOfAnArrayFollowTheirItems) {
  const std::set<std::string> secrets{"/contacts/*/password"};
  const auto stored = parseJson(R"({"contacts":[{"domain":"a","password":"pa"},{"domain":"b","password":"pb"}]})");
  const auto moved = parseJson(R"({"contacts":[{"domain":"b","password":null},{"domain":"a"},{"domain":"c"}]})");
  const auto merged = mergeSecrets(moved.get_object(), stored.get_object(), secrets);
  EXPECT_EQ(
      boost::json::value(merged),
      parseJson(R"({"contacts":[{"domain":"b","password":"pb"},{"domain":"a","password":"pa"},{"domain":"c"}]})"));
  EXPECT_EQ(boost::json::value(maskSecrets(stored.get_object(), secrets)),
            parseJson(R"({"contacts":[{"domain":"a","password":null},{"domain":"b","password":null}]})"));
}

TEST_F(ServersTest, EveryWrongFieldIsNamedAtOnceAndNothingIsSaved) {
  auto wrong = input("bad handle!", {{"port", 70000}});
  wrong.settings["host"] = "";
  EXPECT_THAT(pointersOf([&] { services().servers().create(admin, wrong); }),
              testing::UnorderedElementsAre("/handle", "/settings/host", "/settings/port"));
  EXPECT_EQ(codeOf([&] { services().servers().create(admin, {"x", "unknown", "", true, {}, 0}); }), "server.type");
  EXPECT_TRUE(services().servers().list(admin).empty());
}

TEST_F(ServersTest, HandleIsUniqueAcrossAllKinds) {
  services().servers().create(admin, input("hq"));
  EXPECT_EQ(codeOf([&] { addTelephony("hq"); }), "server.exists");
}

TEST_F(ServersTest, DescriptionIsShortFreeText) {
  auto described = input("hq");
  described.description = "Zentrale, 2. Stock – \"alt\"";
  EXPECT_EQ(services().servers().create(admin, described).description, described.description);
  described.handle = "b";
  described.description = std::string(201, 'x');
  EXPECT_THAT(pointersOf([&] { services().servers().create(admin, described); }), testing::ElementsAre("/description"));
}

TEST(ServerRules, EachStateOfAServerIsShown) {
  const auto shown = [](kernel::LifeState life, server::LinkState link, bool suspended = false) {
    kernel::InstanceStatus status;
    status.state = life;
    status.link.state = link;
    return shownState(status, suspended);
  };
  using kernel::LifeState;
  using server::LinkState;
  EXPECT_EQ(shown(LifeState::running, LinkState::connected), "connected");
  EXPECT_EQ(shown(LifeState::running, LinkState::degraded), "connected") << "by another way than the first";
  EXPECT_EQ(shown(LifeState::running, LinkState::connecting), "started");
  EXPECT_EQ(shown(LifeState::starting, LinkState::connecting), "starting");
  EXPECT_EQ(shown(LifeState::running, LinkState::disconnected), "down");
  EXPECT_EQ(shown(LifeState::quarantined, LinkState::connected), "down");
  EXPECT_EQ(shown(LifeState::stopped, LinkState::disconnected, true), "suspended");
  EXPECT_EQ(shown(LifeState::configured, LinkState::connecting), "idle");
  EXPECT_EQ(shownState(std::nullopt, false), "idle") << "not in use";
}

TEST_F(ServersTest, StaleRevisionIsRefused) {
  services().servers().create(admin, input("hq"));
  replace("hq", {{"host", "b.test"}});
  auto stale = input("hq");
  stale.revision = 1;
  EXPECT_EQ(codeOf([&] { services().servers().replace(admin, "hq", stale); }), "server.revision");
}

TEST_F(ServersTest, APluginNearTheLimitOfItsMemoryIsAnAlarmUntilItIsWellBelow) {
  services().servers().create(admin, input("hq"));
  const PluginMemory memory(plugins(), services().alarms());
  const auto up = [&](std::uint64_t used, std::uint64_t limit) {
    plugins().memory("hq", used, limit);
    memory.look();
    const auto alarms = services().alarms().list(admin, true);
    return std::any_of(alarms.begin(), alarms.end(),
                       [](const auto& alarm) { return alarm.code == "plugin.memory" && alarm.subject == "hq"; });
  };
  EXPECT_FALSE(up(460, 512));
  EXPECT_TRUE(up(461, 512));
  EXPECT_TRUE(up(450, 512)) << "not at once again";
  EXPECT_FALSE(up(400, 512));
  EXPECT_FALSE(up(4000, 0)) << "nothing holds it";
  EXPECT_TRUE(up(500, 512));
  EXPECT_EQ(services().servers().get(admin, "hq").memory_mb, 500U);
  services().servers().suspend(admin, "hq");
  EXPECT_TRUE(services().alarms().list(admin, true).empty());
}

TEST_F(ServersTest, EachTypeSaysWhatHappensWhileItsPluginFails) {
  const auto types = services().servers().serverTypes(auditor);
  ASSERT_EQ(types.size(), 2U);
  for (const auto& type : types) {
    EXPECT_EQ(type.when_failing.policy, type.kind == "telephony" ? "pass" : "refuse") << type.type;
    EXPECT_FALSE(type.when_failing.text.empty()) << type.type;
  }
  EXPECT_EQ(capabilities::whenFailing("nobody/1").policy, "");
}

TEST_F(ServersTest, AuditorReadsEverythingAndChangesNothing) {
  services().servers().create(admin, input("hq"));
  EXPECT_EQ(services().servers().list(auditor).size(), 1U);
  EXPECT_EQ(services().servers().serverTypes(auditor).size(), 2U);
  auto change = input("hq");
  change.revision = 1;
  auto& servers = services().servers();
  EXPECT_EQ(codeOf([&] { servers.create(auditor, input("b")); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { servers.replace(auditor, "hq", change); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { servers.remove(auditor, "hq"); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { servers.test(auditor, change); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { servers.suspend(auditor, "hq"); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { servers.resume(auditor, "hq"); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { servers.restart(auditor, "hq"); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { servers.list(user); }), "auth.forbidden");
  EXPECT_EQ(servers.get(admin, "hq").revision, 1U);
  std::size_t refused = 0;
  for (const auto& entry : services().audit().list(admin, 0, 100).entries)
    refused += entry.action.ends_with(".refused") ? 1 : 0;
  EXPECT_EQ(refused, 7U);
}

TEST_F(ServersTest, MonitorsAreNotForAuditors) {
  EXPECT_EQ(codeOf([&] { services().status().get(auditor); }), "auth.monitors");
  EXPECT_EQ(codeOf([&] { services().status().get(user); }), "auth.forbidden");
}

TEST_F(ServersTest, EveryKindOfServerHasItsLimit) {
  const std::map<std::string, std::size_t> most{{"telephony", 4}, {"messaging", 4},       {"conferencing", 3},
                                                {"presence", 1},  {"session-manager", 4}, {"system-manager", 1}};
  for (const auto& [kind, limit] : most) plugins().offer(kind);
  for (const auto& one : most) {
    const auto& kind = one.first;
    const auto limit = one.second;
    for (std::size_t i = 0; i < limit; ++i) EXPECT_EQ(codeOf([&] { addOf(kind, i); }), "") << kind << " " << i;
    EXPECT_EQ(codeOf([&] { addOf(kind, limit); }), "capacity.servers") << kind;
    EXPECT_EQ(services().audit().list(admin, 0, 1).entries.at(0).action, "server.capacity") << kind;
  }
}

TEST_F(ServersTest, FifthTelephonyServerIsRefusedLoggedAuditedAndCounted) {
  for (const char* handle : {"a", "b", "c", "d"}) addTelephony(handle);
  EXPECT_EQ(codeOf([&] { addTelephony("e"); }), "capacity.servers");
  EXPECT_EQ(services().servers().list(admin).size(), 4U);
  EXPECT_EQ(services().audit().list(admin, 0, 1).entries.at(0).action, "server.capacity");
}

TEST_F(ServersTest, ChangesWaitForARestartAndTheRowSaysSo) {
  services().servers().create(admin, input("hq"));
  EXPECT_TRUE(replace("hq", {{"host", "new.test"}}).restart_required);
  EXPECT_EQ(plugins().settingsOf("hq").at("host"), "ldap.test");
  const auto view = services().servers().restart(admin, "hq");
  EXPECT_FALSE(view.restart_required);
  EXPECT_EQ(plugins().settingsOf("hq").at("host"), "new.test");
}

TEST_F(ServersTest, ChangesAreInForceAfterARestartOfTheHost) {
  services().servers().create(admin, input("hq", {{"password", "s3cret-bind"}}));
  replace("hq", {{"host", "new.test"}});
  services().servers().create(admin, {"off", "ldap", "", false, {{"host", "x.test"}}, 0});
  restart();
  EXPECT_EQ(plugins().settingsOf("hq").at("host"), "new.test");
  EXPECT_EQ(plugins().settingsOf("hq").at("password"), "s3cret-bind");
  EXPECT_FALSE(services().servers().get(admin, "hq").restart_required);
  EXPECT_THAT(plugins().done(), testing::Not(testing::Contains("add off")));
  EXPECT_EQ(services().servers().get(admin, "off").state, "idle");
}

TEST_F(ServersTest, TestTakesUnsavedValuesWithTheSavedSecretAndItsFailureBlocksNothing) {
  services().servers().create(admin, input("hq", {{"password", "s3cret-bind"}}));
  const auto result = services().servers().test(admin, input("hq", {{"host", "new.test"}}));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].severity, server::Severity::error);
  EXPECT_THAT(plugins().done(),
              testing::Contains(testing::AllOf(testing::StartsWith("test hq"), testing::HasSubstr("new.test"),
                                               testing::HasSubstr("s3cret-bind"))));
  EXPECT_EQ(services().servers().test(admin, input("")).findings.size(), 1U);
  EXPECT_EQ(replace("hq", {{"host", "new.test"}}).settings.at("host"), "new.test");
}

TEST_F(ServersTest, RemovalNamesEachConditionThatDoesNotHold) {
  directoryHolds({person("alice", "1001")});
  addDirectory();
  addTelephony();
  synchronise();
  giveTelephony("id-alice");
  EXPECT_THAT(pointersOf([&] { services().servers().remove(admin, "hq-sip"); }),
              testing::ElementsAre("/enabled", "/users", "/state"));
  services().servers().suspend(admin, "hq-sip");
  EXPECT_EQ(services().servers().get(admin, "hq-sip").state, "suspended");
  EXPECT_THAT(pointersOf([&] { services().servers().remove(admin, "hq-sip"); }),
              testing::ElementsAre("/enabled", "/users"));
  giveTelephony("id-alice", "");
  EXPECT_THAT(pointersOf([&] { services().servers().remove(admin, "hq-sip"); }), testing::ElementsAre("/enabled"));
  ServerInput off{"hq-sip", "sip", "", false, {{"host", "sip.test"}}, 0};
  off.revision = services().servers().get(admin, "hq-sip").revision;
  services().servers().replace(admin, "hq-sip", off);
  services().servers().remove(admin, "hq-sip");
  EXPECT_EQ(codeOf([&] { services().servers().get(admin, "hq-sip"); }), "server.unknown");
}

TEST_F(ServersTest, SuspendAndResumeAndRestartReachThePlugin) {
  services().servers().create(admin, input("hq"));
  services().servers().suspend(admin, "hq");
  EXPECT_TRUE(services().alarms().list(admin, true).empty()) << "what an administrator did is no alarm";
  EXPECT_EQ(services().servers().resume(admin, "hq").state, "connected");
  services().servers().restart(admin, "hq");
  EXPECT_THAT(plugins().done(), testing::ElementsAre("add hq", "start hq", "suspend hq", "resume hq", "restart hq"));
  services().servers().create(admin, {"off", "ldap", "", false, {{"host", "x.test"}}, 0});
  EXPECT_EQ(codeOf([&] { services().servers().restart(admin, "off"); }), "server.disabled");
}

TEST_F(ServersTest, CrashAndQuarantineAreAlarmsAndAreTold) {
  auto reader = std::make_shared<Reader>();
  const auto held = services().events().subscribe(auditor, "", reader);
  services().servers().create(admin, input("hq"));
  plugins().state("hq", kernel::LifeState::starting, server::LinkState::connecting, "signal 11", 1);
  plugins().state("hq", kernel::LifeState::quarantined, server::LinkState::disconnected, "crashed 5 times", 1);
  const auto alarms = services().alarms().list(admin, true);
  ASSERT_EQ(alarms.size(), 2U);
  EXPECT_THAT((std::set<std::string>{alarms[0].code, alarms[1].code}),
              testing::ElementsAre("plugin.crashed", "plugin.quarantined"));
  EXPECT_EQ(services().servers().get(admin, "hq").state, "down");
  plugins().state("hq", kernel::LifeState::running, server::LinkState::connected, "", 1);
  EXPECT_TRUE(services().alarms().list(admin, true).empty());
  EXPECT_TRUE(waitFor([&] {
    const auto types = reader->types();
    return std::count(types.begin(), types.end(), "server") == 4 &&
           std::count(types.begin(), types.end(), "alarm") == 4;
  }));
}

TEST_F(ServersTest, StatusShowsVersionServersAndLimits) {
  services().servers().create(admin, input("hq"));
  now_ += 5000;
  const auto status = services().status().get(admin);
  EXPECT_EQ(status.version, "0.1.0");
  EXPECT_EQ(status.uptime_ms, 5000);
  ASSERT_EQ(status.servers.size(), 1U);
  EXPECT_EQ(status.servers[0].state, "connected");
  EXPECT_EQ(status.active_users_limit, 2000U);
  EXPECT_EQ(codeOf([&] { services().status().get(user); }), "auth.forbidden");
  EXPECT_TRUE(services().ready());
  services().stop();
  EXPECT_FALSE(services().ready());
}

}  // namespace
}  // namespace jackfield::services::tests
