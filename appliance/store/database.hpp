// SPDX-License-Identifier: Apache-2.0
// One SQLite database with one writer thread that commits in groups and any number of readers that never wait for it.
// WAL, synchronous=FULL: what a completed write said is on disk survives kill -9 and a pulled plug. Checkpoints run on
// a thread of their own, off the commit path. SQL uses $1, $2 ... ascending, each once (SQLite numbers by first
// appearance), so that the same text serves PostgreSQL later.
#ifndef JACKFIELD_STORE_DATABASE_HPP
#define JACKFIELD_STORE_DATABASE_HPP

#include <chrono>
#include <cstdint>
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

// What a write asks of the disk.
enum class Durability {
  full,     // done when it is on disk; fails with Problem(unavailable) when the disk is full or broken
  ordered,  // done when later reads see it; on disk with the next write that asks for more (slices of bulk work)
  kept      // as full, but a full or broken disk does not fail it: it is tried again until it is on disk
};

class Database {
 public:
  // Throws Problem: "store.open" (not readable), "store.damaged", "store.newer", "store.locked" (another process has
  // it). `batch` is the longest time that a write waits for company (0 to 5 ms); a lone write does not wait at all.
  Database(const std::filesystem::path& file, const std::vector<Migration>& migrations,
           std::chrono::milliseconds batch = std::chrono::milliseconds(2));
  ~Database();  // commits what is queued, then closes
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs work on the writer thread within a savepoint of its own and returns when it is on disk. Throws what work
  // threw (its changes are undone, its neighbours' stay), or Problem(unavailable, "store.full" or "store.io") when
  // the disk does not take it; then nothing of it is stored. Any thread but the writer's.
  void write(const Work& work);
  // The same without waiting. Writes take effect in the order of the calls. Beyond 100,000 waiting writes it blocks.
  // With Durability::kept the work may run more than once.
  void writeLater(Work work, Done done, Durability durability = Durability::full);
  // Runs work on a pooled read-only session with a stable snapshot. Any thread; at most 16 at a time, others wait.
  void read(const Work& work) const;

  // A consistent copy of what is committed, readable by its owner alone; it takes the place of what is there. Nobody
  // waits for it. Throws Problem(unavailable).
  void copyTo(const std::filesystem::path& copy) const;

  const std::filesystem::path& file() const;
  // Why the last batch could not be written, one sentence; empty when all is well. For readiness and alarms.
  std::string trouble() const;

  struct Figures {
    std::uint64_t writes = 0;      // pieces of work that are on disk
    std::uint64_t commits = 0;     // batches that they took
    std::uint64_t waiting = 0;     // now in the queue
    std::uint64_t wal_pages = 0;   // in the write-ahead log after the last commit, 4 KiB each
    std::uint64_t longest_us = 0;  // the longest that one batch held the writer, without the wait for the disk
  };
  Figures figures() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::store

#endif
