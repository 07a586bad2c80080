// SPDX-License-Identifier: Apache-2.0
// Tables, CSV, JSON and completion.
#include "cli/output.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_host.hpp"

namespace jackfield::cli {
namespace {

using testing::HasSubstr;

std::string printed(Format format, const std::string& document) {
  std::ostringstream out;
  print(out, format, boost::json::parse(document), "/rows",
        {column("NAME", "/name"), column("TAGS", "/tags"), column("ON", "/on"), timeColumn("SINCE", "/since")});
  return out.str();
}

constexpr const char* two = R"({"rows":[{"name":"Zoë","tags":["a","b"],"on":true},{"name":"B","on":false,"since":0}]})";

TEST(CliOutput, AlignsATableByLettersNotOctets) {
  EXPECT_EQ(printed(Format::table, two), "NAME  TAGS  ON   SINCE\nZoë   a, b  yes\nB           no\n");
}

TEST(CliOutput, QuotesCsvAndKeepsSpreadsheetsFromRunningWhatAStrangerWrote) {
  EXPECT_EQ(printed(Format::csv, two), "NAME,TAGS,ON,SINCE\r\nZoë,\"a, b\",yes,\r\nB,,no,\r\n");
  EXPECT_THAT(printed(Format::csv, R"({"rows":[{"name":"=cmd|x"}]})"), HasSubstr("'=cmd|x"));
  EXPECT_THAT(printed(Format::csv, R"({"rows":[{"name":"+49 30 123"}]})"), HasSubstr("\n+49 30 123,"));
  EXPECT_THAT(printed(Format::csv, R"({"rows":[{"name":"say \"hi\""}]})"), HasSubstr(R"("say ""hi""")"));
}

TEST(CliOutput, GivesJsonAsTheApiGaveIt) {
  EXPECT_EQ(boost::json::parse(printed(Format::json, two)), boost::json::parse(two));
}

TEST(CliOutput, LetsNoTerminalEscapeThrough) {
  EXPECT_EQ(printed(Format::table, R"({"rows":[{"name":"x\u001b[2J\n"}]})").find('\x1b'), std::string::npos);
}

TEST(CliOutput, EveryCommandKnowsTheThreeForms) {
  FakeHost host;
  host.answer("GET /api/v1/admin/plugins", 200,
              R"({"plugins":[{"id":"directory","version":"0.1.0","name":"n","capabilities":["directory/1"],)"
              R"("serverTypes":["ldap"],"loaded":true,"reason":""}]})");
  EXPECT_THAT(runAgainst(host, {"plugins"}).out, HasSubstr("directory  0.1.0    yes     directory/1"));
  EXPECT_THAT(runAgainst(host, {"--output", "csv", "plugins"}).out, HasSubstr("directory,0.1.0,yes,directory/1,ldap,"));
  const auto json = runAgainst(host, {"plugins", "--output", "json"}).out;
  EXPECT_EQ(boost::json::parse(json).at("plugins").at(0).at("id"), "directory");
}

TEST(CliStatus, EndsWithOneWhenSomethingNeedsALook) {
  const std::string status =
      R"({"version":"0.1.0","started":1,"uptimeMs":1,"servers":[{"handle":"pbx","kind":"telephony","state":"STATE",)"
      R"("reason":"","since":1}],"sessions":1,"activeUsers":1,"activeUsersLimit":2000,"users":5,"administeredUsers":4,)"
      R"("administeredUsersLimit":4000,"liveCalls":0,"eventReaders":0,"openAlarms":ALARMS})";
  const auto ran_with = [&](const std::string& state, const std::string& alarms) {
    FakeHost host;
    std::string document = status;
    document.replace(document.find("STATE"), 5, state);
    document.replace(document.find("ALARMS"), 6, alarms);
    host.answer("GET /api/v1/admin/status", 200, document);
    return runAgainst(host, {"status"});
  };
  EXPECT_EQ(ran_with("connected", "0").code, 0);
  EXPECT_EQ(ran_with("down", "0").code, 1);
  EXPECT_EQ(ran_with("connected", "2").code, 1);
  EXPECT_THAT(ran_with("connected", "0").out, HasSubstr("People signed in: 1 of 2000"));
}

std::string completed(const std::string& script, const std::vector<std::string>& words) {
  std::string line = script + "\nCOMP_WORDS=(jackfield";
  for (const auto& word : words) line += " '" + word + "'";
  line += "); COMP_CWORD=" + std::to_string(words.size()) + "; _jackfield; echo \"${COMPREPLY[*]}\"\n";
  const Folder folder;
  const auto file = folder.write("complete.sh", line);
  const std::string command = "bash " + file.string() + " > " + (folder.path() / "out").string();
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::ostringstream text;
  text << std::ifstream(folder.path() / "out").rdbuf();
  return text.str();
}

TEST(CliCompletion, OffersInBashWhatTheCommandLineKnows) {
  const FakeHost host;
  const auto script = runAgainst(host, {"completion", "bash"});
  ASSERT_EQ(script.code, 0);
  EXPECT_EQ(completed(script.out, {"serv"}), "servers\n");
  EXPECT_EQ(completed(script.out, {"servers", "su"}), "suspend\n");
  EXPECT_EQ(completed(script.out, {"--server", "https://x", "servers", "change", "pbx", "--dis"}), "--disable\n");
  EXPECT_EQ(completed(script.out, {"calls", "--out"}), "--output\n");
}

TEST(CliCompletion, WritesAZshFunctionWithDescriptions) {
  const FakeHost host;
  const auto script = runAgainst(host, {"completion", "zsh"});
  EXPECT_THAT(script.out, HasSubstr("#compdef jackfield"));
  EXPECT_THAT(script.out, HasSubstr("'suspend:Stop using a server without forgetting it'"));
}

}  // namespace
}  // namespace jackfield::cli
