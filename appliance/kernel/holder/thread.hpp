// SPDX-License-Identifier: Apache-2.0
// An instance's thread [T]: a mailbox, timers and descriptor watches on one epoll. With "loop": "own" it lends itself
// to the plugin's run(), and the mailbox is emptied by dispatch().
#ifndef JACKFIELD_KERNEL_HOLDER_THREAD_HPP
#define JACKFIELD_KERNEL_HOLDER_THREAD_HPP

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "fd.hpp"

namespace jackfield::kernel {

class InstanceThread {
 public:
  using Fire = void (*)(void* context);
  using Ready = void (*)(void* context, std::uint32_t events);

  static constexpr std::size_t timer_limit = 100000;

  // name: at most 15 characters, as the kernel shows it.
  static std::shared_ptr<InstanceThread> begin(const std::string& name);
  ~InstanceThread();
  InstanceThread(const InstanceThread&) = delete;
  InstanceThread& operator=(const InstanceThread&) = delete;

  // [any]. Calls are made in order, never inside post().
  void post(std::function<void()> call);
  // [any]. Ends the thread after what was posted before, and waits for it.
  void finish();
  // [any]. Gives the thread up: it hangs in foreign code. It keeps what it uses, for the life of the process.
  static void abandon(std::shared_ptr<InstanceThread> self);

  bool current() const { return std::this_thread::get_id() == id_.load(std::memory_order_acquire); }

  // [T] below.

  // 0: the limit is reached.
  std::uint64_t setTimer(std::uint64_t delay_ms, Fire fire, void* context);
  void cancelTimer(std::uint64_t id);
  // False: the descriptor cannot be watched.
  bool watch(int fd, std::uint32_t events, Ready ready, void* context);
  void unwatch(int fd);

  // Calls run() when what is being delivered has returned; done() after it.
  void lend(std::function<void()> run, std::function<void()> done);
  bool lent() const { return in_run_; }
  // Readable while something waits for dispatch(): calls, or a descriptor that is watched.
  int mailboxFd() const { return epoll_.get(); }
  // Tells the watches that are ready and delivers at most so many calls; 0: all that wait now. False: called inside
  // itself.
  bool dispatch(std::uint32_t at_most);

  // True while calls are delivered: what is sent now may wait for the end of the batch, when atBatchEnd() runs.
  bool inBatch() const { return in_batch_; }
  std::uint64_t atBatchEnd(std::function<void()> call);
  void removeBatchEnd(std::uint64_t id);

 private:
  struct Timer {
    std::uint64_t id;
    Fire fire;
    void* context;
  };
  struct Watch {
    Ready ready;
    void* context;
    std::uint32_t generation;
  };

  InstanceThread();
  void main();
  void turn();
  void tellWatches(int wait_ms);
  void deliver(std::size_t at_most);
  void fireTimers();
  void endBatch();
  int waitMs() const;

  Fd epoll_;
  Wake mailbox_;
  std::thread thread_;
  std::atomic<std::thread::id> id_;

  std::mutex mutex_;
  std::deque<std::function<void()>> queue_;

  // [T]
  std::multimap<std::uint64_t, Timer> timers_;  // by time in ms
  std::unordered_map<std::uint64_t, std::multimap<std::uint64_t, Timer>::iterator> timer_ids_;
  std::uint64_t last_timer_ = 0;
  std::unordered_map<int, Watch> watches_;
  std::uint32_t generation_ = 0;
  std::map<std::uint64_t, std::function<void()>> batch_ends_;
  std::uint64_t last_batch_end_ = 0;
  std::function<void()> run_;
  std::function<void()> run_done_;
  bool in_run_ = false;
  bool in_batch_ = false;
  bool quit_ = false;
};

// Milliseconds of CLOCK_MONOTONIC.
std::uint64_t monotonicMs();

}  // namespace jackfield::kernel

#endif
