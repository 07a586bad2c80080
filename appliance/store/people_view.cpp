// SPDX-License-Identifier: Apache-2.0
// Loads the visible entries and sorts what is looked up.
#include "store/people_view.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <future>
#include <utility>

#include "model/phone_number.hpp"
#include "store/database.hpp"
#include "store/sqlite_session.hpp"

namespace jackfield::store {

namespace {

constexpr std::size_t key_digits = 16;

std::uint64_t hashOf(std::string_view id) {
  return std::hash<std::string_view>{}(id);
}

// The first eight octets, so that smaller is earlier: nearly always enough to order two names.
std::uint64_t beginOf(std::string_view text) {
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < sizeof begin; ++i)
    begin = begin << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
  return begin;
}

}  // namespace

// What is needed of entries until all are in order. Their texts stand behind each other, because strings of their own
// would cost more than to read the rows.
struct PeopleView::Loading {
  struct Entry {
    std::uint64_t id;             // hash
    std::uint64_t begin;          // of the sort name
    std::uint32_t order, digits;  // where they begin
    Packed packed;
  };
  std::vector<Entry> entries;
  std::string texts, orders, digits;

  auto earlier() const {
    return [this](const Entry& a, const Entry& b) {
      if (a.begin != b.begin) return a.begin < b.begin;
      const int order = std::strcmp(orders.c_str() + a.order, orders.c_str() + b.order);
      return order != 0 ? order < 0 : a.packed.number < b.packed.number;
    };
  }

  // The visible rows with these numbers, in order.
  void read(Poco::Data::Session& session, std::int64_t from, std::int64_t to) {
    Prepared rows(session,
                  "SELECT p.number, p.directory, p.is_user, p.id, p.name, p.login, p.extension, p.digits, p.sort_name "
                  "FROM people p JOIN directories d ON d.number = p.directory "
                  "WHERE p.number >= $1 AND p.number < $2 AND p.since <= d.generation AND p.until > d.generation");
    rows.ask(from, to);
    while (rows.next()) {
      Entry entry;
      entry.packed = {static_cast<std::uint32_t>(rows.integer(0)), static_cast<std::uint32_t>(texts.size()),
                      static_cast<std::uint16_t>(rows.integer(1)), rows.integer(2) != 0};
      for (int column = 3; column <= 6; ++column) texts.append(rows.text(column)) += '\0';
      entry.id = hashOf(rows.text(3));
      entry.digits = static_cast<std::uint32_t>(digits.size());
      digits += rows.text(7);
      // A contact's extension is a number like any other; a user's is looked up as it is in force.
      if (!entry.packed.is_user) (digits += ' ') += model::digitsOf(rows.text(6));
      digits += '\0';
      entry.begin = beginOf(rows.text(8));
      entry.order = static_cast<std::uint32_t>(orders.size());
      orders.append(rows.text(8)) += '\0';
      entries.push_back(entry);
    }
    std::sort(entries.begin(), entries.end(), earlier());
  }

  void append(Loading other) {
    for (auto& entry : other.entries) {
      entry.packed.text += static_cast<std::uint32_t>(texts.size());
      entry.order += static_cast<std::uint32_t>(orders.size());
      entry.digits += static_cast<std::uint32_t>(digits.size());
    }
    texts += other.texts;
    orders += other.orders;
    digits += other.digits;
    const auto middle = static_cast<std::ptrdiff_t>(entries.size());
    entries.insert(entries.end(), other.entries.begin(), other.entries.end());
    std::inplace_merge(entries.begin(), entries.begin() + middle, entries.end(), earlier());
  }
};

// Two threads read a half of the rows each: a synchronisation and the start of the host wait for this.
PeopleView::PeopleView(const Database& database) {
  std::int64_t first = 0, end = 0;
  database.read([&](Poco::Data::Session& session) {
    Prepared rows(session, "SELECT coalesce(min(number), 0), coalesce(max(number), 0) + 1 FROM people");
    if (!rows.next()) return;
    first = rows.integer(0);
    end = rows.integer(1);
  });
  const auto half = [&database](std::int64_t from, std::int64_t to) {
    Loading out;
    database.read([&](Poco::Data::Session& session) { out.read(session, from, to); });
    return out;
  };
  const std::int64_t middle = first + (end - first) / 2;
  auto later = std::async(std::launch::async, half, middle, end);
  Loading loaded = half(first, middle);
  loaded.append(later.get());

  texts_ = std::move(loaded.texts);
  texts_.shrink_to_fit();
  packed_.reserve(loaded.entries.size());
  by_number_.reserve(loaded.entries.size());
  by_id_.reserve(loaded.entries.size());
  for (const auto& entry : loaded.entries) {
    const auto rank = size();
    packed_.push_back(entry.packed);
    users_ += entry.packed.is_user ? 1 : 0;
    by_number_.emplace_back(entry.packed.number, rank);
    by_id_.emplace_back(entry.id, rank);
    addNumbers(loaded.digits.c_str() + entry.digits, rank);
  }
  auto sorted = std::async(std::launch::async, [this] {
    std::sort(by_number_.begin(), by_number_.end());
    std::sort(by_id_.begin(), by_id_.end());
  });
  std::sort(numbers_.begin(), numbers_.end(),
            [](const Number& a, const Number& b) { return a.key != b.key ? a.key < b.key : a.rank < b.rank; });
  numbers_.shrink_to_fit();
  sorted.get();
}

