// SPDX-License-Identifier: Apache-2.0
// Token buckets, bounded in number.
#include "gateway/http/token_buckets.hpp"

#include <algorithm>
#include <cmath>

#include <Poco/Net/IPAddress.h>

namespace jackfield::gateway {
namespace {

constexpr std::size_t mostBuckets = 50000;

double seconds(TokenBuckets::Clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

int TokenBuckets::take(const std::string& key, Clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= mostBuckets) forgetFull(now);
  auto& bucket = buckets_.try_emplace(key, Bucket{burst_, now}).first->second;
  bucket.tokens = std::min(burst_, bucket.tokens + seconds(now - bucket.filled) * per_second_);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return 0;
  }
  return static_cast<int>(std::ceil((1 - bucket.tokens) / per_second_));
}

void TokenBuckets::forgetFull(Clock::time_point now) {
  std::erase_if(buckets_, [&](const auto& one) {
    return one.second.tokens + seconds(now - one.second.filled) * per_second_ >= burst_;
  });
  // A flood from everywhere at once: memory stays bounded, and who was held back starts anew.
  if (buckets_.size() >= mostBuckets) buckets_.clear();
}

std::string rateKey(const std::string& address) {
  Poco::Net::IPAddress parsed;
  if (!Poco::Net::IPAddress::tryParse(address, parsed) || parsed.family() != Poco::Net::IPAddress::IPv6) return address;
  return (parsed & Poco::Net::IPAddress(64, Poco::Net::IPAddress::IPv6)).toString();
}

}  // namespace jackfield::gateway
