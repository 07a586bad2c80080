// SPDX-License-Identifier: Apache-2.0
// The one writer of a database: a queue, a thread, and groups of writes that share one commit.
#ifndef JACKFIELD_STORE_WRITER_HPP
#define JACKFIELD_STORE_WRITER_HPP

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "store/database.hpp"
#include "store/sqlite_session.hpp"

namespace jackfield::store {

class Writer {
 public:
  Writer(std::filesystem::path file, std::unique_ptr<Poco::Data::Session>, std::chrono::milliseconds batch,
         std::function<void(std::uint64_t wal_pages)> committed);
  ~Writer();  // commits what is queued; what the disk still refuses then fails

  void add(Work, Done, Durability);
  bool onWriterThread() const { return std::this_thread::get_id() == thread_.get_id(); }
  std::string trouble() const;
  Database::Figures figures() const;

 private:
  struct Item {
    Work work;
    Done done;
    Durability durability;
    std::exception_ptr failure;
  };

  void run();
  bool waitForWork();
  bool take(std::deque<Item>& batch, Durability kind);
  void runBatch();
  std::exception_ptr runItems(std::deque<Item>& batch);
  std::exception_ptr runItem(Item&);
  void setDurability(Durability);
  void finish(std::deque<Item>& batch);
  void fail(std::deque<Item>& batch, const std::exception_ptr& why);

  static constexpr std::size_t most_waiting = 100'000;

  const std::filesystem::path file_;
  std::unique_ptr<Poco::Data::Session> session_;
  Prepared begin_, commit_, savepoint_, release_, back_;
  const std::chrono::milliseconds batch_;
  const std::function<void(std::uint64_t)> committed_;
  Durability set_ = Durability::full;
  std::chrono::steady_clock::time_point last_commit_{};

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable emptied_;
  std::deque<Item> queue_;
  bool idle_ = false;  // the thread waits for something to write
  bool stopping_ = false;
  std::string trouble_;
  Database::Figures figures_;
  std::atomic<std::uint64_t> wal_pages_{0};
  std::thread thread_;
};

}  // namespace jackfield::store

#endif
