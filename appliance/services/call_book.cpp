// SPDX-License-Identifier: Apache-2.0
// The live calls in memory.
#include "services/call_book.hpp"

namespace jackfield::services {
namespace {

// At 300 calls a second this is the last half minute: longer than any repetition on the wire.
constexpr std::size_t remembered_ends = 10000;

}  // namespace

CallBook::Entry CallBook::find(const std::string& server, const std::string& call) const {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find({server, call});
  return found == calls_.end() ? nullptr : found->second;
}

CallBook::Entry CallBook::ofUser(const std::string& user, const std::string& call) const {
  const std::lock_guard lock(mutex_);
  const auto own = of_user_.find(user);
  if (own == of_user_.end()) return nullptr;
  for (const auto& key : own->second)
    if (key.second == call) return calls_.at(key);
  return nullptr;
}

std::vector<CallBook::Entry> CallBook::ofUser(const std::string& user) const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> out;
  if (const auto own = of_user_.find(user); own != of_user_.end())
    for (const auto& key : own->second) out.push_back(calls_.at(key));
  return out;
}

std::vector<CallBook::Entry> CallBook::ofServer(const std::string& server) const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> out;
  for (auto at = calls_.lower_bound({server, {}}); at != calls_.end() && at->first.first == server; ++at)
    out.push_back(at->second);
  return out;
}

std::size_t CallBook::size() const {
  const std::lock_guard lock(mutex_);
  return calls_.size();
}

void CallBook::put(const Entry& entry) {
  const std::lock_guard lock(mutex_);
  const Key key{entry->server, entry->call.id};
  auto& place = calls_[key];
  if (place) unlink(*place);
  place = entry;
  for (const auto& user : entry->audience) of_user_[user].insert(key);
}

void CallBook::end(const std::string& server, const std::string& call) {
  const std::lock_guard lock(mutex_);
  const Key key{server, call};
  if (const auto found = calls_.find(key); found != calls_.end()) {
    unlink(*found->second);
    calls_.erase(found);
  }
  if (!ended_.insert(key).second) return;
  ended_in_order_.push_back(key);
  if (ended_in_order_.size() <= remembered_ends) return;
  ended_.erase(ended_in_order_.front());
  ended_in_order_.pop_front();
}

bool CallBook::ended(const std::string& server, const std::string& call) const {
  const std::lock_guard lock(mutex_);
  return ended_.contains({server, call});
}

void CallBook::unlink(const LiveCallEntry& entry) {
  for (const auto& user : entry.audience) {
    const auto own = of_user_.find(user);
    if (own == of_user_.end()) continue;
    own->second.erase({entry.server, entry.call.id});
    if (own->second.empty()) of_user_.erase(own);
  }
}

}  // namespace jackfield::services
