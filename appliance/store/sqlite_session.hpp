// SPDX-License-Identifier: Apache-2.0
// What the store needs of SQLite beyond Poco Data: sessions with our settings, and errors in words.
#ifndef JACKFIELD_STORE_SQLITE_SESSION_HPP
#define JACKFIELD_STORE_SQLITE_SESSION_HPP

#include <concepts>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include "model/problem.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace jackfield::store {

enum class Access { readWrite, readOnly };

// Throws Problem("store.open", "store.damaged", "store.full", "store.io").
std::unique_ptr<Poco::Data::Session> openSession(const std::filesystem::path& file, Access access);

sqlite3* handleOf(const Poco::Data::Session&);
void execute(Poco::Data::Session&, const std::string& sql);
std::int64_t integer(Poco::Data::Session&, const std::string& sql);

// A statement that is prepared once and run many times, for hot paths: a Poco statement is parsed again each time it is
// executed, which costs more than the statement itself (an event of the journal: 150 us instead of 40). Throws as a
// Poco statement does, and can be used again afterwards. Goes before its session does.
class Prepared {
 public:
  Prepared(Poco::Data::Session&, const std::string& sql);
  ~Prepared();
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  // Runs a statement that gives no rows.
  template <class... Values>
  void run(const Values&... values) {
    bindAll(Lifetime::call, values...);
    next();
    reset();
  }
  // Begins a question; next() then goes from row to row. Views are valid until the next call of next() or ask().
  template <class... Values>
  void ask(const Values&... values) {
    bindAll(Lifetime::copied, values...);
  }
  bool next();
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  void reset();

 private:
  enum class Lifetime { call, copied };
  template <class... Values>
  void bindAll([[maybe_unused]] Lifetime lifetime, const Values&... values) {
    reset();
    [[maybe_unused]] int index = 0;
    (bind(++index, values, lifetime), ...);
  }
  template <std::integral Value>
  void bind(int index, Value value, Lifetime) {
    bindInteger(index, static_cast<std::int64_t>(value));
  }
  void bindInteger(int index, std::int64_t value);
  void bind(int index, std::string_view text, Lifetime);

  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

// The Problem for what SQLite said: full disk, input/output error, damage, lock. Codes start with "store.".
model::Problem storageProblem(const Poco::Exception&, const std::filesystem::path& file);
// What work threw, with Poco's database exceptions turned into Problems.
std::exception_ptr translated(std::exception_ptr, const std::filesystem::path& file);
// Whether trying again can help: no space, input/output error, lock.
bool passing(const std::exception_ptr&);

}  // namespace jackfield::store

#endif
