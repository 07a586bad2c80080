// SPDX-License-Identifier: Apache-2.0
// jackfield.conf: every fault is told at once, and no value fills a terminal.
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "fuzz.hpp"
#include "kernel/base/configuration.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jackfield;
  static const auto file =
      std::filesystem::temp_directory_path() / ("jackfield-fuzz-" + std::to_string(getpid()) + ".conf");
  std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    kernel::Configuration::load(file, {});
  } catch (const kernel::ConfigurationError& error) {
    fuzz::claim(!error.faults().empty(), "who refuses says why");
    for (const auto& fault : error.faults()) {
      fuzz::claim(fault.value.size() <= 90, "a value is cut");
      fuzz::claim(!fault.rule.empty(), "a fault names its rule");
    }
  }
  std::filesystem::remove(file);
  return 0;
}
