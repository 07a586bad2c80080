// SPDX-License-Identifier: Apache-2.0
// One instance as the host sees it: its life cycle, on a channel thread of its own.
#ifndef JACKFIELD_KERNEL_INSTANCE_HPP
#define JACKFIELD_KERNEL_INSTANCE_HPP

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "deadlines.hpp"
#include "holder/fd.hpp"
#include "host_requests.hpp"
#include "link.hpp"
#include "plugins.hpp"
#include "requests.hpp"

namespace jackfield::kernel {

// What all instances share.
struct InstanceContext {
  PluginEvents& events;
  const PluginOptions& options;
  Deadlines& deadlines;
  std::filesystem::path program;  // jackfield-plugin-host
  // The thread of a plugin with "threads": "shared" in this process; null: none is shared.
  std::function<std::shared_ptr<InstanceThread>(const Manifest&)> shared_thread;
};

class Instance : public std::enable_shared_from_this<Instance> {
 public:
  enum class Want { stop, open, run, gone };  // open: configured but not started, for Test

  Instance(InstanceContext context, InstanceSpec spec, Manifest manifest, LinkPlace place, Hosting hosting);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // [any] below.

  void begin();  // once, after the constructor
  void want(Want what);
  void restart();
  void configure(boost::json::object settings);
  // Waits for the end of the channel thread after want(gone). False: called on that thread.
  bool join();

  InstanceStatus status() const;
  const std::string& serverType() const { return spec_.server_type; }
  std::uint64_t request(std::string name, std::string body, Channel channel, std::chrono::milliseconds timeout,
                        Requests::Handler handler);
  void cancel(std::uint64_t id);
  // Waits until the instance is open, or has failed: then its problem.
  std::optional<Reply> waitOpen(std::chrono::steady_clock::time_point deadline);

 private:
  using Clock = std::chrono::steady_clock;
  enum class Phase { idle, opening, opened, starting, up, stopping };

  // What follows a stop.
  struct After {
    LifeState state = LifeState::stopped;
    std::string reason;
    std::optional<std::chrono::milliseconds> retry_in;
  };

  // On the channel thread.
  void main();
  void act(Want want, bool again);
  void wait();
  bool pump();
  void checkDeadlines();
  void open();
  void startLink();
  void stopLink(After after);
  void stopped();
  void gone(const std::string& reason);
  void crashed(const std::string& reason);
  void abandon();
  void dropLink();
  void leave(LifeState state, std::string reason, const Error& why_not);
  void take(Frame&& frame);
  void takeDone(const Frame& frame);
  void takeEvent(const Frame& frame);
  void takeRequest(const Frame& frame);
  void takeLog(const Frame& frame);
  void takeMeasures(const Frame& frame);
  void checkAlive();
  void setState(LifeState state, std::string reason);
  bool noteState(LifeState state, std::string reason);  // false: nothing new
  void tellState();
  void linkState(const server::State& state);
  bool declared(std::string_view name, bool event) const;
  // What the receiver throws is logged and ends here.
  void tellEvents(const char* function, const std::function<void()>& call);
  void forgetFailures();
  std::chrono::milliseconds nextPause();

  // [any]
  void sendFrame(Frame&& frame);
  void log(int level, std::string code, boost::json::object arguments = {});

  const InstanceContext context_;
  const Manifest manifest_;
  const LinkPlace place_;
  const Hosting hosting_;
  const std::chrono::milliseconds stop_limit_;
  std::shared_ptr<Requests> requests_;  // from begin() on
  Wake wake_;
  std::thread thread_;
  std::mutex join_mutex_;
  std::atomic<std::thread::id> channel_thread_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  InstanceSpec spec_;  // handle and server_type never change
  InstanceStatus status_;
  Want want_ = Want::stop;
  bool again_ = false;  // stop and begin again
  bool fresh_ = false;  // a person asked: what went wrong before no longer counts
  std::optional<Reply> open_problem_;
  bool opened_ = false;
  bool ended_ = false;
  std::shared_ptr<Link> link_;
  bool accepting_ = false;

  // Channel thread
  Phase phase_ = Phase::idle;
  After after_;
  std::shared_ptr<HostRequests> host_requests_;
  std::optional<Clock::time_point> deadline_;
  std::optional<Clock::time_point> retry_at_;
  std::deque<Clock::time_point> crashes_;
  unsigned failures_ = 0;  // in a row: of start, or crashes
  Clock::time_point up_since_;
  Clock::time_point ping_at_;
  Clock::time_point pong_at_;
  std::uint64_t last_ping_ = 0;
  bool ping_open_ = false;
  bool hung_ = false;
  bool abandoned_ = false;
  bool busy_ = false;  // the last pump gave something
};

}  // namespace jackfield::kernel

#endif
