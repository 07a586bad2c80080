// SPDX-License-Identifier: Apache-2.0
// The worker threads of one instance, for libraries that block. Threads begin with the first job.
#ifndef JACKFIELD_KERNEL_HOLDER_WORKERS_HPP
#define JACKFIELD_KERNEL_HOLDER_WORKERS_HPP

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace jackfield::kernel {

class Workers {
 public:
  static constexpr std::size_t waiting_limit = 1024;

  struct Job {
    std::function<void()> run;
    std::function<void(bool begun)> done;  // called on the worker, or by cancelWaiting()
  };

  explicit Workers(unsigned threads) : limit_(threads) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  unsigned threads() const { return limit_; }
  // False: too many wait.
  bool submit(Job job);
  // Jobs not begun get done(false).
  void cancelWaiting();

 private:
  void work();

  const unsigned limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> queue_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool quit_ = false;
};

}  // namespace jackfield::kernel

#endif
