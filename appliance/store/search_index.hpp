// SPDX-License-Identifier: Apache-2.0
// The full-text index over people, in a file and with a writer of its own: everything in it can be made anew, and no
// sign-in waits while 100,000 entries are indexed. It only grows; words of entries that are gone find numbers that
// nobody sees any more, until it is made anew.
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

  void add(std::vector<IndexedWords>);  // queued; waits when much is queued already
  void flush();                         // returns when all is on disk; throws what went wrong since the last flush
  // Everything goes, `each` gives what comes: one transaction, readers see the old until its end.
  void rebuild(const std::function<void(const std::function<void(const IndexedWords&)>&)>& each);

  // Numbers that match a question of Words, ascending.
  std::vector<std::uint32_t> find(const std::string& question) const;

 private:
  void load(const std::string& epoch);
  void insert(Poco::Data::Session&, const std::vector<IndexedWords>&);

  std::unique_ptr<Database> database_;
  std::atomic<std::uint32_t> last_{0};
  std::atomic<std::uint64_t> size_{0};
  std::mutex mutex_;
  std::condition_variable written_;
  int queued_ = 0;
  std::exception_ptr failure_;
};

}  // namespace jackfield::store

#endif
