// SPDX-License-Identifier: Apache-2.0
// The Debian package jackfield-sdk, unpacked as root would install it, and the guide followed with it to the letter.
#include "outside.hpp"

namespace jackfield::kernel::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SdkPackage : public ::testing::Test {
 protected:
  SdkPackage() {
    sh({CPACK_PROGRAM, "--config", BUILD_FOLDER "/sdk/CPackSDK.cmake", "-B", folder_ + "/made"});
    for (const auto& file : fs::directory_iterator(folder_ + "/made"))
      if (file.path().extension() == ".deb") package_ = file.path().string();
    sh({"dpkg-deb", "-x", package_, root_});
  }

  std::string sh(std::vector<std::string> command) const {
    command.insert(command.begin(),
                   {"env", "-C", folder_, "PATH=" + root_ + "/usr/bin:/usr/bin:/bin", "RUSTC=/usr/bin/rustc",
                    "CMAKE_PREFIX_PATH=" + root_ + "/usr", "JACKFIELD_SDK=" + root_ + "/usr"});
    return tests::run(command, scratch_.path() / ("log-" + std::to_string(++commands_)), std::chrono::minutes(8));
  }

  tests::TemporaryFolder scratch_{"package"};
  const std::string folder_ = scratch_.path().string(), root_ = folder_ + "/unpacked";
  std::string package_;

 private:
  mutable int commands_ = 0;
};

TEST_F(SdkPackage, IsCompleteAndTheGuidesCommandsWorkWithItAlone) {
  EXPECT_TRUE(fs::path(package_).filename().string().starts_with("jackfield-sdk_")) << package_;
  const auto depends = sh({"dpkg-deb", "-f", package_, "Depends"});
  for (const char* needed : {"cmake", "g++", "libboost1.81-dev", "libc6", "python3"})
    EXPECT_THAT(depends, HasSubstr(needed));
  const std::string guide = root_ + "/usr/share/doc/jackfield-sdk/";
  const auto said = sh({GUIDE_RUNNER, guide + "tutorial.md", guide + "how-to.md"});
  EXPECT_THAT(said, HasSubstr("100% tests passed"));
  EXPECT_THAT(said, HasSubstr("acme-pbx: 100 times from create to destroy"));
  EXPECT_THAT(said, HasSubstr("\"established\""));
  EXPECT_THAT(said, HasSubstr("0 differences"));
  EXPECT_THAT(said, HasSubstr("libasan found nothing"));
  EXPECT_THAT(said, HasSubstr("\"failed\": 0, \"skipped\": 1"));
  const auto reference = sh({"cat", folder_ + "/acme-pbx/reference.md"});
  for (const char* part : {"| `directory/1.sync` | request | sync | syncPart, in parts |", "class FakeHost {",
                           "void(JF_CALL* cancel)(const jf_host*, uint64_t id);"})
    EXPECT_THAT(reference, HasSubstr(part));
}

// The tutorial makes a call server; this is the other template.
TEST_F(SdkPackage, MakesADirectoryThatKeepsItsPromises) {
  sh({"jackfield-sdk", "new", "acme-people", "--capability", "directory/1"});
  sh({"cmake", "-S", "acme-people", "-B", "build"});
  sh({"cmake", "--build", "build"});
  EXPECT_THAT(sh({"ctest", "--test-dir", "build"}), HasSubstr("100% tests passed"));
  sh({"jackfield-sdk", "check", "build/plugins/acme-people", "--times", "10"});
  EXPECT_THAT(sh({"jackfield-sdk", "conform", "build/plugins/acme-people", "--facts", "acme-people/facts.json"}),
              HasSubstr("\"failed\": 0, \"skipped\": 2"));
}

}  // namespace
}  // namespace jackfield::kernel::testing
