// SPDX-License-Identifier: Apache-2.0
// jackfield.conf: reading, overrides, and errors that name line, key, value, rule and the nearest known key.
#include "kernel/base/configuration.hpp"

#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch_folder.hpp"

namespace jackfield::kernel {
namespace {

using testing::HasSubstr;

std::vector<ConfigurationFault> faultsOf(const std::string& text, const Configuration::Environment& overrides = {}) {
  const ScratchFolder folder;
  try {
    Configuration::load(folder.write("jackfield.conf", text), overrides);
  } catch (const ConfigurationError& error) {
    return error.faults();
  }
  return {};
}

Configuration loaded(const std::string& text, const Configuration::Environment& overrides = {}) {
  const ScratchFolder folder;
  return Configuration::load(folder.write("jackfield.conf", text), overrides);
}

TEST(Configuration, HasADefaultForEveryKeyThatKeepsItsOwnRule) {
  std::string text;
  for (const Setting& setting : settingTable)
    text += std::string(setting.key) + " = " + std::string(setting.fallback) + "\n";
  EXPECT_TRUE(faultsOf(text).empty());
  EXPECT_EQ(Configuration().number("http.port"), 8443);
  EXPECT_EQ(Configuration().number("limits.sessions"), 2000);
  EXPECT_EQ(Configuration().number("limits.users"), 4000);
  EXPECT_FALSE(Configuration().flag("http.plain"));
}

TEST(Configuration, NamesEveryKeyOnceAndSaysWhatItIsFor) {
  std::set<std::string_view> keys;
  for (const Setting& setting : settingTable) {
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
    EXPECT_FALSE(setting.text.empty()) << setting.key;
    EXPECT_LE(setting.minimum, setting.maximum) << setting.key;
  }
}

TEST(Configuration, ReadsValuesCommentsAndSpaces) {
  const auto configuration = loaded("# a comment\n\n  http.port =  9000 \nplugins.hosting=inHost\nhttp.plain = true\n");
  EXPECT_EQ(configuration.number("http.port"), 9000);
  EXPECT_EQ(configuration.choice("plugins.hosting"), "inHost");
  EXPECT_TRUE(configuration.flag("http.plain"));
  EXPECT_EQ(configuration.number("http.threads"), 16);
}

TEST(Configuration, TakesRelativePathsFromTheFoldersOfTheFile) {
  const ScratchFolder folder;
  const auto file = folder.write("jackfield.conf", "data.folder = data\nweb.folder = /srv/web\n");
  const auto configuration = Configuration::load(file, {});
  EXPECT_EQ(configuration.path("data.folder"), folder.path() / "data");
  EXPECT_EQ(configuration.path("web.folder"), "/srv/web");
}

TEST(Configuration, LetsTheEnvironmentOverrideTheFile) {
  EXPECT_EQ(loaded("http.port = 9000\n", {{"JACKFIELD_HTTP_PORT", "9001"}}).number("http.port"), 9001);
  EXPECT_EQ(Configuration::variable("signIn.lockMinutes"), "JACKFIELD_SIGNIN_LOCKMINUTES");
}

TEST(Configuration, TellsAFaultyOverrideByTheNameOfItsVariable) {
  const auto faults = faultsOf("", {{"JACKFIELD_HTTP_PORT", "70000"}});
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].sentence(), "JACKFIELD_HTTP_PORT: http.port = 70000 is not a whole number from 0 to 65535");
}

TEST(Configuration, ListsVariablesThatOverrideNothingButAcceptsThoseOfOtherPrograms) {
  const auto configuration = loaded("", {{"JACKFIELD_SERVICE_HOST", "10.0.0.1"}, {"JACKFIELD_TOKEN", "x"}});
  EXPECT_EQ(configuration.unusedVariables(), std::vector<std::string>{"JACKFIELD_SERVICE_HOST"});
}

