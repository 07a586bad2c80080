// SPDX-License-Identifier: Apache-2.0
// Opens SQLite sessions with the settings that the store's promises rest on, and says in words what goes wrong.
#include "store/sqlite_session.hpp"

#include <mutex>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Statement.h>
#include <sqlite3.h>

namespace jackfield::store {

using model::Problem;
namespace sqlite = Poco::Data::SQLite;

namespace {

template <class T>
bool is(const Poco::Exception& failed) {
  return dynamic_cast<const T*>(&failed) != nullptr;
}

void prepare(Poco::Data::Session& session, Access access) {
  execute(session, "PRAGMA busy_timeout=5000");
  execute(session, "PRAGMA temp_store=MEMORY");
  if (access == Access::readOnly) {
    execute(session, "PRAGMA query_only=1");
    execute(session, "PRAGMA cache_size=-2000");
    return;
  }
  // Reading the schema finds a file that is no database, or is cut off, before anything is written to it.
  integer(session, "SELECT count(*) FROM sqlite_master");
  execute(session, "PRAGMA journal_mode=WAL");
  execute(session, "PRAGMA synchronous=FULL");
  execute(session, "PRAGMA wal_autocheckpoint=0");
  execute(session, "PRAGMA foreign_keys=1");
  execute(session, "PRAGMA cache_size=-8000");
}

}  // namespace

std::unique_ptr<Poco::Data::Session> openSession(const std::filesystem::path& file, Access access) {
  static std::once_flag registered;
  std::call_once(registered, [] { sqlite::Connector::registerConnector(); });
  try {
    auto session = std::make_unique<Poco::Data::Session>("SQLite", file.string());
    prepare(*session, access);
    return session;
  } catch (const Poco::Exception& failed) {
    if (auto problem = storageProblem(failed, file); problem.code() != "store.failed")
      throw Problem(std::move(problem));
    throw Problem(Problem::Kind::unavailable, "store.open", file.string() + " cannot be opened: " + failed.message());
  }
}

sqlite3* handleOf(const Poco::Data::Session& session) {
  return sqlite::Utility::dbHandle(session);
}

void execute(Poco::Data::Session& session, const std::string& sql) {
  session << sql, Poco::Data::Keywords::now;
}

std::int64_t integer(Poco::Data::Session& session, const std::string& sql) {
  Poco::Int64 value = 0;
  session << sql, Poco::Data::Keywords::into(value), Poco::Data::Keywords::now;
  return value;
}

Prepared::Prepared(Poco::Data::Session& session, const std::string& sql) : database_(handleOf(session)) {
  const int failed = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement_, nullptr);
  if (failed != SQLITE_OK) sqlite::Utility::throwException(database_, failed, sql);
}

Prepared::~Prepared() {
  sqlite3_finalize(statement_);
}

void Prepared::bindInteger(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
}

void Prepared::bind(int index, std::string_view text, Lifetime lifetime) {
  // An empty view may have no data, which SQLite would take for NULL.
  const char* data = text.empty() ? "" : text.data();
  sqlite3_bind_text(statement_, index, data, static_cast<int>(text.size()),
                    lifetime == Lifetime::call ? SQLITE_STATIC : SQLITE_TRANSIENT);
}

bool Prepared::next() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  // The text of the error goes with the reset; without the reset the statement would hold its locks.
  try {
    sqlite::Utility::throwException(database_, result);
  } catch (...) {
    reset();
    throw;
  }
  return false;
}

void Prepared::reset() {
  sqlite3_reset(statement_);
}

std::int64_t Prepared::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Prepared::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
              : std::string_view();
}

Problem storageProblem(const Poco::Exception& failed, const std::filesystem::path& file) {
  const std::string name = file.string();
  const std::string& said = failed.message();
  const auto unavailable = Problem::Kind::unavailable;
  if (is<sqlite::DatabaseFullException>(failed))
    return {unavailable, "store.full",
            "the disk is full: " + name + " cannot grow; make space, it then goes on by itself"};
  if (is<sqlite::IOErrorException>(failed) || is<sqlite::ReadOnlyException>(failed))
    return {unavailable, "store.io",
            name + " cannot be written or read (" + said + "); look at the disk and at the file's owner"};
  if (is<sqlite::DBLockedException>(failed) || is<sqlite::TableLockedException>(failed) ||
      is<sqlite::LockProtocolException>(failed))
    return {unavailable, "store.busy", name + " is held by another program; close it, it then goes on by itself"};
  if (is<sqlite::CantOpenDBFileException>(failed) || is<Poco::Data::ConnectionFailedException>(failed))
    return {unavailable, "store.open",
            name + " cannot be opened (" + said + "); look at the folder's owner and rights"};
  if (is<sqlite::CorruptImageException>(failed) || said.find("not a database") != std::string::npos)
    return {unavailable, "store.damaged",
            name + " is damaged or is no database (" + said + "); restore it from a backup"};
  return {Problem::Kind::internal, "store.failed", name + ": " + failed.displayText()};
}

std::exception_ptr translated(std::exception_ptr thrown, const std::filesystem::path& file) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Poco::Data::DataException& failed) {
    return std::make_exception_ptr(storageProblem(failed, file));
  } catch (...) {
    return thrown;
  }
}

bool passing(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Problem& problem) {
    const auto& code = problem.code();
    return code == "store.full" || code == "store.io" || code == "store.busy";
  } catch (...) {
    return false;
  }
}

}  // namespace jackfield::store
