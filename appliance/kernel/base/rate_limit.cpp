// SPDX-License-Identifier: Apache-2.0
// One-second windows for each key.
#include "kernel/base/rate_limit.hpp"

namespace jackfield::kernel {

namespace {
// Codes come from catalogues, but a hostile plugin can make them up: the memory for them is bounded.
constexpr std::size_t mostKeys = 4096;
}  // namespace

RateLimit::Verdict RateLimit::admit(const std::string& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (windows_.size() >= mostKeys && !windows_.contains(key)) windows_.clear();
  Window& window = windows_.try_emplace(key, Window{now, 0, 0}).first->second;
  Verdict verdict;
  if (now - window.begun >= std::chrono::seconds(1)) {
    verdict.held_back = window.held_back;
    window = {now, 0, 0};
  }
  if (window.passed >= per_second_) {
    ++window.held_back;
    verdict.pass = false;
  } else {
    ++window.passed;
  }
  return verdict;
}

}  // namespace jackfield::kernel
