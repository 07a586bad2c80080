// SPDX-License-Identifier: Apache-2.0
// Runs queued writes in groups. A group is a transaction, a write in it is a savepoint: a write that throws is undone
// alone. When the disk refuses, the whole group is undone, and what must be kept stands in front of the queue again.
#include "store/writer.hpp"

#include <sqlite3.h>

namespace jackfield::store {

namespace {

using Clock = std::chrono::steady_clock;
// A group takes in writes for this long, so that none behind it waits much longer for the writer.
constexpr auto group_time = std::chrono::milliseconds(3);
constexpr auto pause_after_failure = std::chrono::milliseconds(100);

std::string textOf(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& text) {
    return text.what();
  } catch (...) {
    return "unknown failure";
  }
}

// Each thread that is told gets an exception of its own.
std::exception_ptr copyOf(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const model::Problem& problem) {
    return std::make_exception_ptr(model::Problem(problem.kind(), problem.code(), problem.what(), problem.fields()));
  } catch (...) {
    return thrown;
  }
}

bool sameCommit(Durability a, Durability b) {
  return (a == Durability::ordered) == (b == Durability::ordered);
}

}  // namespace

Writer::Writer(std::filesystem::path file, std::unique_ptr<Poco::Data::Session> session,
               std::chrono::milliseconds batch, std::function<void(std::uint64_t)> committed)
    : file_(std::move(file)),
      session_(std::move(session)),
      begin_(*session_, "BEGIN IMMEDIATE"),
      commit_(*session_, "COMMIT"),
      savepoint_(*session_, "SAVEPOINT piece"),
      release_(*session_, "RELEASE piece"),
      back_(*session_, "ROLLBACK TO piece"),
      batch_(batch),
      committed_(std::move(committed)) {
  const auto count_pages = [](void* self, sqlite3*, const char*, int pages) {
    static_cast<Writer*>(self)->wal_pages_ = static_cast<std::uint64_t>(pages);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handleOf(*session_), count_pages, this);
  thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_all();
  thread_.join();
}

void Writer::add(Work work, Done done, Durability durability) {
  bool idle = false;
  {
    std::unique_lock lock(mutex_);
    if (!onWriterThread()) emptied_.wait(lock, [this] { return queue_.size() < most_waiting; });
    queue_.push_back({std::move(work), std::move(done), durability, nullptr});
    idle = std::exchange(idle_, false);
  }
  if (idle) filled_.notify_one();
}

std::string Writer::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

Database::Figures Writer::figures() const {
  const std::lock_guard lock(mutex_);
  auto figures = figures_;
  figures.waiting = queue_.size();
  figures.wal_pages = wal_pages_;
  return figures;
}

void Writer::run() {
  while (waitForWork()) runBatch();
}

// Commits that wait for the disk stand at least `batch_` apart: a lone write goes at once, a stream of them is
// gathered, without waking this thread for each. There is nothing to gather slices of bulk work for.
bool Writer::waitForWork() {
  std::unique_lock lock(mutex_);
  idle_ = queue_.empty();
  filled_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (queue_.empty()) return false;
  if (queue_.front().durability != Durability::ordered) {
    const auto due = last_commit_ + batch_;
    filled_.wait_until(lock, due, [this, due] { return stopping_ || Clock::now() >= due; });
  }
  if (!trouble_.empty()) filled_.wait_for(lock, pause_after_failure, [this] { return stopping_; });
  return true;
}

bool Writer::take(std::deque<Item>& batch, Durability kind) {
  const std::lock_guard lock(mutex_);
  if (queue_.empty() || !sameCommit(queue_.front().durability, kind)) return false;
  batch.push_back(std::move(queue_.front()));
  queue_.pop_front();
  emptied_.notify_one();
  return true;
}

void Writer::runBatch() {
  std::deque<Item> batch;
  std::exception_ptr failure;
  try {
    failure = runItems(batch);
    if (!failure) commit_.run();
  } catch (...) {
    failure = translated(std::current_exception(), file_);
  }
  last_commit_ = Clock::now();
  if (failure)
    fail(batch, failure);
  else
    finish(batch);
}

// Returns why the whole group cannot be, if so.
std::exception_ptr Writer::runItems(std::deque<Item>& batch) {
  const auto began = Clock::now();
  Durability kind;
  {
    const std::lock_guard lock(mutex_);
    kind = queue_.front().durability;
  }
  // The first is taken whatever the clock says: a busy machine may have held this thread up.
  while ((batch.empty() || Clock::now() - began < group_time) && take(batch, kind)) {
    if (batch.size() == 1) {
      setDurability(kind);
      begin_.run();
    }
    if (auto failure = runItem(batch.back())) return failure;
  }
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began).count();
  const std::lock_guard lock(mutex_);
  figures_.longest_us = std::max(figures_.longest_us, static_cast<std::uint64_t>(took));
  return nullptr;
}

std::exception_ptr Writer::runItem(Item& item) {
  savepoint_.run();
  try {
    item.work(*session_);
  } catch (...) {
    item.failure = translated(std::current_exception(), file_);
    // A full disk may have ended the transaction already; then there is nothing to go back to.
    if (passing(item.failure) || sqlite3_get_autocommit(handleOf(*session_)) != 0)
      return std::exchange(item.failure, nullptr);
    back_.run();
  }
  release_.run();
  return nullptr;
}

// Bulk slices are not synced one by one: the next full commit syncs the log up to and with them.
void Writer::setDurability(Durability wanted) {
  if (sameCommit(set_, wanted)) return;
  execute(*session_, wanted == Durability::ordered ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
  set_ = wanted;
}

void Writer::finish(std::deque<Item>& batch) {
  {
    const std::lock_guard lock(mutex_);
    trouble_.clear();
    figures_.writes += batch.size();
    ++figures_.commits;
  }
  committed_(wal_pages_);
  for (auto& item : batch)
    if (item.done) item.done(std::move(item.failure));
}

// What must be kept stands in front of the queue again. Whatever else waits behind it fails now rather than hang until
// somebody makes space.
void Writer::fail(std::deque<Item>& batch, const std::exception_ptr& why) {
  if (sqlite3_get_autocommit(handleOf(*session_)) == 0) sqlite3_exec(handleOf(*session_), "ROLLBACK", {}, {}, {});
  std::deque<Item> failed;
  {
    const std::lock_guard lock(mutex_);
    trouble_ = textOf(why);
    const bool again = passing(why) && !stopping_;
    std::deque<Item> waiting = std::exchange(queue_, {});
    for (auto* items : {&batch, &waiting})
      for (auto& item : *items) {
        const bool kept = item.durability == Durability::kept && !item.failure && again;
        (kept ? queue_ : failed).push_back(std::move(item));
      }
  }
  emptied_.notify_all();
  for (auto& item : failed)
    if (item.done) item.done(item.failure ? std::move(item.failure) : copyOf(why));
}

}  // namespace jackfield::store
