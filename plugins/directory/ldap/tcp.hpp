// SPDX-License-Identifier: Apache-2.0
// A TCP connection within a time limit. libldap's own cannot be stopped, and loses the reason of a failure.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_LDAP_TCP_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_LDAP_TCP_HPP

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace jackfield::directory::ldap {

// A connected, blocking socket, or -1 with the reason in `failed`. Tries every address of the host; `limit` is for all
// of them. Looking the name up is bounded by the resolver's own limits only.
int connectTcp(const std::string& host, int port, std::chrono::milliseconds limit, const std::stop_token& stop,
               std::string& failed);

// Cuts a socket when the time is over or a stop is requested, unless it was destroyed before. For TLS handshakes:
// libldap with GnuTLS neither ends nor rests while the other side is silent.
class Watchdog {
 public:
  Watchdog(int fd, std::chrono::milliseconds limit, std::stop_token stop);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  bool cut() const { return cut_; }  // true once it had to

 private:
  void watch(int fd, std::chrono::milliseconds limit, const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool done_ = false;
  std::atomic<bool> cut_ = false;
  std::thread thread_;
};

}  // namespace jackfield::directory::ldap

#endif
