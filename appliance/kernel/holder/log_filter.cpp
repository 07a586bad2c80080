// SPDX-License-Identifier: Apache-2.0
// Redaction and rate limit of plugins' log lines.
#include "log_filter.hpp"

#include <algorithm>
#include <utility>

namespace jackfield::kernel {

void LogFilter::setSecrets(std::vector<std::string> secrets) {
  std::erase_if(secrets, [](const std::string& s) { return s.empty(); });
  // A secret that holds another must go first, or its rest would stay.
  std::sort(secrets.begin(), secrets.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  const std::lock_guard lock(mutex_);
  secrets_ = std::move(secrets);
}

bool LogFilter::admit(std::uint64_t now_ms, std::uint64_t& dropped) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t passed = now_ms > last_ms_ ? now_ms - last_ms_ : 0;
  tokens_ = std::min(burst, tokens_ + static_cast<double>(passed) * lines_per_second / 1000);
  last_ms_ += passed;
  if (tokens_ < 1) {
    ++dropped_;
    return false;
  }
  tokens_ -= 1;
  dropped = std::exchange(dropped_, 0);
  return true;
}

std::string LogFilter::redact(std::string text) const {
  const std::lock_guard lock(mutex_);
  for (const auto& secret : secrets_)
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
      text.replace(at, secret.size(), "***");
  return text;
}

boost::json::value LogFilter::redact(const boost::json::value& v) const {
  if (const auto* text = v.if_string()) return boost::json::string(redact(std::string(*text)));
  if (const auto* list = v.if_array()) {
    boost::json::array out;
    for (const auto& item : *list) out.push_back(redact(item));
    return out;
  }
  if (const auto* object = v.if_object()) {
    boost::json::object out;
    for (const auto& [key, item] : *object) out[redact(std::string(key))] = redact(item);
    return out;
  }
  return v;
}

}  // namespace jackfield::kernel
