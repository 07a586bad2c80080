// SPDX-License-Identifier: Apache-2.0
// apply and export.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/yaml.hpp"
#include "fake_host.hpp"

namespace jackfield::cli {
namespace {

using testing::HasSubstr;

constexpr const char* site =
    "version: 1\nservers:\n  - handle: pbx\n    type: sip\n    settings: {peer: 127.0.0.1, port: 5062}\n"
    "users:\n  - {login: alice, extension: '1001'}\n";

TEST(CliApply, SendsTheFileAndShowsWhatChanged) {
  const Folder folder;
  FakeHost host;
  host.answer("POST /api/v1/admin/configuration", 200,
              R"({"dryRun":false,"changes":[{"action":"change","object":"server/pbx","what":["/settings/port"]}]})");
  const auto ran = runAgainst(host, {"apply", "-f", folder.write("site.yaml", site)});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(boost::json::parse(host.last("POST").body),
            boost::json::parse(R"({"version":1,"servers":[{"handle":"pbx","type":"sip","settings":{"peer":"127.0.0.1",)"
                               R"("port":5062}}],"users":[{"login":"alice","extension":"1001"}]})"));
  EXPECT_THAT(ran.out, HasSubstr("change  server/pbx  /settings/port"));
  EXPECT_THAT(ran.out, HasSubstr("Applied."));
}

TEST(CliApply, OnlyAsksInADryRun) {
  FakeHost host;
  host.answer("POST /api/v1/admin/configuration?dryRun=true", 200,
              R"({"dryRun":true,"changes":[{"action":"create","object":"server/pbx","what":[]}]})");
  const auto ran = runAgainst(host, {"apply", "-f", "-", "--dry-run"}, {}, site);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Nothing was changed: this was a dry run."));
}

TEST(CliApply, SaysWhenThereIsNothingToChange) {
  FakeHost host;
  host.answer("POST /api/v1/admin/configuration", 200, R"({"dryRun":false,"changes":[]})");
  EXPECT_EQ(runAgainst(host, {"apply", "-f", "-"}, {}, site).out, "Nothing to change.\n");
}

TEST(CliApply, RefusesAFileThatIsMissingOrNoConfigurationBeforeItAsksTheServer) {
  const FakeHost host;
  EXPECT_EQ(runAgainst(host, {"apply", "-f", "/nonexistent.yaml"}).code, 2);
  EXPECT_EQ(runAgainst(host, {"apply", "-f", "-"}, {}, "just text").code, 2);
  const auto ran = runAgainst(host, {"apply", "-f", "-"}, {}, "a: 1\na: 2\n");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("-:2:1: the key a stands twice"));
  EXPECT_TRUE(host.seen().empty());
}

TEST(CliExport, PrintsYamlThatApplyReadsBack) {
  const std::string document =
      R"({"version":1,"servers":[{"handle":"pbx","type":"sip","settings":{"password":null,"code":"0123"}}],"users":[]})";
  FakeHost host;
  host.answer("GET /api/v1/admin/configuration", 200, document);
  const auto ran = runAgainst(host, {"export"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(fromYaml(ran.out, "t"), boost::json::parse(document));
}

}  // namespace
}  // namespace jackfield::cli
