// SPDX-License-Identifier: Apache-2.0
// What the reading and the synchronising side of People share.
#ifndef JACKFIELD_STORE_PEOPLE_IMPL_HPP
#define JACKFIELD_STORE_PEOPLE_IMPL_HPP

#include <atomic>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "store/people.hpp"
#include "store/search_index.hpp"
#include "store/user_book.hpp"
#include "store/words.hpp"

namespace jackfield::store {

// Stands in `until` of an entry that has no end.
constexpr std::int64_t no_end = 9223372036854775807;

struct DirectoryState {
  std::int64_t number = 0;
  std::int64_t generation = 0;
  std::string cursor;
  std::string telephony_server;
};

struct People::Impl {
  explicit Impl(Database&);

  // Makes a row for a directory that is new.
  DirectoryState directory(const std::string& handle);
  // Rows of a generation that never came, and ends that were set for it.
  void removeLeftovers(const DirectoryState&);
  // Rows that nobody sees since the last switch; in slices, in the background.
  void removeEnded(const DirectoryState&);
  // What is visible in the database now, and putting it in the place of what is answered from memory.
  UserBook loadedBook() const;
  void show(UserBook fresh);
  // The index takes in what is new; it begins anew when it finds more entries that are gone than ones that are there.
  void follow(const DirectoryState&);
  // For the index: see SearchIndex::Source.
  std::vector<IndexedWords> gained(const SearchIndex::Generation&, std::uint32_t number) const;
  std::vector<SearchIndex::Generation> generations() const;

  std::shared_ptr<const PeopleView> view() const;
  std::vector<std::uint32_t> matching(const std::string& text, const PeopleView&, bool users_only) const;
  // Whole people in the order of the ranks; nullopt when one is gone from the disk since the view was made.
  std::optional<std::vector<directory::Person>> load(const PeopleView&, const std::vector<std::uint32_t>&) const;

  Database& database;
  mutable std::shared_mutex mutex;  // of book
  UserBook book;
  std::unique_ptr<SearchIndex> index;
  mutable std::mutex words_mutex;
  mutable Words words;
  std::mutex changes;  // one change of users or generations at a time; taken before `mutex`
  std::mutex runs_mutex;
  std::set<std::string> running;  // directories
  std::set<std::string> dirty;    // directories with leftovers
  std::atomic<std::uint32_t> next_number{1};
};

}  // namespace jackfield::store

#endif
