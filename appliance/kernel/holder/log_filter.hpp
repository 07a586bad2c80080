// SPDX-License-Identifier: Apache-2.0
// What stands between a plugin and the log: secrets are redacted, a flood is cut and counted.
#ifndef JACKFIELD_KERNEL_HOLDER_LOG_FILTER_HPP
#define JACKFIELD_KERNEL_HOLDER_LOG_FILTER_HPP

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <boost/json.hpp>

namespace jackfield::kernel {

// Any thread.
class LogFilter {
 public:
  static constexpr double lines_per_second = 50;
  static constexpr double burst = 200;

  void setSecrets(std::vector<std::string> secrets);

  // False: above the rate, drop the line. `dropped` receives how many were dropped before this one.
  bool admit(std::uint64_t now_ms, std::uint64_t& dropped);

  // Every text in it, keys too, with each secret replaced by ***.
  boost::json::value redact(const boost::json::value& arguments) const;
  std::string redact(std::string text) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> secrets_;
  double tokens_ = burst;
  std::uint64_t last_ms_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace jackfield::kernel

#endif
