// SPDX-License-Identifier: Apache-2.0
// A real slapd behind a real jackfieldd: what an administrator may set, and when it takes effect.
#include <functional>
#include <utility>

#include <gtest/gtest.h>

#include "support/directory_site.hpp"

namespace jackfield::tests {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class DirectoryHost : public testing::Test {
 protected:
  DirectoryHost() : site_({JACKFIELD_PROGRAMS, JACKFIELD_PEERS, {}, "ldaps", "ownProcess"}) {
    site_.configure(site_.configuration());
    api_ = site_.setup();
  }

  json::object full() { return synchronise("full"); }
  json::object incremental() { return synchronise("incremental"); }
  // The set-up token, until the first administrator has come.
  const ApiClient& api() const { return api_; }
  json::value person(const std::string& login) {
    const auto found = api().get("/admin/users?search=" + login);
    const auto& entries = found.body.at("entries").as_array();
    return entries.empty() ? json::value() : entries.at(0).at("person");
  }
  // PUT of the directory's settings with `change` made to them.
  Answer change(const std::function<void(json::object&)>& change) {
    const auto now = api().get("/admin/servers/directory").body;
    auto settings = now.at("settings").as_object();
    change(settings);
    return api().put("/admin/servers/directory", {{"settings", settings}, {"revision", now.at("revision")}});
  }
  bool connected() {
    return waitFor(20s,
                   [&] { return api().get("/admin/servers/directory").body.at("state").as_string() == "connected"; });
  }
  static std::string field(const Answer& answer) {
    return std::string(answer.body.at("errors").at(0).at("pointer").as_string());
  }

  DirectorySite site_;

 private:
  json::object synchronise(const char* mode) {
    auto run = site_.synchronise(api_, {{"mode", mode}});
    if (std::exchange(first_, false)) api_ = site_.administrator();
    return run;
  }

