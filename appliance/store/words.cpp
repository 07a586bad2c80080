// SPDX-License-Identifier: Apache-2.0
// Words by SQLite's FTS5 tokenizer, and the forms in which a phone number is searched.
#include "store/words.hpp"

#include <algorithm>
#include <stdexcept>

#include <sqlite3.h>

#include "model/phone_number.hpp"

namespace jackfield::store {

namespace {

constexpr std::size_t most_text = 200;      // octets of a question
constexpr std::size_t most_words = 16;      // of a question
constexpr std::size_t longest_field = 500;  // octets of a field that are searched

int addWord(void* out, int, const char* word, int size, int, int) {
  static_cast<std::vector<std::string>*>(out)->emplace_back(word, static_cast<std::size_t>(size));
  return SQLITE_OK;
}

// A number is known by all its digits and by what people dial of it: the last 7 and the last 4.
void addNumber(std::vector<std::string>& words, const std::string& digits) {
  words.push_back(digits);
  for (const std::size_t tail : {std::size_t{7}, std::size_t{4}})
    if (digits.size() >= 7 && digits.size() > tail) words.push_back(digits.substr(digits.size() - tail));
}

}  // namespace

struct Words::Impl {
  Impl() {
    if (sqlite3_open(":memory:", &database) != SQLITE_OK) throw std::runtime_error("SQLite has no memory");
    fts5_api* api = nullptr;
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, nullptr);
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
    sqlite3_finalize(statement);
    void* context = nullptr;
    const char* options[] = {"remove_diacritics", "2"};
    if (!api || api->xFindTokenizer(api, "unicode61", &context, &functions) != SQLITE_OK ||
        functions.xCreate(context, options, 2, &tokenizer) != SQLITE_OK)
      throw std::runtime_error("this SQLite has no full-text search (FTS5)");
  }
  ~Impl() {
    functions.xDelete(tokenizer);
    sqlite3_close(database);
  }

  sqlite3* database = nullptr;
  fts5_tokenizer functions{};
  Fts5Tokenizer* tokenizer = nullptr;
};

Words::Words() : impl_(std::make_unique<Impl>()) {}
Words::~Words() = default;

std::vector<std::string> Words::of(std::string_view text) {
  std::vector<std::string> out;
  text = text.substr(0, longest_field);
  impl_->functions.xTokenize(impl_->tokenizer, &out, FTS5_TOKENIZE_DOCUMENT, text.data(), static_cast<int>(text.size()),
                             addWord);
  return out;
}

std::string Words::of(const directory::Person& person) {
  std::vector<std::string> words;
  for (const auto* field :
       {&person.name, &person.given_name, &person.surname, &person.login, &person.mail, &person.mail2, &person.title,
        &person.department, &person.company, &person.location, &person.extension})
    if (!field->empty())
      for (auto& word : of(*field)) words.push_back(std::move(word));
  for (const auto& number : person.numbers) {
    for (auto& word : of(number.value)) words.push_back(std::move(word));
    if (auto digits = model::digitsOf(model::normalisedNumber(number.value)); !digits.empty()) addNumber(words, digits);
  }
  std::string out;
  for (auto word = words.begin(); word != words.end(); ++word)
    if (std::find(words.begin(), word, *word) == word) (out += out.empty() ? "" : " ") += *word;
  return out;
}

std::string Words::sortName(std::string_view name) {
  std::string out;
  for (const auto& word : of(name)) (out += out.empty() ? "" : " ") += word;
  return out;
}

std::string Words::question(const std::string& text) {
  const std::string used = text.substr(0, most_text);
  auto words = of(used);
  if (words.size() > most_words) words.resize(most_words);
  std::string out;
  // Words hold letters and digits alone: nothing in them can mean anything to the index's query language.
  for (const auto& word : words) out += (out.empty() ? "\"" : " AND \"") + word + "\" *";
  const std::string digits = model::digitsOf(model::normalisedNumber(used));
  if (digits.size() >= 3 && words.size() > 1) out = "(" + out + ") OR \"" + digits + "\" *";
  return out;
}

std::string digitsOf(const directory::Person& person) {
  std::string out;
  for (const auto& number : person.numbers) {
    const auto digits = model::digitsOf(model::normalisedNumber(number.value));
    if (!digits.empty()) (out += out.empty() ? "" : " ") += digits;
  }
  return out;
}

}  // namespace jackfield::store
