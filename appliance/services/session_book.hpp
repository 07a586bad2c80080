// SPDX-License-Identifier: Apache-2.0
// The sessions in memory: found by the hash of their token, counted by person. Knows nothing of disks and directories.
#ifndef JACKFIELD_SERVICES_SESSION_BOOK_HPP
#define JACKFIELD_SERVICES_SESSION_BOOK_HPP

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/limits.hpp"
#include "store/configuration_store.hpp"

namespace jackfield::services {

// Any thread; one mutex, nothing is called while it is held.
class SessionBook {
 public:
  explicit SessionBook(const Limits&);

  // Adds a session that came from the store.
  void restore(store::SessionRecord);
  // Adds a new one unless it would be of one active person too many (CAP-003): false. A person's oldest session beyond
  // the limit for one person is taken out and returned in `ended`.
  bool add(const store::SessionRecord&, std::int64_t now, std::vector<store::SessionRecord>& ended);
  // The session of this token, used now. Nothing for an unknown, idle or expired one, and for one of the other kind.
  std::optional<store::SessionRecord> use(const std::string& token_hash, bool program, std::int64_t now);
  std::optional<store::SessionRecord> find(const std::string& id) const;
  std::optional<store::SessionRecord> remove(const std::string& id);
  std::vector<store::SessionRecord> removeExpired(std::int64_t now);
  void replace(const store::SessionRecord&);  // roles changed; of the same id and token

  std::vector<store::SessionRecord> all() const;
  std::size_t size() const;
  // Distinct people with a session in use, or sessions in use when every one counts (CAP-014).
  std::size_t active(std::int64_t now) const;
  // Sessions whose time of last use is not yet in the store, with that time.
  std::vector<std::pair<std::string, std::int64_t>> takeTouched();

 private:
  struct Entry {
    store::SessionRecord record;
    bool touched = false;
  };
  bool expired(const store::SessionRecord&, std::int64_t now) const;
  bool inUse(const store::SessionRecord&, std::int64_t now) const;
  std::size_t countActive(std::int64_t now, const std::string& but_user) const;
  std::optional<store::SessionRecord> erase(const std::string& hash);

  const Limits& limits_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> by_hash_;
  std::unordered_map<std::string, std::string> hash_of_id_;
  std::unordered_map<std::string, std::vector<std::string>> hashes_of_user_;  // oldest first
};

}  // namespace jackfield::services

#endif
