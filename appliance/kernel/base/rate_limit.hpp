// SPDX-License-Identifier: Apache-2.0
// Holds back a flood of one message: so many a second of each key, the rest is counted. Any thread.
#ifndef JACKFIELD_KERNEL_BASE_RATE_LIMIT_HPP
#define JACKFIELD_KERNEL_BASE_RATE_LIMIT_HPP

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace jackfield::kernel {

class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  explicit RateLimit(std::size_t per_second) : per_second_(per_second) {}

  struct Verdict {
    bool pass = true;
    std::uint64_t held_back = 0;  // of the second before, told once with the first message of the next
  };
  Verdict admit(const std::string& key, Clock::time_point now);

 private:
  struct Window {
    Clock::time_point begun;
    std::size_t passed = 0;
    std::uint64_t held_back = 0;
  };
  std::size_t per_second_;
  std::mutex mutex_;
  std::unordered_map<std::string, Window> windows_;
};

}  // namespace jackfield::kernel

#endif
