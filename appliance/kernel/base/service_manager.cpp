// SPDX-License-Identifier: Apache-2.0
// sd_notify and the watchdog thread.
#include "kernel/base/service_manager.hpp"

#include <cstdint>

#include <systemd/sd-daemon.h>

namespace jackfield::kernel {

namespace {

// A line feed would begin another assignment.
std::string oneLine(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

void tell(const std::string& state) {
  static_cast<void>(sd_notify(0, state.c_str()));
}

}  // namespace

namespace service_manager {

void ready(const std::string& status) {
  tell("READY=1\nSTATUS=" + oneLine(status));
}
void status(const std::string& status) {
  tell("STATUS=" + oneLine(status));
}
void stopping() {
  tell("STOPPING=1");
}
void extendTimeout(std::chrono::milliseconds more) {
  tell("EXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::microseconds(more).count()));
}

}  // namespace service_manager

Watchdog::Watchdog(std::function<bool()> alive) : alive_(std::move(alive)) {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return;
  period_ = std::chrono::microseconds(microseconds);
  thread_ = std::thread([this] { run(); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    if (alive_()) tell("WATCHDOG=1");
    lock.lock();
  } while (!ended_.wait_for(lock, period_ / 2, [this] { return ending_; }));
}

}  // namespace jackfield::kernel
