// SPDX-License-Identifier: Apache-2.0
// The lent services of testing::FakeHost: timers on a clock of the test's own, poll() for watches, a thread for a job,
// and a thread with a mailbox for "loop": "own".
#ifndef JACKFIELD_TESTING_FAKE_SERVICES_HPP
#define JACKFIELD_TESTING_FAKE_SERVICES_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <jackfield/abi/service/loop.h>
#include <jackfield/abi/service/timer.h>
#include <jackfield/abi/service/watch.h>
#include <jackfield/abi/service/work.h>

namespace jackfield::testing {

class FakeHost;

enum class FakeLoop { lent, own };
// manual: now_ms() moves by advance() alone. real: it follows the machine's clock, for tests with real servers.
enum class FakeClock { manual, real };

class FakeServices {
 public:
  // The tables carry no context of their own, so the services are found by their owner, the jf_host's impl.
  FakeServices(FakeHost& owner, FakeLoop loop, FakeClock clock)
      : owner_(&owner), loop_(loop), clock_(clock), mailbox_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    const std::lock_guard lock(registryMutex());
    registry()[owner_] = this;
    if (loop_ == FakeLoop::own)
      thread_ = std::thread([this] { threadMain(); });
    else
      thread_id_ = std::this_thread::get_id();
  }
  ~FakeServices() { close(); }
  FakeServices(const FakeServices&) = delete;
  FakeServices& operator=(const FakeServices&) = delete;

  void close() {
    if (mailbox_ < 0) return;
    for (auto& worker : workers_) worker.join();
    if (thread_.joinable()) {
      post([this] { quit_ = true; });
      thread_.join();
    }
    const std::lock_guard lock(registryMutex());
    registry().erase(owner_);
    ::close(std::exchange(mailbox_, -1));
  }

