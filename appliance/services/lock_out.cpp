// SPDX-License-Identifier: Apache-2.0
// The lock-out's arithmetic: the failure that reaches the limit locks for lock_first, each one after it twice as long.
#include "services/lock_out.hpp"

#include <algorithm>

namespace jackfield::services {
namespace {

constexpr std::int64_t one_minute = 60000;

}  // namespace

LockOut::LockOut(const Limits& limits) : limits_(limits) {}

std::int64_t LockOut::begin(const std::string& login, const std::string& address, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  auto& by_login = of(logins_, login, now);
  auto& by_address = of(addresses_, address, now);
  if (now - by_address.minute >= one_minute) {
    by_address.minute = now;
    by_address.in_minute = 0;
  }
  const std::int64_t locked = std::max(by_login.locked_until, by_address.locked_until) - now;
  if (locked > 0) return locked;
  if (by_address.in_minute >= limits_.attempts_of_address) return by_address.minute + one_minute - now;
  ++by_address.in_minute;
  count(by_login, limits_.failures_of_login, now);
  count(by_address, limits_.failures_of_address, now);
  return 0;
}

void LockOut::count(Tries& tries, unsigned allowed, std::int64_t now) const {
  tries.last = now;
  if (++tries.failures < allowed) return;
  // 40 doublings are beyond any longest lock.
  const unsigned doublings = std::min(tries.failures - allowed, 40U);
  const std::int64_t longest = limits_.lock_longest.count();
  const std::int64_t first = std::max<std::int64_t>(limits_.lock_first.count(), 1);
  tries.locked_until = now + (first > (longest >> doublings) ? longest : first << doublings);
}

void LockOut::succeeded(const std::string& login, const std::string& address) {
  const std::lock_guard lock(mutex_);
  logins_.erase(login);
  takeBack(addresses_, address);
}

void LockOut::undecided(const std::string& login, const std::string& address) {
  const std::lock_guard lock(mutex_);
  takeBack(logins_, login);
  takeBack(addresses_, address);
}

void LockOut::takeBack(Map& map, const std::string& key) {
  const auto found = map.find(key);
  if (found == map.end()) return;
  found->second.failures -= found->second.failures > 0 ? 1 : 0;
  found->second.locked_until = 0;
}

LockOut::Tries& LockOut::of(Map& map, const std::string& key, std::int64_t now) {
  const std::int64_t forgotten = now - limits_.failures_forgotten.count();
  if (map.size() >= limits_.tracked_failures && !map.contains(key)) {
    std::erase_if(map, [&](const auto& entry) { return entry.second.last < forgotten; });
    // Still full: somebody tries many names. Those that are not locked go first, so that no lock is lost to it.
    if (map.size() >= limits_.tracked_failures)
      std::erase_if(map, [&](const auto& entry) { return entry.second.locked_until <= now; });
    if (map.size() >= limits_.tracked_failures) map.erase(map.begin());
  }
  auto& tries = map[key];
  if (tries.last < forgotten && tries.locked_until <= now) {
    tries.failures = 0;
    tries.locked_until = 0;
  }
  return tries;
}

std::size_t LockOut::tracked() const {
  const std::lock_guard lock(mutex_);
  return logins_.size() + addresses_.size();
}

}  // namespace jackfield::services
