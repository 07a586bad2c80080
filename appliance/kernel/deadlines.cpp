// SPDX-License-Identifier: Apache-2.0
// One thread, one ordered map.
#include "deadlines.hpp"

namespace jackfield::kernel {

Deadlines::Deadlines() : thread_([this] { main(); }) {}

Deadlines::~Deadlines() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Deadlines::Id Deadlines::at(Time time, std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  const Id id{time, ++last_};
  calls_.emplace(id, std::move(call));
  if (calls_.begin()->first == id) changed_.notify_all();
  return id;
}

void Deadlines::drop(const Id& id) {
  std::function<void()> dropped;  // destroyed after the lock: it may own things that call back
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  dropped = std::move(found->second);
  calls_.erase(found);
}

void Deadlines::main() {
  std::unique_lock lock(mutex_);
  while (!quit_) {
    if (calls_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const Time next = calls_.begin()->first.first;
    if (std::chrono::steady_clock::now() < next) {
      changed_.wait_until(lock, next);
      continue;
    }
    const auto call = std::move(calls_.begin()->second);
    calls_.erase(calls_.begin());
    lock.unlock();
    call();
    lock.lock();
  }
}

}  // namespace jackfield::kernel
