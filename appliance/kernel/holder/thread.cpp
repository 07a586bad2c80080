// SPDX-License-Identifier: Apache-2.0
// The loop of an instance's thread.
#include "thread.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <exception>
#include <future>
#include <vector>

#include <pthread.h>
#include <sys/epoll.h>

#include <jackfield/abi/service/watch.h>

namespace jackfield::kernel {

namespace {

// An event carries descriptor and generation, so that one that was meant for a removed watch is not given to its
// successor with the same number.
std::uint64_t tag(int fd, std::uint32_t generation) {
  return static_cast<std::uint64_t>(generation) << 32 | static_cast<std::uint32_t>(fd);
}

std::uint32_t toEpoll(std::uint32_t events) {
  return (events & JF_WATCH_READ ? EPOLLIN : 0u) | (events & JF_WATCH_WRITE ? EPOLLOUT : 0u);
}

std::uint32_t fromEpoll(std::uint32_t events) {
  std::uint32_t out = 0;
  if (events & EPOLLIN) out |= JF_WATCH_READ;
  if (events & EPOLLOUT) out |= JF_WATCH_WRITE;
  if (events & (EPOLLERR | EPOLLHUP)) out |= JF_WATCH_ERROR;
  return out;
}

}  // namespace

std::uint64_t monotonicMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

InstanceThread::InstanceThread() : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag(mailbox_.fd(), 0);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, mailbox_.fd(), &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

std::shared_ptr<InstanceThread> InstanceThread::begin(const std::string& name) {
  std::shared_ptr<InstanceThread> made(new InstanceThread);
  std::promise<void> begun;
  // The thread borrows `made`; finish() joins it, abandon() leaves it a share.
  made->thread_ = std::thread([self = made.get(), &begun] {
    self->id_.store(std::this_thread::get_id(), std::memory_order_release);
    begun.set_value();
    self->main();
  });
  ::pthread_setname_np(made->thread_.native_handle(), name.substr(0, 15).c_str());
  begun.get_future().wait();
  return made;
}

InstanceThread::~InstanceThread() {
  finish();
}

void InstanceThread::post(std::function<void()> call) {
  // The mailbox is readable exactly while something is in the queue.
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) mailbox_.signal();
  queue_.push_back(std::move(call));
}

void InstanceThread::finish() {
  if (!thread_.joinable()) return;
  post([this] { quit_ = true; });
  thread_.join();
}

void InstanceThread::abandon(std::shared_ptr<InstanceThread> self) {
  if (!self->thread_.joinable()) return;
  self->thread_.detach();
  // The thread may come back from its hang at any time and still uses its object.
  static std::mutex mutex;
  static auto* const abandoned = new std::vector<std::shared_ptr<InstanceThread>>;
  const std::lock_guard lock(mutex);
  abandoned->push_back(std::move(self));
}

void InstanceThread::main() {
  while (!quit_) {
    if (run_) {
      in_run_ = true;
      std::exchange(run_, nullptr)();
      in_run_ = false;
      std::exchange(run_done_, nullptr)();
    }
    turn();
  }
}

void InstanceThread::turn() {
  tellWatches(waitMs());
  fireTimers();
  // One by one: a call that asks for run() is the last before it.
  deliver(SIZE_MAX);
  endBatch();
}

// Begins a batch.
void InstanceThread::tellWatches(int wait_ms) {
  std::array<epoll_event, 64> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms);
  in_batch_ = true;
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    const int fd = static_cast<int>(event.data.u64 & 0xffffffffu);
    const auto found = watches_.find(fd);
    if (found == watches_.end() || tag(fd, found->second.generation) != event.data.u64) continue;
    const Watch watch = found->second;
    watch.ready(watch.context, fromEpoll(event.events));
  }
}

void InstanceThread::deliver(std::size_t at_most) {
  std::size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    waiting = queue_.size();
  }
  if (waiting == 0) return;
  // What is posted meanwhile waits for the next round, so that descriptors and timers get their turn.
  for (std::size_t done = 0; done < std::min(waiting, at_most) && !run_ && !quit_; ++done) {
    std::function<void()> call;
    {
      const std::lock_guard lock(mutex_);
      call = std::move(queue_.front());
      queue_.pop_front();
    }
    call();
  }
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) mailbox_.clear();
}

bool InstanceThread::dispatch(std::uint32_t at_most) {
  if (in_batch_) return false;
  tellWatches(0);
  deliver(at_most ? at_most : SIZE_MAX);
  endBatch();
  return true;
}

void InstanceThread::endBatch() {
  in_batch_ = false;
  for (const auto& [id, call] : batch_ends_) call();
}

std::uint64_t InstanceThread::atBatchEnd(std::function<void()> call) {
  batch_ends_[++last_batch_end_] = std::move(call);
  return last_batch_end_;
}

void InstanceThread::removeBatchEnd(std::uint64_t id) {
  batch_ends_.erase(id);
}

void InstanceThread::lend(std::function<void()> run, std::function<void()> done) {
  run_ = std::move(run);
  run_done_ = std::move(done);
}

int InstanceThread::waitMs() const {
  if (run_ || quit_) return 0;
  if (timers_.empty()) return -1;
  const std::uint64_t now = monotonicMs();
  const std::uint64_t at = timers_.begin()->first;
  return at <= now ? 0 : static_cast<int>(std::min<std::uint64_t>(at - now, INT_MAX));
}

void InstanceThread::fireTimers() {
  if (timers_.empty()) return;
  const std::uint64_t now = monotonicMs();
  // What a callback sets for now fires in the next round: each turn ends.
  const std::uint64_t last = last_timer_;
  for (auto it = timers_.begin(); it != timers_.end() && it->first <= now;) {
    const Timer timer = it->second;
    if (timer.id > last) {
      ++it;
      continue;
    }
    timer_ids_.erase(timer.id);
    timers_.erase(it);
    timer.fire(timer.context);
    it = timers_.begin();  // the callback may have set or cancelled any
  }
}

std::uint64_t InstanceThread::setTimer(std::uint64_t delay_ms, Fire fire, void* context) {
  if (timers_.size() >= timer_limit) return 0;
  // Rounded up: a timer never fires early.
  const std::uint64_t id = ++last_timer_;
  timer_ids_[id] = timers_.emplace(monotonicMs() + delay_ms + (delay_ms ? 1 : 0), Timer{id, fire, context});
  return id;
}

void InstanceThread::cancelTimer(std::uint64_t id) {
  const auto found = timer_ids_.find(id);
  if (found == timer_ids_.end()) return;
  timers_.erase(found->second);
  timer_ids_.erase(found);
}

bool InstanceThread::watch(int fd, std::uint32_t events, Ready ready, void* context) {
  const bool known = watches_.contains(fd);
  epoll_event event{};
  event.events = toEpoll(events);
  event.data.u64 = tag(fd, ++generation_);
  if (::epoll_ctl(epoll_.get(), known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) {
    // Closed without remove(), and the number used again: the kernel has forgotten the old one by itself.
    if (!known || errno != ENOENT || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return false;
  }
  watches_[fd] = {ready, context, generation_};
  return true;
}

void InstanceThread::unwatch(int fd) {
  if (watches_.erase(fd)) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

}  // namespace jackfield::kernel
