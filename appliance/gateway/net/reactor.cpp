// SPDX-License-Identifier: Apache-2.0
// The epoll loop.
#include "gateway/net/reactor.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace jackfield::gateway {
namespace {

constexpr Reactor::Key wakeKey = 0;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Reactor::Reactor(std::string name, std::chrono::milliseconds tick_every, Task tick)
    : name_(std::move(name)), tick_every_(tick_every), tick_(std::move(tick)) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) fail("epoll_create1");
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = wakeKey;
  if (wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) fail("eventfd");
}

Reactor::~Reactor() {
  stop();
  ::close(wake_);
  ::close(epoll_);
}

void Reactor::start() {
  thread_ = std::thread([this] {
    id_ = std::this_thread::get_id();
    ::pthread_setname_np(::pthread_self(), name_.c_str());
    // OpenSSL writes without MSG_NOSIGNAL.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    run();
  });
}

void Reactor::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  if (thread_.joinable()) thread_.join();
  handlers_.clear();
}

Reactor::Key Reactor::add(int fd, std::uint32_t events, std::shared_ptr<Handler> handler) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = next_;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return 0;
  handlers_.emplace(next_, std::move(handler));
  return next_++;
}

void Reactor::modify(Key key, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = key;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void Reactor::detach(int fd) noexcept {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void Reactor::remove(Key key, int fd) {
  detach(fd);
  handlers_.erase(key);
}

void Reactor::post(Task task) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    wake = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (!wake) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

bool Reactor::onReactorThread() const noexcept {
  return id_.load() == std::this_thread::get_id();
}

void Reactor::runPosted() {
  std::vector<Task> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (Task& task : tasks) task();
}

void Reactor::run() {
  using Clock = std::chrono::steady_clock;
  std::array<epoll_event, 512> events;
  auto next_tick = Clock::now() + tick_every_;
  for (;;) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next_tick - Clock::now()).count();
    const int ready = ::epoll_wait(epoll_, events.data(), events.size(), wait > 0 ? static_cast<int>(wait) : 0);
    for (int i = 0; i < ready; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == wakeKey) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof count);
        continue;
      }
      // Removed by a handler that was called before it in this batch: not there any more.
      const auto found = handlers_.find(event.data.u64);
      if (found == handlers_.end()) continue;
      const auto handler = found->second;
      handler->onEvents(event.events);
    }
    runPosted();
    if (Clock::now() >= next_tick) {
      tick_();
      next_tick = Clock::now() + tick_every_;
    }
    std::lock_guard lock(mutex_);
    if (stopping_ && posted_.empty()) return;
  }
}

}  // namespace jackfield::gateway
