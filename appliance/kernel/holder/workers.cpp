// SPDX-License-Identifier: Apache-2.0
// A small bounded thread pool.
#include "workers.hpp"

#include <utility>

namespace jackfield::kernel {

Workers::~Workers() {
  cancelWaiting();
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool Workers::submit(Job job) {
  const std::lock_guard lock(mutex_);
  if (queue_.size() >= waiting_limit) return false;
  queue_.push_back(std::move(job));
  if (idle_ < queue_.size() && threads_.size() < limit_) threads_.emplace_back([this] { work(); });
  changed_.notify_one();
  return true;
}

void Workers::cancelWaiting() {
  std::deque<Job> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(queue_);
  }
  for (auto& job : waiting) job.done(false);
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return quit_ || !queue_.empty(); });
    --idle_;
    if (quit_) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job.run();
    job.done(true);
    job = {};
    lock.lock();
  }
}

}  // namespace jackfield::kernel
