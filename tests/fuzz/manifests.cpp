// SPDX-License-Identifier: Apache-2.0
// plugin.json of a stranger's plugin, with the schemas of settings in it: judged before anything is executed.
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <jackfield/error.hpp>

#include "fuzz.hpp"
#include "kernel/holder/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jackfield;
  static const auto folder = std::filesystem::temp_directory_path() / ("jackfield-fuzz-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "plugin.json", std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    const auto manifest = kernel::readManifest(folder, {});
    fuzz::claim(!manifest.id.empty() && !manifest.library.empty(), "a manifest that is taken can be loaded");
  } catch (const Error& refused) {
    fuzz::claim(std::string_view(refused.code()).starts_with("plugin."), "a fault has a code of its own");
  }
  std::filesystem::remove_all(folder);
  return 0;
}