  ApiClient api_{0};
  bool first_ = true;
};

TEST_F(DirectoryHost, ChangedMappingTakesEffectAtTheNextSynchronisation) {
  EXPECT_EQ(full().at("state"), "done");
  EXPECT_EQ(person("alice").at("location"), "London");
  const auto saved = change([](json::object& s) { s["attributes"] = {{"location", "title"}}; });
  ASSERT_EQ(saved.status, 200) << json::serialize(saved.body);
  EXPECT_TRUE(saved.body.at("restartRequired").as_bool());
  EXPECT_EQ(api().post("/admin/servers/directory/restart", nullptr).status, 200);
  ASSERT_TRUE(connected());
  EXPECT_EQ(person("alice").at("location"), "London") << "not before a synchronisation";
  const auto run = incremental();
  EXPECT_EQ(run.at("mode"), "full") << "everybody is read anew after a change of mapping";
  EXPECT_EQ(person("alice").at("location"), "Head of Sales");
}

TEST_F(DirectoryHost, IncrementalRunBringsChangesAndOnlyAFullOneTakesAwayWhoIsGone) {
  full();
  site_.slapd().modify(
      "dn: uid=judy,ou=people,dc=brightwater,dc=test\nchangetype: delete\n\n"
      "dn: uid=bob,ou=people,dc=brightwater,dc=test\nchangetype: modify\nreplace: title\ntitle: Director\n");
  const auto increment = incremental();
  EXPECT_EQ(increment.at("mode"), "incremental");
  EXPECT_EQ(increment.at("changed"), 1);
  EXPECT_EQ(person("bob").at("title"), "Director");
  EXPECT_FALSE(person("judy").is_null());
  EXPECT_EQ(full().at("removed"), 1);
  EXPECT_TRUE(person("judy").is_null());
}

TEST_F(DirectoryHost, SettingsThatThePluginRefusesAreNotSaved) {
  full();
  const auto filter = change([](json::object& s) { s["contactFilter"] = "(sn=a*"; });
  EXPECT_EQ(filter.status, 422) << json::serialize(filter.body);
  EXPECT_EQ(field(filter), "/settings/contactFilter");
  const auto emails = change([](json::object& s) { s["attributes"] = {{"mail2", "mail"}}; });
  EXPECT_EQ(emails.status, 422);
  EXPECT_EQ(field(emails), "/settings/attributes/mail2");
  const auto object_class = change([](json::object& s) { s["objectClass"] = "dominoPerson"; });
  EXPECT_EQ(field(object_class), "/settings/objectClass");
  const auto domain = change([](json::object& s) { s["user"].as_object()["domain"] = "elsewhere.test"; });
  EXPECT_EQ(domain.status, 422);
  EXPECT_EQ(field(domain), "/settings/user/domain");
  const auto contacts =
      api().post("/admin/directory-domains",
                 {{"domain", "partners.test"}, {"settings", {{"servers", json::array{{{"host", "127.0.0.1"}}}}}}});
  EXPECT_EQ(contacts.status, 422) << "contact domains are for Active Directory";
  EXPECT_EQ(api().get("/admin/servers/directory").body.at("revision"), 1);
}

TEST_F(DirectoryHost, DomainsAreListedWithTypesAndServers) {
  const auto domains = api().get("/admin/directory-domains").body.at("domains").as_array();
  ASSERT_EQ(domains.size(), 1U);
  EXPECT_EQ(domains[0].at("domain"), "brightwater.test");
  EXPECT_EQ(domains[0].at("types"), (json::array{"user", "resource", "contact"}));
  EXPECT_TRUE(domains[0].at("addresses").at(0).as_string().starts_with("127.0.0.1:"));
}

TEST_F(DirectoryHost, PasswordOfTheServiceAccountIsChangedInPlace) {
  full();
  const std::string at = "/admin/directory-domains/directory/brightwater.test/password";
  const auto early = api().put(at, {{"password", "fresh-service"}});
  EXPECT_EQ(early.status, 422) << "the directory does not have it yet";
  EXPECT_EQ(field(early), "/password");
  EXPECT_EQ(full().at("state"), "done");
  site_.slapd().modify(
      "dn: cn=jackfield,ou=services,dc=brightwater,dc=test\nchangetype: modify\nreplace: userPassword\n"
      "userPassword: fresh-service\n");
  const auto changed = api().put(at, {{"password", "fresh-service"}});
  ASSERT_EQ(changed.status, 200) << json::serialize(changed.body);
  ASSERT_TRUE(connected());
  EXPECT_EQ(full().at("state"), "done");
  EXPECT_TRUE(std::filesystem::exists(site_.host().data() / "backups/before-password-change.db"));
  EXPECT_EQ(site_.host().process().output().find("fresh-service"), std::string::npos);
}

TEST_F(DirectoryHost, ScheduleAndDefaultsSurviveAKill) {
  full();
  const json::value schedule{{"enabled", true},     {"mode", "weekly"}, {"daysOfWeek", {"sunday"}},
                             {"weeksOfMonth", {1}}, {"hour", 3},        {"minute", 15}};
  EXPECT_EQ(api().put("/admin/directory-schedules/directory", schedule).status, 200);
  site_.host().kill();
  site_.host().start();
  const auto shown = api().get("/admin/directory-schedules").body.at("schedules").at(0);
  EXPECT_EQ(shown.at("schedule").at("hour"), 3);
  EXPECT_GT(shown.at("nextRun").to_number<std::int64_t>(), 0);
  auto document = api().get("/admin/configuration").body;
  EXPECT_EQ(document.at("servers").at(0).at("schedule").at("weeksOfMonth"), json::array{1});
  EXPECT_TRUE(api().post("/admin/configuration", document).body.at("changes").as_array().empty());
  EXPECT_FALSE(std::filesystem::exists(site_.host().data() / "site.json"));
}

}  // namespace
}  // namespace jackfield::tests
