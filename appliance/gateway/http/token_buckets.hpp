// SPDX-License-Identifier: Apache-2.0
// Rate limits: so many requests a second for each key, with room for a burst. Any thread.
#ifndef JACKFIELD_GATEWAY_HTTP_TOKEN_BUCKETS_HPP
#define JACKFIELD_GATEWAY_HTTP_TOKEN_BUCKETS_HPP

#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

namespace jackfield::gateway {

class TokenBuckets {
 public:
  using Clock = std::chrono::steady_clock;

  TokenBuckets(double per_second, double burst) : per_second_(per_second), burst_(burst) {}

  // Zero: go on. Else so many whole seconds until it is worth to come again.
  int take(const std::string& key, Clock::time_point now = Clock::now());

 private:
  struct Bucket {
    double tokens = 0;
    Clock::time_point filled;
  };
  void forgetFull(Clock::time_point now);

  double per_second_;
  double burst_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

// What an address counts as: itself, for IPv6 its /64, because a client has that many addresses to choose from.
std::string rateKey(const std::string& address);

}  // namespace jackfield::gateway

#endif
