// SPDX-License-Identifier: Apache-2.0
// The installed SDK's conformance suite, run on a plugin of this build.
#ifndef JACKFIELD_TESTS_SUPPORT_SDK_HPP
#define JACKFIELD_TESTS_SUPPORT_SDK_HPP

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "support/process.hpp"

namespace jackfield::tests {

// Checks build/plugins/NAME, which may link `libraries` since it is built anew for each Debian, and runs the suite of
// its capability. What the suite said; throws with what the tool says when it finds a fault. The caller's target
// defines SDK_BUILD and SDK_CMAKE and depends on jackfield-plugin-run.
inline std::string conform(const std::string& name, const std::filesystem::path& folder,
                           const boost::json::object& settings, const boost::json::object& facts,
                           const std::vector<std::string>& libraries) {
  const std::string prefix = (folder / "sdk").string(), plugin = SDK_BUILD "/plugins/" + name;
  run({SDK_CMAKE, "--install", SDK_BUILD, "--component", "sdk", "--prefix", prefix}, folder / "install.log");
  std::ofstream(folder / "settings.json") << boost::json::serialize(settings);
  std::ofstream(folder / "facts.json") << boost::json::serialize(facts);
  const auto tool = [&](std::vector<std::string> arguments) {
    const auto log = folder / (arguments.front() + ".log");
    arguments.insert(arguments.begin(), prefix + "/bin/jackfield-sdk");
    arguments.insert(arguments.end(), {"--settings", (folder / "settings.json").string()});
    return run(arguments, log, std::chrono::minutes(4));
  };
  std::vector<std::string> check{"check", plugin, "--times", "10"};
  for (const auto& library : libraries) check.insert(check.end(), {"--allow", library});
  tool(check);
  return tool({"conform", plugin, "--facts", (folder / "facts.json").string()});
}

}  // namespace jackfield::tests

#endif
