// SPDX-License-Identifier: Apache-2.0
// What the store needs of SQLite beyond Poco Data: sessions with our settings, and errors in words.
#ifndef JACKFIELD_STORE_SQLITE_SESSION_HPP
#define JACKFIELD_STORE_SQLITE_SESSION_HPP

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

// Many rows, read without the copies that Poco's extractors make of each (100,000 rows: 0.1 s instead of 0.5 s).
// Views are valid until the next call of next().
class Rows {
 public:
  // Throws as a Poco statement does.
  Rows(Poco::Data::Session&, const std::string& sql);
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  void bind(int index, std::int64_t value);
  void bind(int index, const std::string& text);
  bool next();
  void reset();  // for other bound values
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;

 private:
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
