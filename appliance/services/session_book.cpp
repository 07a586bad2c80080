// SPDX-License-Identifier: Apache-2.0
// The sessions in memory.
#include "services/session_book.hpp"

#include <algorithm>
#include <set>

namespace jackfield::services {

SessionBook::SessionBook(const Limits& limits) : limits_(limits) {}

bool SessionBook::expired(const store::SessionRecord& session, std::int64_t now) const {
  // A program may be silent for weeks; a browser that is left alone is not.
  return now >= session.expires || (!session.program && now - session.used >= limits_.session_idle.count());
}

bool SessionBook::inUse(const store::SessionRecord& session, std::int64_t now) const {
  return now < session.expires && now - session.used < limits_.session_idle.count();
}

void SessionBook::restore(store::SessionRecord session) {
  const std::lock_guard lock(mutex_);
  const auto hash = session.token_hash;
  hash_of_id_[session.id] = hash;
  hashes_of_user_[session.user_id].push_back(hash);
  by_hash_[hash].record = std::move(session);
}

bool SessionBook::add(const store::SessionRecord& session, std::int64_t now, std::vector<store::SessionRecord>& ended) {
  const std::lock_guard lock(mutex_);
  auto& own = hashes_of_user_[session.user_id];
  // People beyond the limit can only be there when so many have sessions at all: the exact count is rarely needed.
  const bool crowded = (limits_.count_every_session ? by_hash_.size() : hashes_of_user_.size()) > limits_.active_users;
  const auto& others_only = limits_.count_every_session ? std::string() : session.user_id;
  const bool refused = (limits_.count_every_session ? by_hash_.size() >= limits_.active_users : crowded) &&
                       countActive(now, others_only) >= limits_.active_users;
  if (refused || by_hash_.size() >= limits_.sessions_in_all) {
    if (own.empty()) hashes_of_user_.erase(session.user_id);
    return false;
  }
  if (own.size() >= limits_.sessions_of_user)
    if (auto oldest = erase(std::string(own.front()))) ended.push_back(*std::move(oldest));
  hash_of_id_[session.id] = session.token_hash;
  hashes_of_user_[session.user_id].push_back(session.token_hash);
  by_hash_[session.token_hash].record = session;
  return true;
}

std::size_t SessionBook::countActive(std::int64_t now, const std::string& but_user) const {
  std::set<std::string_view> people;
  std::size_t sessions = 0;
  for (const auto& [hash, entry] : by_hash_) {
    if (!inUse(entry.record, now) || (!but_user.empty() && entry.record.user_id == but_user)) continue;
    people.insert(entry.record.user_id);
    ++sessions;
  }
  return limits_.count_every_session ? sessions : people.size();
}

std::optional<store::SessionRecord> SessionBook::use(const std::string& token_hash, bool program, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_hash_.find(token_hash);
  if (found == by_hash_.end()) return std::nullopt;
  auto& [record, touched] = found->second;
  if (record.program != program || expired(record, now)) return std::nullopt;
  record.used = std::max(record.used, now);
  touched = true;
  return record;
}

std::optional<store::SessionRecord> SessionBook::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto hash = hash_of_id_.find(id);
  if (hash == hash_of_id_.end()) return std::nullopt;
  return by_hash_.at(hash->second).record;
}

std::optional<store::SessionRecord> SessionBook::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto hash = hash_of_id_.find(id);
  return hash == hash_of_id_.end() ? std::nullopt : erase(std::string(hash->second));
}

std::optional<store::SessionRecord> SessionBook::erase(const std::string& hash) {
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) return std::nullopt;
  auto record = std::move(found->second.record);
  by_hash_.erase(found);
  hash_of_id_.erase(record.id);
  if (const auto own = hashes_of_user_.find(record.user_id); own != hashes_of_user_.end()) {
    std::erase(own->second, hash);
    if (own->second.empty()) hashes_of_user_.erase(own);
  }
  return record;
}

std::vector<store::SessionRecord> SessionBook::removeExpired(std::int64_t now) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> hashes;
  for (const auto& [hash, entry] : by_hash_)
    if (expired(entry.record, now)) hashes.push_back(hash);
  std::vector<store::SessionRecord> out;
  for (const auto& hash : hashes)
    if (auto gone = erase(hash)) out.push_back(*std::move(gone));
  return out;
}

void SessionBook::replace(const store::SessionRecord& session) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_hash_.find(session.token_hash); found != by_hash_.end())
    found->second.record.roles = session.roles;
}

std::vector<store::SessionRecord> SessionBook::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<store::SessionRecord> out;
  out.reserve(by_hash_.size());
  for (const auto& [hash, entry] : by_hash_) out.push_back(entry.record);
  return out;
}

std::size_t SessionBook::size() const {
  const std::lock_guard lock(mutex_);
  return by_hash_.size();
}

std::size_t SessionBook::active(std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  return countActive(now, {});
}

std::vector<std::pair<std::string, std::int64_t>> SessionBook::takeTouched() {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::int64_t>> out;
  for (auto& [hash, entry] : by_hash_)
    if (std::exchange(entry.touched, false)) out.emplace_back(entry.record.id, entry.record.used);
  return out;
}

}  // namespace jackfield::services