void PeopleView::addNumbers(std::string_view digits, std::uint32_t rank) {
  while (!digits.empty()) {
    const auto end = std::min(digits.find(' '), digits.size());
    if (end > 0) numbers_.push_back({keyOf(digits.substr(0, end)), rank});
    digits.remove_prefix(std::min(end + 1, digits.size()));
  }
}

PeopleView::Entry PeopleView::entry(std::uint32_t rank) const {
  const auto& packed = packed_[rank];
  Entry out{packed.number, packed.directory, packed.is_user, {}, {}, {}, {}};
  const char* text = texts_.data() + packed.text;
  for (auto* field : {&out.id, &out.name, &out.login, &out.extension}) {
    *field = text;
    text += field->size() + 1;
  }
  return out;
}

std::optional<std::uint32_t> PeopleView::byId(std::string_view id) const {
  const auto hash = hashOf(id);
  for (auto at = std::lower_bound(by_id_.begin(), by_id_.end(), std::pair(hash, std::uint32_t{0}));
       at != by_id_.end() && at->first == hash; ++at)
    if (entry(at->second).id == id) return at->second;
  return std::nullopt;
}

std::vector<std::uint32_t> PeopleView::ranksOf(const std::vector<std::uint32_t>& numbers) const {
  std::vector<std::uint32_t> out;
  out.reserve(numbers.size());
  auto at = by_number_.begin();
  for (const auto number : numbers) {
    if (at != by_number_.end() && at->first < number) ++at;
    if (at != by_number_.end() && at->first < number)
      at = std::lower_bound(at, by_number_.end(), std::pair(number, std::uint32_t{0}));
    if (at != by_number_.end() && at->first == number) out.push_back(at->second);
  }
  return out;
}

std::uint64_t PeopleView::keyOf(std::string_view digits) {
  std::uint64_t key = 0;
  const auto used = std::min(digits.size(), key_digits);
  for (std::size_t i = 0; i < used; ++i) {
    const auto digit = static_cast<std::uint64_t>(digits[digits.size() - 1 - i] - '0') + 1;
    key |= digit << (4 * (key_digits - 1 - i));
  }
  return key;
}

std::vector<std::uint32_t> PeopleView::ranksBetween(std::uint64_t low, std::uint64_t high) const {
  std::vector<std::uint32_t> ranks;
  auto at = std::lower_bound(numbers_.begin(), numbers_.end(), low,
                             [](const Number& number, std::uint64_t key) { return number.key < key; });
  for (; at != numbers_.end() && at->key <= high; ++at) ranks.push_back(at->rank);
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

std::vector<std::uint32_t> PeopleView::exactly(const std::string& digits) const {
  if (digits.empty()) return {};
  return ranksBetween(keyOf(digits), keyOf(digits));
}

std::vector<std::uint32_t> PeopleView::byEnd(const std::string& digits, std::size_t least) const {
  const auto key = keyOf(digits);
  const auto above = std::lower_bound(numbers_.begin(), numbers_.end(), key,
                                      [](const Number& number, std::uint64_t wanted) { return number.key < wanted; });
  // The longest common end is with a neighbour in the order.
  const auto shared = [key](const Number& number) {
    return static_cast<std::size_t>(std::countl_zero(number.key ^ key)) / 4;
  };
  std::size_t longest = 0;
  if (above != numbers_.end()) longest = shared(*above);
  if (above != numbers_.begin()) longest = std::max(longest, shared(*std::prev(above)));
  longest = std::min({longest, key_digits, digits.size()});
  if (longest < least) return {};
  const std::uint64_t below = longest == key_digits ? 0 : ~std::uint64_t{0} >> (4 * longest);
  return ranksBetween(key & ~below, key | below);
}

}  // namespace jackfield::store
