// SPDX-License-Identifier: Apache-2.0
// What the store's tests share: a folder of their own, and waiting for a condition with a deadline.
#ifndef JACKFIELD_TESTS_STORE_SUPPORT_HPP
#define JACKFIELD_TESTS_STORE_SUPPORT_HPP

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "model/problem.hpp"

namespace jackfield::store::tests {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "jackfield-store-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

template <class Condition>
bool eventually(Condition condition, std::chrono::seconds limit = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return condition();
}

// The code of the Problem that `action` throws; empty when it throws none.
template <class Action>
std::string problemOf(Action action) {
  try {
    action();
  } catch (const model::Problem& problem) {
    return problem.code();
  }
  return {};
}

inline std::string bytesOf(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace jackfield::store::tests

#endif
