// SPDX-License-Identifier: Apache-2.0
// One thread, one epoll: calls handlers when their descriptors are ready, runs what other threads post, and ticks.
#ifndef JACKFIELD_GATEWAY_NET_REACTOR_HPP
#define JACKFIELD_GATEWAY_NET_REACTOR_HPP

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace jackfield::gateway {

class Reactor {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    // epoll's events. [reactor thread]
    virtual void onEvents(std::uint32_t events) = 0;
  };
  using Task = std::function<void()>;
  using Key = std::uint64_t;

  // `name` is the thread's, at most 15 characters. `tick` is called about every `tick_every`. [reactor thread]
  Reactor(std::string name, std::chrono::milliseconds tick_every, Task tick);
  ~Reactor();  // stop()

  void start();
  // Runs what was posted before, then ends the thread. Handlers are let go of. Any thread but the reactor's.
  void stop();

  // The reactor shares the handler until remove(); a handler may remove itself while it is called. 0: the system has no
  // room for another descriptor. [reactor thread]
  Key add(int fd, std::uint32_t events, std::shared_ptr<Handler> handler);
  void modify(Key key, int fd, std::uint32_t events);
  void remove(Key key, int fd);
  // No events of this descriptor any more; its handler stays until remove(). Any thread.
  void detach(int fd) noexcept;

  // Any thread, in order. After stop() the task is destroyed without being run.
  void post(Task task);
  bool onReactorThread() const noexcept;

 private:
  void run();
  void runPosted();

  std::string name_;
  std::chrono::milliseconds tick_every_;
  Task tick_;
  int epoll_ = -1;
  int wake_ = -1;
  Key next_ = 1;
  std::unordered_map<Key, std::shared_ptr<Handler>> handlers_;
  std::mutex mutex_;
  std::vector<Task> posted_;
  bool stopping_ = false;
  std::thread thread_;
  std::atomic<std::thread::id> id_{};
};

}  // namespace jackfield::gateway

#endif
