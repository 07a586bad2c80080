// SPDX-License-Identifier: Apache-2.0
// A folder of the test's own with files to write and to read.
#ifndef JACKFIELD_TESTS_UNIT_KERNEL_BASE_SCRATCH_FOLDER_HPP
#define JACKFIELD_TESTS_UNIT_KERNEL_BASE_SCRATCH_FOLDER_HPP

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/process.hpp"

class ScratchFolder : public jackfield::tests::TemporaryFolder {
 public:
  ScratchFolder() : TemporaryFolder("scratch") {}
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path() / name) << text;
    return path() / name;
  }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path() / name).rdbuf();
    return text.str();
  }
};

#endif
