// SPDX-License-Identifier: Apache-2.0
// A plugin built outside the tree against the installed SDK: install, configure, build, load, call, in both modes.
#include <cstdlib>
#include <filesystem>
#include <string>

#include "fixture.hpp"

namespace jackfield::kernel::testing {
namespace {

namespace fs = std::filesystem;

TEST(PluginOutsideTheTree, BuildsAgainstTheInstalledSdkAndWorks) {
  std::string name = (fs::temp_directory_path() / "jackfield-outside-XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  const auto run = [&](const std::string& command) {
    return std::system((command + " > '" + (folder / "log").string() + "' 2>&1").c_str());
  };
  const std::string cmake = "'" CMAKE_PROGRAM "'";
  const std::string prefix = (folder / "prefix").string(), build = (folder / "build").string();
  ASSERT_EQ(run(cmake + " --install '" BUILD_FOLDER "' --component sdk --prefix '" + prefix + "'"), 0);
  ASSERT_EQ(run(cmake + " -S '" OUTSIDE_SOURCE "' -B '" + build +
                "' -G '" GENERATOR "' -DCMAKE_CXX_COMPILER='" CXX_PROGRAM "' -DCMAKE_PREFIX_PATH='" + prefix + "'"),
            0);
  ASSERT_EQ(run(cmake + " --build '" + build + "'"), 0);
  // It exports its entry and nothing else.
  ASSERT_EQ(std::system(("test \"$(nm -D --defined-only '" + build +
                         "/plugins/hello/libhello.so' | awk '{print $3}')\" = jf_plugin_entry_1")
                            .c_str()),
            0);
  for (const Hosting hosting : {Hosting::inHost, Hosting::ownProcess}) {
    Zoo zoo(hosting, {}, build + "/plugins");
    zoo.start("hello", {{"greeting", "good day"}});
    ASSERT_TRUE(zoo.recorder.waitState("hello", LifeState::running)) << zoo.manager.plugins().at(0).error;
    const Reply reply = zoo.manager.call("hello", "zoo/1.hello", R"({"name":"Ann"})", Channel::client, 20s);
    EXPECT_EQ(reply.body, R"({"name":"good day, Ann"})");
    EXPECT_TRUE(zoo.recorder.waitLog("hello.started"));
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace jackfield::kernel::testing
