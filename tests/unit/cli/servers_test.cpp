// SPDX-License-Identifier: Apache-2.0
// servers, users and sync against the API's shapes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_host.hpp"

namespace jackfield::cli {
namespace {

using testing::HasSubstr;

constexpr const char* types =
    R"({"serverTypes":[{"type":"sip","kind":"telephony","label":"SIP call server","plugin":"call-server",)"
    R"("capability":"call-control/1","limit":4,"whenFailing":{"policy":"pass","text":"Calls go on."},)"
    R"("settings":{"type":"object","additionalProperties":false,"properties":{)"
    R"("peer":{"type":"string"},"port":{"type":"integer"},"verify":{"type":"boolean"},)"
    R"("trusted":{"type":"array","items":{"type":"string"}},"tls":{"type":"object","properties":{"name":{"type":"string"}}}}}}]})";

std::string server(const std::string& state) {
  return R"({"handle":"pbx","type":"sip","kind":"telephony","plugin":"call-server","description":"d","enabled":true,)"
         R"("settings":{"peer":"old","password":null},"revision":7,"restartRequired":false,"state":")" +
         state +
         R"(","reason":"","since":1,"ownProcess":true,"memoryMb":40,"memoryLimitMb":512,"confinement":[{"name":"files","holds":true,"reason":""},)"
         R"({"name":"systemCalls","holds":false,"reason":"no filter here"}],"counters":{"admin":{"received":1,"failed":0,"timedOut":0,)"
         R"("outstanding":0},"client":{"received":2,"failed":0,"timedOut":0,"outstanding":0},"system":{"received":3,)"
         R"("failed":0,"timedOut":0,"outstanding":0}}})";
}

FakeHost& prepared(FakeHost& host) {
  host.answer("GET /api/v1/admin/server-types", 200, types);
  host.answer("GET /api/v1/admin/servers/pbx", 200, server("connected"));
  host.answer("POST /api/v1/admin/servers", 201, server("starting"));
  host.answer("PUT /api/v1/admin/servers/pbx", 200, server("connected"));
  return host;
}

boost::json::value sent(const FakeHost& host, const std::string& method) {
  return boost::json::parse(host.last(method).body);
}

TEST(CliServers, ShowsWhatHoldsThePluginsProcessBackAndWhatDoesNot) {
  FakeHost host;
  prepared(host);
  const auto shown = runAgainst(host, {"servers", "show", "pbx"}).out;
  EXPECT_THAT(shown, HasSubstr("files; not systemCalls: no filter here"));
  EXPECT_THAT(shown, HasSubstr("40 of 512 MB"));
}

TEST(CliServers, TypesSettingsByTheSchemaOfTheManifest) {
  FakeHost host;
  prepared(host);
  const auto ran = runAgainst(
      host, {"servers", "add", "pbx", "--type", "sip", "--description", "two words", "--set", "peer=127.0.0.1", "--set",
             "port=5062", "--set", "verify=false", "--set", "trusted=10.0.0.1,10.0.0.2", "--set", "tls.name=pbx.test"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(sent(host, "POST"),
            boost::json::parse(R"({"handle":"pbx","type":"sip","description":"two words","enabled":true,"settings":{)"
                               R"("peer":"127.0.0.1","port":5062,"verify":false,"trusted":["10.0.0.1","10.0.0.2"],)"
                               R"("tls":{"name":"pbx.test"}}})"));
  EXPECT_THAT(ran.out, HasSubstr("State:"));
}

TEST(CliServers, NamesTheKnownSettingsForAnUnknownOneAndTheTypeForAWrongValue) {
  FakeHost host;
  prepared(host);
  const auto unknown = runAgainst(host, {"servers", "add", "pbx", "--type", "sip", "--set", "prot=1"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("there is no setting prot; known are: peer, port, verify, trusted, tls"));
  const auto wrong = runAgainst(host, {"servers", "add", "pbx", "--type", "sip", "--set", "port=many"});
  EXPECT_THAT(wrong.err, HasSubstr("port: many is not a whole number"));
  const auto truth = runAgainst(host, {"servers", "add", "pbx", "--type", "sip", "--set", "verify=yes"});
  EXPECT_THAT(truth.err, HasSubstr("verify: yes is not true or false"));
  const auto type = runAgainst(host, {"servers", "add", "pbx", "--type", "spi"});
  EXPECT_THAT(type.err, HasSubstr("the plugins bring: sip"));
  EXPECT_EQ(host.last("POST").method, "");
}

TEST(CliServers, ChangesWhatIsNamedAndSendsTheRevisionItRead) {
  FakeHost host;
  prepared(host);
  EXPECT_EQ(runAgainst(host, {"servers", "change", "pbx", "--set", "peer=new", "--disable"}).code, 0);
  EXPECT_EQ(sent(host, "PUT"), boost::json::parse(R"({"description":"d","enabled":false,"settings":{"peer":"new",)"
                                                  R"("password":null},"revision":7})"));
}

TEST(CliServers, TellsAChangeInBetweenAsTheServerDoes) {
  FakeHost host;
  host.answer(
      "PUT /api/v1/admin/servers/pbx", 409,
      R"({"type":"t","title":"t","status":409,"detail":"Somebody changed pbx meanwhile.","code":"server.stale"})");
  prepared(host);
  const auto ran = runAgainst(host, {"servers", "change", "pbx", "--set", "peer=new"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr("Somebody changed pbx meanwhile. [server.stale]"));
}

TEST(CliServers, TypesShowTheirSettingsAndWhatTheirFailureCosts) {
  FakeHost host;
  const auto listed = runAgainst(prepared(host), {"servers", "types"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  for (const char* shown : {"WHEN IT FAILS", "pass", "SIP call server", "peer, port"})
    EXPECT_THAT(listed.out, HasSubstr(shown));
}

TEST(CliServers, EndsByTheWorstFindingOfATest) {
  const auto tested_with = [](const std::string& severity) {
    FakeHost host;
    prepared(host).answer("POST /api/v1/admin/servers/test", 200,
                          R"({"findings":[{"severity":"info","code":"a.b","item":"reachability","text":"fine"},)"
                          R"({"severity":")" +
                              severity + R"(","code":"a.c","item":"TLS name","text":"says"}]})");
    const auto ran = runAgainst(host, {"servers", "test", "pbx"});
    EXPECT_EQ(sent(host, "POST"),
              boost::json::parse(R"({"handle":"pbx","type":"sip","settings":{"peer":"old","password":null}})"));
    return ran.code;
  };
  EXPECT_EQ(tested_with("info"), 0);
  EXPECT_EQ(tested_with("warning"), 1);
  EXPECT_EQ(tested_with("error"), 4);
}

TEST(CliServers, SuspendsResumesRestartsAndRemovesByHandle) {
  FakeHost host;
  for (const char* verb : {"suspend", "resume", "restart"}) {
    host.answer(std::string("POST /api/v1/admin/servers/a%2Fb/") + verb, 200, server("suspended"));
    EXPECT_EQ(runAgainst(host, {"servers", verb, "a/b"}).code, 0);
    EXPECT_EQ(host.last("POST").target, std::string("/api/v1/admin/servers/a%2Fb/") + verb);
  }
  host.answer("DELETE /api/v1/admin/servers/pbx", 204, "");
  EXPECT_EQ(runAgainst(host, {"servers", "remove", "pbx", "--yes"}).code, 0);
}

TEST(CliServers, AsksBeforeItRemovesAndSaysThatItHas) {
  FakeHost host;
  host.answer("DELETE /api/v1/admin/servers/pbx", 204, "");
  const auto refused = runAgainst(host, {"servers", "remove", "pbx"}, {}, "no\n");
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("Remove pbx for good?"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("nothing was removed"), std::string::npos) << refused.err;
  EXPECT_EQ(runAgainst(host, {"servers", "remove", "pbx"}).code, 2) << "nobody answers";
  EXPECT_EQ(host.last("DELETE").target, "");
  const auto removed = runAgainst(host, {"servers", "remove", "pbx"}, {}, "Yes\n");
  EXPECT_EQ(removed.code, 0) << removed.err;
  EXPECT_EQ(removed.out, "Removed pbx.\n");
  EXPECT_EQ(host.last("DELETE").target, "/api/v1/admin/servers/pbx");
}

constexpr const char* users =
    R"({"entries":[{"person":{"id":"id-2","login":"alice2","name":"A2"},"directory":"ldap","telephonyServer":"",)"
    R"("extension":"","enabled":true},{"person":{"id":"id-1","login":"alice","name":"Alice"},"directory":"ldap",)"
    R"("telephonyServer":"pbx","extension":"1001","enabled":true}],"total":2})";

TEST(CliUsers, FindsAUserByLoginAndChangesOnlyWhatIsNamed) {
  FakeHost host;
  host.answer("GET /api/v1/admin/users", 200, users);
  host.answer(
      "PATCH /api/v1/admin/users/id-1", 200,
      R"({"person":{"id":"id-1","login":"alice"},"directory":"ldap","telephonyServer":"pbx","extension":"1009",)"
      R"("enabled":true})");
  const auto ran = runAgainst(host, {"users", "set", "alice", "--extension", "1009"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(host.last("PATCH").body, R"({"extension":"1009"})");
  EXPECT_THAT(ran.out, HasSubstr("1009"));
  EXPECT_EQ(runAgainst(host, {"users", "set", "alice"}).code, 2);
}

std::string syncRun(const std::string& state, const std::string& seen) {
  return R"({"id":3,"directory":"ldap","mode":"full","state":")" + state +
         R"(","text":"too many would go","started":1,"ended":0,"seen":)" + seen +
         R"(,"added":1,"changed":0,"removed":0,"unchanged":0,"skipped":1,"skippedReasons":["cn=x: no name"]})";
}

TEST(CliSync, WaitsForTheEndAndTellsWhatWasSkippedAndWhy) {
  FakeHost host;
  host.answer("POST /api/v1/admin/directory-sync", 202, syncRun("running", "0"));
  host.answer("GET /api/v1/admin/directory-sync/3", 200, syncRun("running", "50"));
  host.answer("GET /api/v1/admin/directory-sync/3", 200, syncRun("done", "100"));
  const auto ran = runAgainst(host, {"sync", "--full", "--wait", "--server", "ldap"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(sent(host, "POST"), boost::json::parse(R"({"mode":"full","server":"ldap"})"));
  EXPECT_THAT(ran.out, HasSubstr("done"));
  EXPECT_THAT(ran.err, HasSubstr("skipped: cn=x: no name"));
}

TEST(CliSync, FailsWhenTheRunWasRefused) {
  FakeHost host;
  host.answer("POST /api/v1/admin/directory-sync", 202, syncRun("refused", "0"));
  const auto ran = runAgainst(host, {"sync", "--incremental"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_EQ(sent(host, "POST"), boost::json::parse(R"({"mode":"incremental"})"));
  EXPECT_THAT(ran.out, HasSubstr("too many would go"));
}

}  // namespace
}  // namespace jackfield::cli
