// SPDX-License-Identifier: Apache-2.0
// The SDK installed into a folder of a test's own, and what a stranger does with it there.
#ifndef JACKFIELD_TESTS_PLUGINS_OUTSIDE_HPP
#define JACKFIELD_TESTS_PLUGINS_OUTSIDE_HPP

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixture.hpp"
#include "support/process.hpp"

namespace jackfield::kernel::testing {

class PluginOutsideTheTree : public ::testing::Test {
 protected:
  PluginOutsideTheTree() { sh({CMAKE_PROGRAM, "--install", BUILD_FOLDER, "--component", "sdk", "--prefix", prefix()}); }

  std::string prefix() const { return (scratch_.path() / "prefix").string(); }
  std::string build() const { return (scratch_.path() / "build").string(); }
  std::string plugins() const { return build() + "/plugins"; }
  std::string examples() const { return prefix() + "/share/jackfield-sdk/examples"; }

  // Runs to its end and returns what it said; throws with that when it fails.
  std::string sh(const std::vector<std::string>& command) const {
    const auto log = scratch_.path() / ("log-" + std::to_string(++commands_));
    return tests::run(command, log, std::chrono::minutes(4));
  }
  void cmake(const std::string& source) const {
    sh({CMAKE_PROGRAM, "-S", source, "-B", build(), "-G", GENERATOR, "-DCMAKE_C_COMPILER=" C_PROGRAM,
        "-DCMAKE_CXX_COMPILER=" CXX_PROGRAM, "-DCMAKE_PREFIX_PATH=" + prefix()});
    sh({CMAKE_PROGRAM, "--build", build()});
  }
  // Its entry and nothing else.
  void expectOneSymbol(const std::string& id) const {
    const auto symbols = sh({"nm", "-D", "--defined-only", plugins() + "/" + id + "/lib" + id + ".so"});
    EXPECT_TRUE(symbols.ends_with(" jf_plugin_entry_1\n")) << symbols;
    EXPECT_EQ(std::count(symbols.begin(), symbols.end(), '\n'), 1) << symbols;
  }

  tests::TemporaryFolder scratch_{"outside"};

 private:
  mutable int commands_ = 0;
};

}  // namespace jackfield::kernel::testing

#endif
