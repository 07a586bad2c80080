// SPDX-License-Identifier: Apache-2.0
// The full-text index over people, in a file and with a writer of its own: everything in it can be made anew, and no
// sign-in waits while 100,000 entries are indexed, nor the synchronisation that brings them. It only grows; words of
// entries that are gone find numbers that nobody sees any more, until it is made anew.
#ifndef JACKFIELD_STORE_SEARCH_INDEX_HPP
#define JACKFIELD_STORE_SEARCH_INDEX_HPP

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/database.hpp"

namespace jackfield::store {

struct IndexedWords {
  std::uint32_t number = 0;
  std::string words;
};

class SearchIndex {
 public:
  // `epoch` is that of the database whose people it knows. A damaged file, or one of another database, is replaced.
  SearchIndex(const std::filesystem::path& file, const std::string& epoch);
  ~SearchIndex();

  // The highest number ever added, the number of additions. A number is added once.
  std::uint32_t last() const { return last_; }
  std::uint64_t size() const { return size_; }

  // Queued, numbers ascending; a full disk delays it. Waits only when very much is queued already.
  void add(std::vector<IndexedWords>);
  // Everything goes, `each` gives what comes: one transaction, readers see the old until its end.
  void rebuild(const std::function<void(const std::function<void(const IndexedWords&)>&)>& each);

  // Numbers that match a question of Words, ascending. When entries up to `newest` are still on their way into the
  // index (a synchronisation has just ended) it waits for them, 10 s at most.
  std::vector<std::uint32_t> find(const std::string& question, std::uint32_t newest) const;

 private:
  void load(const std::string& epoch);
  void insert(Poco::Data::Session&, const std::vector<IndexedWords>&);

  std::atomic<std::uint32_t> last_{0};
  std::atomic<std::uint64_t> size_{0};
  mutable std::mutex mutex_;
  mutable std::condition_variable written_;
  int queued_ = 0;
  std::atomic<std::uint32_t> findable_{0};
  std::unique_ptr<Database> database_;  // last: what it still has in its queue uses the others
};

}  // namespace jackfield::store

#endif
