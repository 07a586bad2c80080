// SPDX-License-Identifier: Apache-2.0
// Connecting with a deadline, and cutting a connection that has gone silent.
#include "tcp.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace jackfield::directory::ldap {

namespace {

using Clock = std::chrono::steady_clock;

// 0 when connected, else an errno.
int waitConnected(int fd, Clock::time_point deadline, const std::stop_token& stop) {
  for (;;) {
    if (stop.stop_requested()) return ECANCELED;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return ETIMEDOUT;
    pollfd ready{fd, POLLOUT, 0};
    const int count = poll(&ready, 1, static_cast<int>(std::min<long>(left, 200)));
    if (count < 0 && errno != EINTR) return errno;
    if (count <= 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
}

int connectTo(const addrinfo& address, Clock::time_point deadline, const std::stop_token& stop, int& error) {
  const int fd = socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
  if (fd < 0) {
    error = errno;
    return -1;
  }
  error = connect(fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) error = waitConnected(fd, deadline, stop);
  if (error == 0) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
  }
  close(fd);
  return -1;
}

}  // namespace

int connectTcp(const std::string& host, int port, std::chrono::milliseconds limit, const std::stop_token& stop,
               std::string& failed) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* raw = nullptr;
  if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &raw); code != 0) {
    failed = gai_strerror(code);
    return -1;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(raw, freeaddrinfo);
  const auto deadline = Clock::now() + limit;
  int error = ETIMEDOUT;
  for (const addrinfo* address = raw; address; address = address->ai_next)
    if (const int fd = connectTo(*address, deadline, stop, error); fd >= 0) return fd;
  failed = std::generic_category().message(error);
  return -1;
}

Watchdog::Watchdog(int fd, std::chrono::milliseconds limit, std::stop_token stop)
    : thread_([this, fd, limit, stop] { watch(fd, limit, stop); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watchdog::watch(int fd, std::chrono::milliseconds limit, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (wake_.wait_for(lock, stop, limit, [this] { return done_; })) return;
  cut_ = true;
  shutdown(fd, SHUT_RDWR);
}

}  // namespace jackfield::directory::ldap
