// SPDX-License-Identifier: Apache-2.0
// What the store's tests share.
#ifndef JACKFIELD_TESTS_STORE_SUPPORT_HPP
#define JACKFIELD_TESTS_STORE_SUPPORT_HPP

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "model/problem.hpp"
#include "support/process.hpp"

namespace jackfield::store::tests {

using jackfield::tests::TemporaryFolder;
using jackfield::tests::waitFor;

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
