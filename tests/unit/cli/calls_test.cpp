// SPDX-License-Identifier: Apache-2.0
// calls, log and the event stream.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_host.hpp"

namespace jackfield::cli {
namespace {

using testing::HasSubstr;

const std::string oneCall =
    R"({"id":"c-1","requestId":"","created":1,"answered":0,"ended":0,"server":"pbx","connections":[)"
    R"({"device":"sip:1001@x","number":"1001","name":"","role":"originating","state":"connected","verbs":["hold","clear"],)"
    R"("user":{"id":"i","name":"Alice"}},{"device":"sip:1002@x","number":"1002","name":"Bob","role":"terminating",)"
    R"("state":"alerting","verbs":[]}]})";

TEST(CliCalls, ListsPartiesStatesAndWhatIsPossible) {
  FakeHost host;
  host.answer("GET /api/v1/calls", 200, R"({"cursor":"e:1","calls":[)" + oneCall + "]}");
  const auto ran = runAgainst(host, {"calls", "list"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Alice 1001 (connected) - Bob 1002 (alerting)"));
  EXPECT_THAT(ran.out, HasSubstr("1001: hold, clear"));
}

TEST(CliCalls, MakesACall) {
  FakeHost host;
  host.answer("POST /api/v1/calls", 202, R"({"call":"c-9","requestId":"r"})");
  EXPECT_THAT(runAgainst(host, {"calls", "make", "1002"}).out, HasSubstr("c-9"));
  EXPECT_EQ(host.last("POST").body, R"({"to":"1002"})");
}

TEST(CliCalls, TakesTheOnlyCallWhenNoneIsNamedAndAsksWhenThereAreMore) {
  FakeHost host;
  host.answer("GET /api/v1/calls", 200, R"({"cursor":"e:1","calls":[)" + oneCall + "]}");
  host.answer("POST /api/v1/calls/c-1/hold", 202, R"({"call":"c-1","requestId":"r"})");
  EXPECT_EQ(runAgainst(host, {"calls", "hold"}).code, 0);

  FakeHost busy;
  busy.answer("GET /api/v1/calls", 200, R"({"cursor":"e:1","calls":[)" + oneCall + "," + oneCall + "]}");
  const auto ran = runAgainst(busy, {"calls", "drop"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("there are 2 calls"));
  EXPECT_EQ(busy.last("POST").method, "");
}

TEST(CliCalls, TransfersTheOnlyCallOrTheNamedOne) {
  FakeHost host;
  host.answer("GET /api/v1/calls", 200, R"({"cursor":"e:1","calls":[)" + oneCall + "]}");
  host.answer("POST /api/v1/calls/c-1/transfer", 202, R"({"call":"c-1","requestId":"r"})");
  host.answer("POST /api/v1/calls/c-2/transfer", 202, R"({"call":"c-2","requestId":"r"})");
  EXPECT_EQ(runAgainst(host, {"calls", "transfer", "1003"}).code, 0);
  EXPECT_EQ(host.last("POST").body, R"({"to":"1003"})");
  EXPECT_EQ(runAgainst(host, {"calls", "transfer", "1003", "--call", "c-2"}).code, 0);
  EXPECT_EQ(runAgainst(host, {"calls", "transfer", "--with", "c-3"}).code, 0);
  EXPECT_EQ(host.last("POST").body, R"({"otherCall":"c-3"})");
  EXPECT_EQ(runAgainst(host, {"calls", "transfer"}).code, 2) << "whereto?";
  host.answer("POST /api/v1/calls/c-1/deflect", 202, R"({"call":"c-1","requestId":"r"})");
  EXPECT_EQ(runAgainst(host, {"calls", "deflect", "1003"}).code, 0);
  EXPECT_EQ(host.last("POST").body, R"({"to":"1003"})");
}

TEST(CliCalls, ShowsTheContactLogWithDurations) {
  FakeHost host;
  host.answer(
      "GET /api/v1/contact-log", 200,
      R"({"entries":[{"id":5,"userId":"u","call":"c","direction":"incoming","missed":false,"number":"1002",)"
      R"("name":"Bob","personId":"","started":1000,"answered":2000,"ended":3725000,"cause":"normal"}],"next":0})");
  const auto ran = runAgainst(host, {"log", "--missed", "--direction", "incoming", "--limit", "10"});
  EXPECT_THAT(ran.out, HasSubstr("1:02:03"));
  EXPECT_EQ(host.last("GET").target, "/api/v1/contact-log?limit=10&direction=incoming&missed=true");
}

std::string frame(int number) {
  return R"({"cursor":"e:)" + std::to_string(number) +
         R"(","type":"server","time":1,"data":{"handle":"pbx","state":"s)" + std::to_string(number) + R"("}})";
}

TEST(CliEvents, GoesOnFromTheLastCursorWhenTheConnectionIsLost) {
  FakeHost host;
  host.stream({R"({"type":"hello","cursor":"e:0"})", frame(1), frame(2)});
  host.stream({R"({"type":"hello","cursor":"e:2"})", frame(3)});
  const auto ran = runAgainst(host, {"events", "--count", "3"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("pbx  s1"));
  EXPECT_THAT(ran.out, HasSubstr("pbx  s3"));
  const auto requests = host.seen();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].target, "/api/v1/events");
  EXPECT_EQ(requests[1].target, "/api/v1/events?cursor=e%3A2");
  EXPECT_EQ(requests[1].token, "Bearer t0ken");
}

TEST(CliEvents, ShowsACallWithItsEventPartiesAndStates) {
  FakeHost host;
  host.stream(
      {R"({"type":"hello","cursor":"e:0"})",
       R"({"cursor":"e:1","type":"call","time":1,"data":{"event":"delivered","device":"d","call":)" + oneCall + "}}"});
  EXPECT_THAT(runAgainst(host, {"events", "--count", "1"}).out,
              HasSubstr("call  delivered  c-1  1001 connected  1002 alerting\n"));
}

TEST(CliEvents, PrintsOneJsonObjectALineForPrograms) {
  FakeHost host;
  host.stream({R"({"type":"hello","cursor":"e:0"})", frame(1), frame(2)});
  const auto ran = runAgainst(host, {"events", "--count", "2", "--output", "json"});
  EXPECT_EQ(ran.out, frame(1) + "\n" + frame(2) + "\n");
}

TEST(CliEvents, TellsThatACursorIsTooOld) {
  FakeHost host;
  host.answer("GET /api/v1/events", 410, R"({"detail":"x","code":"events.cursor.gone"})");
  const auto ran = runAgainst(host, {"events", "--cursor", "e:1"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr("older than the log"));
}

}  // namespace
}  // namespace jackfield::cli
