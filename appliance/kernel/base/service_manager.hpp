// SPDX-License-Identifier: Apache-2.0
// What systemd is told about the service (sd_notify(3)). Without systemd every call does nothing.
#ifndef JACKFIELD_KERNEL_BASE_SERVICE_MANAGER_HPP
#define JACKFIELD_KERNEL_BASE_SERVICE_MANAGER_HPP

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace jackfield::kernel {

namespace service_manager {

// Start-up is finished. `status` is the sentence that `systemctl status` shows.
void ready(const std::string& status);
void status(const std::string& status);
void stopping();
// More time for a long start or stop, such as a migration of the database.
void extendTimeout(std::chrono::milliseconds more);

}  // namespace service_manager

// Tells systemd every half watchdog period that the service lives, as long as `alive` says so; when it says no, or
// hangs, systemd restarts the service. `alive` is called on the watchdog's own thread and must not throw.
class Watchdog {
 public:
  explicit Watchdog(std::function<bool()> alive);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Zero when systemd has no watchdog for this process.
  std::chrono::microseconds period() const noexcept { return period_; }

 private:
  void run();

  std::function<bool()> alive_;
  std::chrono::microseconds period_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace jackfield::kernel

#endif