  // Hands a call to [T]; any thread.
  void post(std::function<void()> call) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(call));
    }
    signal();
    changed_.notify_all();
  }

  // Runs on [T] and waits for the end.
  void runOnThread(const std::function<void()>& call) {
    if (onThread()) return call();
    std::promise<void> done;
    post([&] {
      call();
      done.set_value();
    });
    if (done.get_future().wait_for(std::chrono::seconds(60)) != std::future_status::ready)
      throw std::runtime_error("the plugin's loop did not call dispatch() for 60 s");
  }

  void wake() { changed_.notify_all(); }

  bool runUntil(const std::function<bool()>& ready, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!ready()) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left <= std::chrono::nanoseconds::zero()) return false;
      const auto slice =
          std::min(std::chrono::duration_cast<std::chrono::milliseconds>(left), std::chrono::milliseconds(20));
      if (loop_ == FakeLoop::lent) {
        step(slice);
      } else {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, slice);
      }
    }
    return true;
  }

  void advance(std::chrono::milliseconds by) {
    const std::uint64_t end = now() + static_cast<std::uint64_t>(by.count());
    for (auto due = nextTimer(); due != timers_.end() && due->second.at <= end; due = nextTimer()) {
      offset_ += due->second.at > now() ? due->second.at - now() : 0;
      fireTimer(due);
      drain(0);
    }
    offset_ += end > now() ? end - now() : 0;
    drain(0);
  }

  std::uint64_t now() const {
    const auto real = std::chrono::steady_clock::now().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(real).count();
    return offset_ + (clock_ == FakeClock::real ? static_cast<std::uint64_t>(ms) : 1000);
  }

  const void* table(std::string_view name) const {
    static const jf_timer_service timer = {&setTimer, &cancelTimer};
    static const jf_watch_service watch = {&setWatch, &removeWatch};
    static const jf_work_service work = {&submitJob};
    static const jf_loop_service loop = {&setRun, &mailboxFd, &dispatch};
    if (name == JF_WORK_SERVICE) return &work;
    if (loop_ == FakeLoop::own) return name == JF_LOOP_SERVICE ? &loop : nullptr;
    if (name == JF_TIMER_SERVICE) return &timer;
    return name == JF_WATCH_SERVICE ? &watch : nullptr;
  }

  void setStopped(bool stopped) {
    stopped_ = stopped;
    if (!stopped) return;
    timers_.clear();
    watches_.clear();
  }

  // "loop": "own": [T] goes into the plugin's run() when start() gave one.
  void enterLoop() {
    if (loop_ == FakeLoop::own) post([this] { enter_ = run_ != nullptr; });
  }
  void leaveLoop() {
    if (loop_ == FakeLoop::lent) return;
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(60), [this] { return !in_run_ && !enter_; }))
      throw std::runtime_error("the plugin's run() did not return within 60 s of stop()");
    run_ = nullptr;
  }

  // Every job submitted gets its done().
  void finishJobs() {
    runUntil([this] { return jobs_ == 0; }, std::chrono::seconds(60));
    if (loop_ == FakeLoop::lent) drain(0);
  }

 private:
  struct Timer {
    std::uint64_t at;
    void(JF_CALL* fire)(void*);
    void* context;
  };
  struct Watch {
    std::uint32_t events;
    void(JF_CALL* ready)(void*, std::uint32_t);
    void* context;
  };

  static std::mutex& registryMutex() {
    static std::mutex mutex;
    return mutex;
  }
  static std::map<const void*, FakeServices*>& registry() {
    static std::map<const void*, FakeServices*> all;
    return all;
  }
  static FakeServices& of(const jf_host* host) {
    const std::lock_guard lock(registryMutex());
    return *registry().at(host->impl);
  }

  bool onThread() const { return std::this_thread::get_id() == thread_id_; }

  void signal() {
    const std::uint64_t one = 1;
    (void)!::write(mailbox_, &one, sizeof one);
  }

  // Delivers what waits; at most 0 means all that waits now.
  std::size_t drain(std::uint32_t at_most) {
    std::size_t done = 0;
    for (;; ++done) {
      std::function<void()> call;
      {
        const std::lock_guard lock(mutex_);
        if (queue_.empty()) {
          std::uint64_t counter = 0;
          (void)!::read(mailbox_, &counter, sizeof counter);
          return done;
        }
        if (at_most && done == at_most) return done;
        call = std::move(queue_.front());
        queue_.pop_front();
      }
      call();
      changed_.notify_all();
    }
  }

  void threadMain() {
    thread_id_ = std::this_thread::get_id();
    while (!quit_) {
      if (enter_) {
        in_run_ = true;
        enter_ = false;
        run_(run_context_);
        in_run_ = false;
        changed_.notify_all();
      }
      pollfd p{mailbox_, POLLIN, 0};
      ::poll(&p, 1, 1000);
      // One at a time: the one that asks for run() must be the last before it.
      while (!quit_ && !enter_ && drain(1)) {
      }
    }
  }

  std::map<std::uint64_t, Timer>::iterator nextTimer() {
    return std::min_element(timers_.begin(), timers_.end(),
                            [](const auto& a, const auto& b) { return a.second.at < b.second.at; });
  }
  void fireTimer(std::map<std::uint64_t, Timer>::iterator due) {
    const Timer timer = due->second;
    timers_.erase(due);
    timer.fire(timer.context);
  }

  // One round on the test's thread: mailbox, watches, and timers of the real clock.
  void step(std::chrono::milliseconds wait) {
    std::vector<pollfd> polled{{mailbox_, POLLIN, 0}};
    for (const auto& [fd, watch] : watches_)
      polled.push_back({fd,
                        static_cast<short>((watch.events & JF_WATCH_READ ? POLLIN : 0) |
                                           (watch.events & JF_WATCH_WRITE ? POLLOUT : 0)),
                        0});
    ::poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
    drain(0);
    for (std::size_t i = 1; i < polled.size(); ++i) {
      const auto found = watches_.find(polled[i].fd);
      if (polled[i].revents == 0 || found == watches_.end()) continue;
      const Watch watch = found->second;
      std::uint32_t events = 0;
      if (polled[i].revents & POLLIN) events |= JF_WATCH_READ;
      if (polled[i].revents & POLLOUT) events |= JF_WATCH_WRITE;
      if (polled[i].revents & (POLLERR | POLLHUP | POLLNVAL)) events |= JF_WATCH_ERROR;
      watch.ready(watch.context, events);
    }
    if (clock_ == FakeClock::manual) return;
    for (auto due = nextTimer(); due != timers_.end() && due->second.at <= now(); due = nextTimer()) fireTimer(due);
  }

  jf_status judge() const { return !onThread() ? JF_E_WRONG_THREAD : stopped_ ? JF_E_STATE : JF_OK; }

  static jf_status JF_CALL setTimer(const jf_host* host, std::uint64_t delay, void(JF_CALL* fire)(void*), void* context,
                                    std::uint64_t* id) {
    FakeServices& me = of(host);
    if (const jf_status bad = me.judge()) return bad;
    *id = ++me.last_timer_;
    me.timers_[*id] = {me.now() + delay, fire, context};
    return JF_OK;
  }
  static void JF_CALL cancelTimer(const jf_host* host, std::uint64_t id) { of(host).timers_.erase(id); }

  static jf_status JF_CALL setWatch(const jf_host* host, int fd, std::uint32_t events,
                                    void(JF_CALL* ready)(void*, std::uint32_t), void* context) {
    FakeServices& me = of(host);
    if (const jf_status bad = me.judge()) return bad;
    if (fd < 0) return JF_E_INVALID;
    me.watches_[fd] = {events, ready, context};
    return JF_OK;
  }
  static void JF_CALL removeWatch(const jf_host* host, int fd) { of(host).watches_.erase(fd); }

  static jf_status JF_CALL submitJob(const jf_host* host, void(JF_CALL* run)(void*),
                                     void(JF_CALL* done)(void*, jf_status), void* context) {
    FakeServices& me = of(host);
    if (const jf_status bad = me.judge()) return bad;
    ++me.jobs_;
    me.workers_.emplace_back([&me, run, done, context] {
      run(context);
      me.post([&me, done, context] {
        done(context, JF_OK);
        --me.jobs_;
      });
    });
    return JF_OK;
  }

  static jf_status JF_CALL setRun(const jf_host* host, void(JF_CALL* run)(void*), void* context) {
    FakeServices& me = of(host);
    if (const jf_status bad = me.judge()) return bad;
    me.run_ = run;
    me.run_context_ = context;
    return JF_OK;
  }
  static int JF_CALL mailboxFd(const jf_host* host) { return of(host).mailbox_; }
  static jf_status JF_CALL dispatch(const jf_host* host, std::uint32_t at_most) {
    FakeServices& me = of(host);
    if (!me.onThread()) return JF_E_WRONG_THREAD;
    if (!me.in_run_) return JF_E_STATE;
    me.drain(at_most);
    return JF_OK;
  }

  const void* owner_;
  const FakeLoop loop_;
  const FakeClock clock_;
  int mailbox_;
  std::atomic<std::thread::id> thread_id_;
  std::thread thread_;
  std::atomic<std::uint64_t> offset_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> quit_{false};
  std::atomic<bool> enter_{false};
  std::atomic<bool> in_run_{false};
  std::atomic<int> jobs_{0};
  std::vector<std::thread> workers_;  // one for each job ever submitted; a test submits few
  std::uint64_t last_timer_ = 0;
  std::map<std::uint64_t, Timer> timers_;
  std::map<int, Watch> watches_;
  void(JF_CALL* run_)(void*) = nullptr;
  void* run_context_ = nullptr;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
};

}  // namespace jackfield::testing

#endif