TEST(Configuration, FindsEverythingThatIsWrongAtOnceWithItsLine) {
  const auto faults = faultsOf(
      "http.prot = 80\n"
      "http.port = many\n"
      "http.plain = yes\n"
      "just words\n"
      "log.level = loud\n"
      "http.threads = 4\n"
      "http.threads = 8\n"
      "data.folder =\n");
  ASSERT_EQ(faults.size(), 7U);
  EXPECT_EQ(faults[0].sentence(), "jackfield.conf:1: http.prot = 80 is not a known key; did you mean http.port?");
  EXPECT_EQ(faults[1].sentence(), "jackfield.conf:2: http.port = many is not a whole number from 0 to 65535");
  EXPECT_EQ(faults[2].sentence(), "jackfield.conf:3: http.plain = yes is not true or false");
  EXPECT_EQ(faults[3].sentence(), "jackfield.conf:4: just words is not a line of the form key = value");
  EXPECT_EQ(faults[4].sentence(),
            "jackfield.conf:5: log.level = loud is not one of error, warning, information, debug");
  EXPECT_EQ(faults[5].sentence(), "jackfield.conf:7: http.threads = 8 was set before, in jackfield.conf:6");
  EXPECT_EQ(faults[6].sentence(), "jackfield.conf:8: data.folder is empty, and must be a path");
}

TEST(Configuration, SuggestsNoKeyThatIsFarFromTheOneWritten) {
  const auto faults = faultsOf("completely.different.thing = 1\n");
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].nearest, "");
}

TEST(Configuration, AcceptsUnitsRangesAtTheirEndsAndRefusesTheNextValue) {
  EXPECT_EQ(loaded("contactLog.maxEntries = 400\n").number("contactLog.maxEntries"), 400);
  const auto faults = faultsOf("contactLog.maxEntries = 401\ncontactLog.maxDays = 0\n");
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[1].rule, "is not a whole number from 1 to 14 (days)");
}

TEST(Configuration, AcceptsPlainHttpOnLoopbackOnly) {
  EXPECT_TRUE(faultsOf("http.plain = true\nhttp.host = ::1\n").empty());
  const auto faults = faultsOf("http.host = 0.0.0.0\nhttp.plain = true\n");
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_THAT(faults[0].sentence(), HasSubstr("jackfield.conf:2: http.plain = true is accepted only when http.host"));
  EXPECT_EQ(faultsOf("http.host = not an address\n").size(), 1U);
}

TEST(Configuration, CutsAHugeValueInItsError) {
  const auto faults = faultsOf("http.port = " + std::string(1000000, '9') + "\n");
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_LE(faults[0].value.size(), 80U);
}

TEST(Configuration, SaysWhichFileCannotBeRead) {
  try {
    Configuration::load("/nonexistent/jackfield.conf", {});
    FAIL() << "a missing file was accepted";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nonexistent/jackfield.conf"));
    EXPECT_THAT(error.what(), HasSubstr("--print-config"));
  }
}

TEST(Configuration, PrintsASampleThatShowsEveryKeyAndReadsBackAsTheDefaults) {
  const std::string sample = Configuration::sample();
  EXPECT_TRUE(faultsOf(sample).empty());
  std::string opened;
  std::istringstream lines(sample);
  for (std::string line; std::getline(lines, line);)
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ') opened += line.substr(1) + "\n";
  const auto configuration = loaded(opened);
  for (const Setting& setting : settingTable) EXPECT_THAT(opened, HasSubstr(std::string(setting.key) + " = "));
  EXPECT_EQ(configuration.number("events.retainHours"), Configuration().number("events.retainHours"));
  EXPECT_THAT(sample, HasSubstr("# From 1 to 168 hours.\n#events.retainHours = 24\n"));
}

TEST(ConfigurationCheck, ReportsWhatThisMachineLacks) {
  const ScratchFolder folder;
  const auto file = folder.write("jackfield.conf",
                                 "data.folder = .\nplugins.folder = .\nplugins.hosting = inHost\n"
                                 "http.certificate = no.pem\nhttp.privateKey = jackfield.conf\n");
  std::ostringstream out;
  EXPECT_EQ(checkConfiguration(file, {}, out), 2);
  EXPECT_EQ(out.str(), "this machine: http.certificate = " + (folder.path() / "no.pem").string() +
                           " is not a file that this account may read\n" + file.string() + ": 1 wrong\n");
}

TEST(ConfigurationCheck, SaysOkWhenAllIsWell) {
  const ScratchFolder folder;
  const auto file = folder.write("jackfield.conf",
                                 "data.folder = .\nplugins.folder = .\nplugins.hosting = inHost\nhttp.plain = true\n");
  std::ostringstream out;
  EXPECT_EQ(checkConfiguration(file, {}, out), 0);
  EXPECT_EQ(out.str(), file.string() + ": ok\n");
}

}  // namespace
}  // namespace jackfield::kernel
