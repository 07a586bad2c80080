// SPDX-License-Identifier: Apache-2.0
// Holds one instance of a plugin, in the host or in jackfield-plugin-host alike: it is the jf_host that the plugin
// sees. Frames from the host go in by accept(), frames to the host come out through an Outbox.
#ifndef JACKFIELD_KERNEL_HOLDER_HOLDER_HPP
#define JACKFIELD_KERNEL_HOLDER_HOLDER_HPP

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <jackfield/abi/entry.h>
#include <jackfield/error.hpp>

#include "frame.hpp"
#include "log_filter.hpp"
#include "manifest.hpp"
#include "thread.hpp"
#include "workers.hpp"

namespace jackfield::kernel {

// The bounded way to the host. Any thread.
class Outbox {
 public:
  virtual ~Outbox() = default;
  // Never blocks. False: full, nothing was taken; Holder::writable() follows. `reserved` is never refused (its number
  // is bounded by what the host asked for). `flush`: send now; else flush() follows soon.
  virtual bool offer(Frame&& frame, bool reserved, bool flush) = 0;
  virtual void flush() = 0;
};

class Holder : public std::enable_shared_from_this<Holder> {
 public:
  Holder(std::filesystem::path folder, HostOffer offer, std::shared_ptr<InstanceThread> thread,
         std::shared_ptr<Outbox> outbox);
  ~Holder();
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  // [any]. Handed to the instance's thread. After "done" of a stop frame the holder may be let go.
  void accept(Frame&& frame);
  // [any]. The outbox has room again.
  void writable();

 private:
  friend struct HolderServices;

  struct LentTimer {
    Holder* owner;
    std::uint64_t id;
    void (*fire)(void*);
    void* context;
  };
  struct LentWatch {
    Holder* owner;
    void (*ready)(void*, std::uint32_t);
    void* context;
  };

  // [T]
  void handle(const Frame& frame);
  void open(const Frame& frame);
  void configure(const Frame& frame);
  void start();
  void stop();
  void finishStop();
  void deliver(const Frame& frame);
  void leaveRun();
  void dropLent();
  void done(FrameKind what, jf_status status, std::string problem);

  // [any]
  jf_status send(const jf_message& message);
  jf_status sendReply(const jf_message& message);
  void log(int level, std::string_view code, std::string_view arguments);
  void emitLog(int level, std::string code, std::string arguments);
  bool wrongThread(const char* function);
  bool flushNow() const { return !(thread_->current() && thread_->inBatch()); }
  template <class F>
  void enter(const char* function, F&& call) noexcept;

  static Holder& of(const jf_host* host) { return *static_cast<Holder*>(host->impl); }

  const std::filesystem::path folder_;
  const HostOffer offer_;
  const std::shared_ptr<InstanceThread> thread_;
  const std::shared_ptr<Outbox> outbox_;
  const jf_host host_;
  LogFilter filter_;
  std::atomic<bool> alive_{false};  // between create() and destroy()
  std::atomic<bool> was_full_{false};

  std::mutex requests_mutex_;
  std::unordered_map<std::uint64_t, std::uint32_t> requests_;  // open ones of the host, with the credit left

  // [T]
  Manifest manifest_;
  const jf_plugin* plugin_ = nullptr;
  std::unique_ptr<Workers> workers_;
  std::unordered_map<std::uint64_t, std::unique_ptr<LentTimer>> timers_;
  std::unordered_map<int, std::unique_ptr<LentWatch>> watches_;
  std::size_t jobs_ = 0;
  std::uint64_t batch_end_ = 0;
  void (*run_)(void*) = nullptr;
  void* run_context_ = nullptr;
  bool configured_ = false;
  bool starting_ = false;
  bool running_ = false;
  bool lent_ = false;
  bool stopping_ = false;
  bool stopped_ = false;  // stop() has returned: nothing is lent any more
  std::string start_reason_;
};

}  // namespace jackfield::kernel

#endif
