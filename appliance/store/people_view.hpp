// SPDX-License-Identifier: Apache-2.0
// What has to be known of every visible entry without touching the disk, packed: about 130 octets an entry. Made at a
// generation switch and never changed afterwards; readers hold on to the one they began with. Any thread.
#ifndef JACKFIELD_STORE_PEOPLE_VIEW_HPP
#define JACKFIELD_STORE_PEOPLE_VIEW_HPP

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jackfield::store {

class Database;

// Entries are named by their rank: their place in the order of names, from 0.
class PeopleView {
 public:
  struct Entry {
    std::uint32_t number = 0;  // of the row
    std::uint32_t directory = 0;
    bool is_user = false;
    std::string_view id, name, login, extension;  // valid as long as the view
  };

  // No generation may be switched meanwhile.
  explicit PeopleView(const Database&);

  std::uint32_t size() const { return static_cast<std::uint32_t>(packed_.size()); }
  std::uint32_t users() const { return users_; }
  Entry entry(std::uint32_t rank) const;
  bool isUser(std::uint32_t rank) const { return packed_[rank].is_user; }
  std::uint32_t numberOf(std::uint32_t rank) const { return packed_[rank].number; }
  std::optional<std::uint32_t> byId(std::string_view id) const;
  // Of ascending row numbers those that are visible, as ranks.
  std::vector<std::uint32_t> ranksOf(const std::vector<std::uint32_t>& numbers) const;

  // Everybody with exactly these digits; each rank once.
  std::vector<std::uint32_t> exactly(const std::string& digits) const;
  // Everybody who shares the longest end with these digits, when that is at least `least` digits long.
  std::vector<std::uint32_t> byEnd(const std::string& digits, std::size_t least) const;

 private:
  struct Packed {
    std::uint32_t number;
    std::uint32_t text;  // where id, name, login and extension begin, each with a NUL behind
    std::uint16_t directory;
    bool is_user;
  };
  struct Loading;  // entries until all are in order
  // Digits from the last to the first, four bits each (digit + 1, 0 behind the last), the last digit in the highest
  // bits: numbers with a common end stand side by side.
  struct Number {
    std::uint64_t key;
    std::uint32_t rank;
  };
  static std::uint64_t keyOf(std::string_view digits);
  std::vector<std::uint32_t> ranksBetween(std::uint64_t low, std::uint64_t high) const;
  void addNumbers(std::string_view digits, std::uint32_t rank);

  std::vector<Packed> packed_;
  std::string texts_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> by_number_;  // row number, rank
  std::vector<std::pair<std::uint64_t, std::uint32_t>> by_id_;      // hash, rank
  std::vector<Number> numbers_;
  std::uint32_t users_ = 0;
};

}  // namespace jackfield::store

#endif
