// SPDX-License-Identifier: Apache-2.0
// One SQLite database with one writer thread that commits in groups and any number of readers that never wait for it.
// WAL, synchronous=FULL: what a completed write said is on disk survives kill -9 and a pulled plug. Checkpoints run on
// a thread of their own, off the commit path. SQL uses $1, $2 ... ascending, each once (SQLite numbers by first
// appearance), so that the same text serves PostgreSQL later.
#ifndef JACKFIELD_STORE_DATABASE_HPP
#define JACKFIELD_STORE_DATABASE_HPP

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <Poco/Data/Session.h>

namespace jackfield::store {

using Work = std::function<void(Poco::Data::Session&)>;
// Called on the writer thread after the batch is on disk, or with what the work threw; must not block or throw.
using Done = std::function<void(std::exception_ptr)>;

// Migrations run once each, in order, forward only; the number reached stands in PRAGMA user_version. A database that
// is newer than this program is refused with a sentence that names both numbers.
struct Migration {
  int version;
  std::vector<std::string> statements;
};

class Database {
 public:
  // Throws Problem when the file cannot be opened, is damaged or is newer. `batch` is the longest time that a write
  // waits for company (0 to 5 ms).
  Database(const std::filesystem::path& file, const std::vector<Migration>& migrations,
           std::chrono::milliseconds batch = std::chrono::milliseconds(2));
  ~Database();  // commits what is queued, then closes
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs work on the writer thread within a savepoint of its own and returns when it is on disk. Throws what work
  // threw (its changes are undone, its neighbours' stay). Any thread but the writer's.
  void write(const Work& work);
  // The same without waiting. Writes take effect in the order of the calls. The queue is bounded by the caller's own
  // in-flight work; beyond 100,000 waiting writes it blocks.
  void writeLater(Work work, Done done);
  // Runs work on a pooled read-only session with a stable snapshot. Any thread.
  void read(const Work& work) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::store

#endif
