// SPDX-License-Identifier: Apache-2.0
// schedules and domains against the API's shapes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_host.hpp"

namespace jackfield::cli {
namespace {

using testing::HasSubstr;

constexpr const char* one_schedule =
    R"({"server":"directory","schedule":{"enabled":true,"mode":"daily","daysOfWeek":["sunday","friday"],)"
    R"("weeksOfMonth":[],"hour":2,"minute":5},"nextRun":1795658700000,"nextMode":"incremental"})";
constexpr const char* one_domain =
    R"({"server":"directory","domain":"partners.test","types":["contact"],"addresses":["dc9:636"],)"
    R"("settings":{"enabled":true,"password":null},"restartRequired":true})";
constexpr const char* types =
    R"({"serverTypes":[{"type":"directory","kind":"directory","label":"Directory","plugin":"directory",)"
    R"("capability":"directory/1","limit":0,"settings":{"type":"object","properties":{"contacts":{"type":"array",)"
    R"("items":{"type":"object","properties":{"domain":{"type":"string"},"pageSize":{"type":"integer"},)"
    R"("servers":{"type":"array","items":{"type":"object"}}}}}}}}]})";

boost::json::value sent(const FakeHost& host, const std::string& method) {
  return boost::json::parse(host.last(method).body);
}

TEST(CliSchedules, ListShowsTimeFullDaysAndTheNextRun) {
  FakeHost host;
  host.answer("GET /api/v1/admin/directory-schedules", 200, std::string(R"({"schedules":[)") + one_schedule + "]}");
  const auto ran = runAgainst(host, {"schedules", "list"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  for (const char* shown : {"directory", "02:05", "sunday", "friday", "2026-11-26", "incremental"})
    EXPECT_THAT(ran.out, HasSubstr(shown));
}

TEST(CliSchedules, SetSendsTheWholeScheduleAndWeeksMakeItWeekly) {
  FakeHost host;
  host.answer("PUT /api/v1/admin/directory-schedules/directory", 200, one_schedule);
  EXPECT_EQ(runAgainst(host, {"schedules", "set", "directory", "--at", "2:05", "--full-on", "sunday,friday"}).code, 0);
  EXPECT_EQ(sent(host, "PUT"), boost::json::parse(R"({"enabled":true,"mode":"daily","daysOfWeek":["sunday","friday"],)"
                                                  R"("weeksOfMonth":[],"hour":2,"minute":5})"));
  EXPECT_EQ(
      runAgainst(host, {"schedules", "set", "directory", "--at", "23:00", "--full-on", "monday", "--weeks", "1,3"})
          .code,
      0);
  EXPECT_EQ(sent(host, "PUT").at("mode"), "weekly");
  EXPECT_EQ(sent(host, "PUT").at("weeksOfMonth"), (boost::json::array{1, 3}));
  EXPECT_EQ(runAgainst(host, {"schedules", "set", "directory", "--off"}).code, 0);
  EXPECT_EQ(sent(host, "PUT").at("enabled"), false);
}

TEST(CliSchedules, NamesWhatIsWrong) {
  FakeHost host;
  const auto time = runAgainst(host, {"schedules", "set", "directory", "--at", "half past two"});
  EXPECT_EQ(time.code, 2);
  EXPECT_THAT(time.err, HasSubstr("half past two"));
  EXPECT_EQ(runAgainst(host, {"schedules", "set", "directory", "--at", "2:00", "--full-on", "someday"}).code, 2);
  EXPECT_EQ(runAgainst(host, {"schedules", "set", "directory", "--at", "2:00", "--weeks", "5"}).code, 2);
}

TEST(CliDomains, ListShowsDomainTypeAndServer) {
  FakeHost host;
  host.answer("GET /api/v1/admin/directory-domains", 200,
              R"({"domains":[{"server":"directory","domain":"users.test","types":["user","resource","contact"],)"
              R"("addresses":["dc1:636"],"settings":{},"restartRequired":false}]})");
  const auto ran = runAgainst(host, {"domains", "list"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  for (const char* shown : {"DOMAIN", "TYPE", "SERVER", "users.test", "resource", "dc1:636"})
    EXPECT_THAT(ran.out, HasSubstr(shown));
}

TEST(CliDomains, AddRenameAndRemoveAContactDomain) {
  FakeHost host;
  host.answer("GET /api/v1/admin/server-types", 200, types);
  host.answer("POST /api/v1/admin/directory-domains", 201, one_domain);
  host.answer("PATCH /api/v1/admin/directory-domains/directory/partners.test", 200, one_domain);
  host.answer("DELETE /api/v1/admin/directory-domains/directory/partners.test", 204, "");
  EXPECT_EQ(runAgainst(host, {"domains", "add", "partners.test", "--set", "pageSize=200", "--set",
                              R"(servers=[{"host":"dc9"}])"})
                .code,
            0);
  EXPECT_EQ(sent(host, "POST"),
            boost::json::parse(R"({"domain":"partners.test","settings":{"pageSize":200,"servers":[{"host":"dc9"}]}})"));
  EXPECT_EQ(runAgainst(host, {"domains", "change", "directory", "partners.test", "--name", "friends.test"}).code, 0);
  EXPECT_EQ(sent(host, "PATCH"), boost::json::parse(R"({"domain":"friends.test"})"));
  EXPECT_EQ(runAgainst(host, {"domains", "change", "directory", "partners.test"}).code, 2);
  EXPECT_EQ(runAgainst(host, {"domains", "remove", "directory", "partners.test"}).code, 0);
}

TEST(CliDomains, PasswordComesFromStandardInputAndNeverFromTheEnvironment) {
  FakeHost host;
  host.answer("PUT /api/v1/admin/directory-domains/directory/partners.test/password", 200, one_domain);
  const std::vector<std::string> command{"domains", "password", "directory", "partners.test"};
  const auto ran = runAgainst(host, command, {{"JACKFIELD_PASSWORD", "mine"}}, "fresh\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(sent(host, "PUT"), boost::json::parse(R"({"password":"fresh"})"));
  EXPECT_EQ(ran.out.find("fresh"), std::string::npos);
  EXPECT_EQ(runAgainst(host, command).code, 2);
}

}  // namespace
}  // namespace jackfield::cli
