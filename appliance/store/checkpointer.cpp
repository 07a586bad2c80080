// SPDX-License-Identifier: Apache-2.0
// Passive checkpoints beside the writer; when the log has grown all the same, one that makes it start anew.
#include "store/checkpointer.hpp"

#include <chrono>

#include <sqlite3.h>

#include "store/sqlite_session.hpp"

namespace jackfield::store {

namespace {

constexpr std::uint64_t passive_pages = 8'000;   // 32 MiB
constexpr std::uint64_t restart_pages = 16'000;  // 64 MiB: a steady stream of commits never lets the log start anew
constexpr auto pause = std::chrono::milliseconds(100);

}  // namespace

Checkpointer::Checkpointer(const std::filesystem::path& file) : session_(openSession(file, Access::readWrite)) {
  // With TRUNCATE the writer is held while readers finish: rather give up at once and come again.
  execute(*session_, "PRAGMA busy_timeout=2");
  thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Checkpointer::logHas(std::uint64_t pages) {
  {
    const std::lock_guard lock(mutex_);
    pages_ = pages;
    if (due_ || pages < passive_pages) return;
    due_ = true;
  }
  wake_.notify_one();
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || due_; });
    if (stopping_) return;
    const auto pages = pages_;
    lock.unlock();
    checkpoint(pages);
    lock.lock();
    due_ = false;
    wake_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

// What fails here (a reader in the way, a full disk) is tried again after a later commit; the log keeps everything.
void Checkpointer::checkpoint(std::uint64_t pages) {
  sqlite3* db = handleOf(*session_);
  int left = 0;
  int moved = 0;
  sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_PASSIVE, &left, &moved);
  if (pages > restart_pages) sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_TRUNCATE, &left, &moved);
}

}  // namespace jackfield::store
