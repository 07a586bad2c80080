// SPDX-License-Identifier: Apache-2.0
// cli.yaml and what overrides it.
#include "cli/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/failure.hpp"
#include "fake_host.hpp"

namespace jackfield::cli {
namespace {

namespace fs = std::filesystem;

std::string refusalOf(const fs::path& file) {
  try {
    loadProfile(file, {});
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::usage);
    return failure.what();
  }
  return "accepted";
}

TEST(CliProfile, StandsWhereTheEnvironmentSays) {
  EXPECT_EQ(profileFile({{"HOME", "/h"}}), "/h/.config/jackfield/cli.yaml");
  EXPECT_EQ(profileFile({{"HOME", "/h"}, {"XDG_CONFIG_HOME", "/x"}}), "/x/jackfield/cli.yaml");
  EXPECT_EQ(profileFile({{"HOME", "/h"}, {"JACKFIELD_CONFIG", "/c"}}), "/c");
}

TEST(CliProfile, ReadsBackWhatItSavedAndYieldsToTheEnvironment) {
  const Folder folder;
  const auto file = folder.path() / "cli.yaml";
  saveProfile(file, {"https://one:8443", "0123", "/ca.pem"});
  const auto profile = loadProfile(file, {{"JACKFIELD_URL", "https://two:8443"}, {"JACKFIELD_TOKEN", ""}});
  EXPECT_EQ(profile.server, "https://two:8443");
  EXPECT_EQ(profile.token, "0123");
  EXPECT_EQ(profile.ca, "/ca.pem");
}

TEST(CliProfile, RefusesATokenThatOthersMayRead) {
  const Folder folder;
  const auto file = folder.write("cli.yaml", "token: abc\n");
  fs::permissions(file, fs::perms::others_read, fs::perm_options::add);
  EXPECT_THAT(refusalOf(file), testing::HasSubstr("chmod 600"));
}

TEST(CliProfile, NamesAnUnknownMemberAndTextThatIsNoYaml) {
  const Folder folder;
  EXPECT_THAT(refusalOf(folder.write("a.yaml", "sever: x\n")), testing::HasSubstr("sever is not one of"));
  EXPECT_THAT(refusalOf(folder.write("b.yaml", "a: [\n")), testing::HasSubstr("b.yaml"));
}

}  // namespace
}  // namespace jackfield::cli
