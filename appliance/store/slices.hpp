// SPDX-License-Identifier: Apache-2.0
// A long write, a synchronisation say, cut into slices so short that nobody beside it waits.
#ifndef JACKFIELD_STORE_SLICES_HPP
#define JACKFIELD_STORE_SLICES_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>

#include "store/database.hpp"

namespace jackfield::store {

// Slices on their way through the writer: few at a time, and each about as long as `slice_time`. One thread submits.
class Slices {
 public:
  explicit Slices(Database& database) : database_(database) {}
  ~Slices() { drain(); }
  Slices(const Slices&) = delete;
  Slices& operator=(const Slices&) = delete;

  std::size_t rows() const { return rows_; }

  void submit(std::size_t rows, const Work& work) {
    {
      std::unique_lock lock(mutex_);
      done_.wait(lock, [this] { return queued_ < most_queued; });
      if (failure_) std::rethrow_exception(failure_);
      ++queued_;
    }
    database_.writeLater(
        [this, rows, work](Poco::Data::Session& session) {
          const auto began = std::chrono::steady_clock::now();
          work(session);
          adapt(rows, std::chrono::steady_clock::now() - began);
        },
        [this](const std::exception_ptr& failure) {
          const std::lock_guard lock(mutex_);
          --queued_;
          if (failure) failure_ = failure;
          done_.notify_all();
        },
        Durability::ordered);
  }

  void finish() {
    drain();
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr int most_queued = 2;  // whoever writes beside a synchronisation waits for no more
  static constexpr auto slice_time = std::chrono::microseconds(2500);

  void adapt(std::size_t rows, std::chrono::steady_clock::duration took) {
    const auto us = std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    const auto fitting = static_cast<std::int64_t>(rows) * slice_time.count() / us;
    rows_ = static_cast<std::size_t>(std::clamp<std::int64_t>(fitting, 16, 1000));
  }
  void drain() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return queued_ == 0; });
  }

  Database& database_;
  std::atomic<std::size_t> rows_{64};
  std::mutex mutex_;
  std::condition_variable done_;
  int queued_ = 0;
  std::exception_ptr failure_;
};

}  // namespace jackfield::store

#endif
