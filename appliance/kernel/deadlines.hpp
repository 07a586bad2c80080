// SPDX-License-Identifier: Apache-2.0
// Calls at a later time, on one thread of their own: the time-outs of requests must not depend on an instance's channel
// thread, which a slow receiver may hold up.
#ifndef JACKFIELD_KERNEL_DEADLINES_HPP
#define JACKFIELD_KERNEL_DEADLINES_HPP

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace jackfield::kernel {

// Any thread. Calls are short and do not throw.
class Deadlines {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Id = std::pair<Time, std::uint64_t>;

  Deadlines();
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  Id at(Time time, std::function<void()> call);
  // What runs already is not waited for.
  void drop(const Id& id);

 private:
  void main();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Id, std::function<void()>> calls_;
  std::uint64_t last_ = 0;
  bool quit_ = false;
  std::thread thread_;
};

}  // namespace jackfield::kernel

#endif
