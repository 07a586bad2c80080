// SPDX-License-Identifier: Apache-2.0
// A folder of the test's own, gone when the test ends.
#ifndef JACKFIELD_TESTS_UNIT_KERNEL_BASE_SCRATCH_FOLDER_HPP
#define JACKFIELD_TESTS_UNIT_KERNEL_BASE_SCRATCH_FOLDER_HPP

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <Poco/TemporaryFile.h>

class ScratchFolder {
 public:
  ScratchFolder() : path_(Poco::TemporaryFile::tempName()) { std::filesystem::create_directories(path_); }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path_ / name).rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path path_;
};

#endif
