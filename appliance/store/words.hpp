// SPDX-License-Identifier: Apache-2.0
// Words of a text as the search index sees them: lower case, accents folded, split at whatever is no letter or digit.
// SQLite's own tokenizer does it, so that index and question can never differ.
#ifndef JACKFIELD_STORE_WORDS_HPP
#define JACKFIELD_STORE_WORDS_HPP

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <jackfield/directory.hpp>

namespace jackfield::store {

// One thread at a time.
class Words {
 public:
  Words();
  ~Words();
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  std::vector<std::string> of(std::string_view text);
  // What an entry is found by, the words of the name first, a space between; each word once.
  std::string of(const directory::Person&);
  // By which names are ordered: its words.
  std::string sortName(std::string_view name);
  // The question to the index: every word as a prefix, or the whole as the beginning of a number. Empty: the text has
  // neither letter nor digit.
  std::string question(const std::string& text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The arguments that make the index use the same words.
inline constexpr const char* tokenizer_options = "unicode61 remove_diacritics 2";

// The entry's numbers, normalised, digits alone, a space between.
std::string digitsOf(const directory::Person&);

}  // namespace jackfield::store

#endif
