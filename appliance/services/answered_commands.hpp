// SPDX-License-Identifier: Apache-2.0
// The commands that were accepted lately, so that a client that repeats one whose answer it has lost gets that answer
// instead of a second call.
#ifndef JACKFIELD_SERVICES_ANSWERED_COMMANDS_HPP
#define JACKFIELD_SERVICES_ANSWERED_COMMANDS_HPP

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace jackfield::services {

// Any thread. Holds the newest 10,000: at the largest load that is far longer than any client waits to try again.
class AnsweredCommands {
 public:
  std::optional<std::string> find(const std::string& request_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(request_id);
    return found == calls_.end() ? std::nullopt : std::optional(found->second);
  }
  void remember(const std::string& request_id, const std::string& call) {
    const std::lock_guard lock(mutex_);
    if (!calls_.emplace(request_id, call).second) return;
    in_order_.push_back(request_id);
    if (in_order_.size() <= most) return;
    calls_.erase(in_order_.front());
    in_order_.pop_front();
  }

 private:
  static constexpr std::size_t most = 10000;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::string> calls_;  // request id to call
  std::deque<std::string> in_order_;
};

}  // namespace jackfield::services

#endif
