// SPDX-License-Identifier: Apache-2.0
// The full-text index over people, in a file and with a writer of its own: everything in it can be made anew, and no
// sign-in waits while 100,000 entries are indexed, nor the synchronisation that brings them. It follows the store
// generation by generation and only grows; words of entries that are gone find numbers that nobody sees any more, until
// it is made anew.
#ifndef JACKFIELD_STORE_SEARCH_INDEX_HPP
#define JACKFIELD_STORE_SEARCH_INDEX_HPP

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
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
  struct Generation {
    std::int64_t directory = 0;
    std::int64_t generation = 0;
  };
  // Some of the rows above `number` that the directory gained up to this generation, ascending; none when there are no
  // more. What a later generation adds has higher numbers. Called on the index's writer thread.
  using Source = std::function<std::vector<IndexedWords>(const Generation&, std::uint32_t number)>;

  // `epoch` is that of the database whose people it knows. A damaged file, or one of another database, is replaced.
  SearchIndex(const std::filesystem::path& file, const std::string& epoch, Source source);
  ~SearchIndex();

  // The highest number ever added, the number of additions. A number is added once.
  std::uint32_t last() const { return last_; }
  std::uint64_t size() const { return size_; }

  // Takes in, in the background, what the directory gained since it was followed last. A full disk delays it; what a
  // stop leaves is taken in by the first call after the next start.
  void follow(const Generation&);
  // Forgets all and follows these from their beginnings.
  void rebuild(const std::vector<Generation>&);

  // Numbers that match a question of Words, ascending. While something is still on its way into the index (a
  // synchronisation has just ended) it waits for that, 10 s at most.
  std::vector<std::uint32_t> find(const std::string& question) const;

 private:
  void load(const std::string& epoch);
  void takeSome(const Generation&);
  void insert(Poco::Data::Session&, const std::vector<IndexedWords>&);
  void begin();
  void done();

  const Source source_;
  std::atomic<std::uint32_t> last_{0};
  std::atomic<std::uint64_t> size_{0};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable followed_;
  int behind_ = 0;                      // calls of follow() and rebuild() that are not done
  std::unique_ptr<Database> database_;  // last: what it still has in its queue uses the others
};

}  // namespace jackfield::store

#endif
