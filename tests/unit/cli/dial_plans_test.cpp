// SPDX-License-Identifier: Apache-2.0
// dial-plans against the API's shapes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_host.hpp"

namespace jackfield::cli {
namespace {

using testing::HasSubstr;

constexpr const char* plan =
    R"({"handle":"hq","pbxMain":"15553335000","ars":"9","regional":"555","nationalLength":10,"localLength":7,)"
    R"("extensionLength":5})";
const std::string saved = std::string(R"({"plan":)") + plan + R"(,"revision":3,"servers":["hq-sip"]})";

boost::json::value sent(const FakeHost& host, const std::string& method) {
  return boost::json::parse(host.last(method).body);
}

TEST(CliDialPlans, ListShowAndRemove) {
  FakeHost host;
  host.answer("GET /api/v1/admin/dial-plans", 200, R"({"dialPlans":[)" + saved + "]}");
  host.answer("GET /api/v1/admin/dial-plans/hq", 200, saved);
  host.answer("DELETE /api/v1/admin/dial-plans/hq", 204, "");
  const auto listed = runAgainst(host, {"dial-plans", "list"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  for (const char* shown : {"hq", "15553335000", "10/7/5", "hq-sip", "3"}) EXPECT_THAT(listed.out, HasSubstr(shown));
  EXPECT_THAT(runAgainst(host, {"dial-plans", "show", "hq"}).out, HasSubstr("pbxMain: \"15553335000\""));
  EXPECT_EQ(runAgainst(host, {"dial-plans", "remove", "hq"}).code, 0);
}

TEST(CliDialPlans, SaveMakesANewPlanAndChangesOneThatIsThere) {
  FakeHost host;
  host.answer("GET /api/v1/admin/dial-plans", 200, R"({"dialPlans":[]})");
  host.answer("POST /api/v1/admin/dial-plans", 201, saved);
  EXPECT_EQ(runAgainst(host, {"dial-plans", "save", "-f", "-"}, {}, plan).code, 0);
  EXPECT_EQ(sent(host, "POST"), boost::json::parse(std::string(R"({"plan":)") + plan + "}"));

  host.answer("GET /api/v1/admin/dial-plans", 200, R"({"dialPlans":[)" + saved + "]}");
  host.answer("PUT /api/v1/admin/dial-plans/hq", 200, saved);
  runAgainst(host, {"dial-plans", "list"});
  const auto changed = runAgainst(host, {"dial-plans", "save", "-f", "-"}, {}, plan);
  EXPECT_EQ(changed.code, 0) << changed.err;
  EXPECT_EQ(sent(host, "PUT").at("revision"), 3);
  EXPECT_THAT(changed.err, HasSubstr("hq-sip")) << "what is to be synchronised";
}

TEST(CliDialPlans, TestShowsNumbersAndFailsOnFaultsAndSamples) {
  FakeHost host;
  const std::string conversion = R"({"output":"915087641234","algorithm":"regex","rule":5,"kind":"none","stopped":[]})";
  const std::string conversions = R"("conversions":[{"number":"+15087641234","dialable":)" + conversion +
                                  R"(,"display":)" + conversion + R"(,"ops":)" + conversion + "}]";
  host.answer("POST /api/v1/admin/dial-plans/examination", 200,
              R"({"faults":[],"warnings":[{"text":"rule 5 is never reached"}],"samples":[],)" + conversions + "}");
  const auto good = runAgainst(host, {"dial-plans", "test", "-f", "-", "+15087641234"}, {}, plan);
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("915087641234"));
  EXPECT_THAT(good.err, HasSubstr("never reached"));
  EXPECT_EQ(sent(host, "POST").at("numbers"), (boost::json::array{"+15087641234"}));

  host.answer(
      "POST /api/v1/admin/dial-plans/examination", 200,
      R"({"faults":[],"warnings":[],"samples":[{"sample":{"number":"1","expected":"2"},"result":{"output":"3"},)"
      R"("good":false}],)" +
          conversions + "}");
  runAgainst(host, {"dial-plans", "test", "-f", "-"}, {}, plan);
  const auto sample = runAgainst(host, {"dial-plans", "test", "-f", "-"}, {}, plan);
  EXPECT_EQ(sample.code, 4);
  EXPECT_THAT(sample.err, HasSubstr("sample 1 gives 3, not 2"));
  EXPECT_EQ(runAgainst(host, {"dial-plans", "test"}).code, 2) << "which one?";
}

TEST(CliDialPlans, UseGivesAServerAPlan) {
  FakeHost host;
  host.answer("PUT /api/v1/admin/servers/hq-sip/numbering", 200,
              R"({"dialPlan":"hq","removeArs":true,"arsOverlapsWithExtension":true})");
  EXPECT_EQ(runAgainst(host, {"dial-plans", "use", "hq-sip", "hq", "--ars-overlaps"}).code, 0);
  EXPECT_EQ(sent(host, "PUT"),
            boost::json::parse(R"({"dialPlan":"hq","removeArs":true,"arsOverlapsWithExtension":true})"));
  EXPECT_EQ(runAgainst(host, {"dial-plans", "use", "hq-sip", "--keep-ars"}).code, 0);
  EXPECT_EQ(sent(host, "PUT").at("removeArs"), false);
  EXPECT_EQ(sent(host, "PUT").at("dialPlan"), "");
  EXPECT_EQ(runAgainst(host, {"dial-plans", "use", "hq-sip", "--keep-ars", "--ars-overlaps"}).code, 2);
}

}  // namespace
}  // namespace jackfield::cli
