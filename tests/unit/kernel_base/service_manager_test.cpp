// SPDX-License-Identifier: Apache-2.0
// What systemd hears, with a socket in its place.
#include "kernel/base/service_manager.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "scratch_folder.hpp"

namespace jackfield::kernel {
namespace {

class NotifySocket {
 public:
  NotifySocket() : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    const std::string path = folder_.path() / "notify";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("bind");
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~NotifySocket() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(fd_);
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  // The next message, or "" when none comes within the time.
  std::string next(int milliseconds) const {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, milliseconds) != 1) return {};
    char buffer[1024];
    const auto size = ::recv(fd_, buffer, sizeof buffer, 0);
    return {buffer, static_cast<std::size_t>(size)};
  }

 private:
  ScratchFolder folder_;
  int fd_;
};

TEST(ServiceManager, HearsReadyStatusAndStopping) {
  const NotifySocket systemd;
  service_manager::ready("listening\non 8443");
  EXPECT_EQ(systemd.next(5000), "READY=1\nSTATUS=listening on 8443");
  service_manager::extendTimeout(std::chrono::seconds(2));
  EXPECT_EQ(systemd.next(5000), "EXTEND_TIMEOUT_USEC=2000000");
  service_manager::stopping();
  EXPECT_EQ(systemd.next(5000), "STOPPING=1");
}

TEST(Watchdog, IsFedWhileTheHostIsAliveAndStarvesWhenItIsNot) {
  const NotifySocket systemd;
  ::setenv("WATCHDOG_USEC", "100000", 1);
  std::atomic<bool> alive = true;
  {
    const Watchdog watchdog([&] { return alive.load(); });
    EXPECT_EQ(watchdog.period(), std::chrono::milliseconds(100));
    EXPECT_EQ(systemd.next(5000), "WATCHDOG=1");
    EXPECT_EQ(systemd.next(5000), "WATCHDOG=1");
    alive = false;
    while (!systemd.next(0).empty()) {
    }
    systemd.next(100);  // one may have been on its way
    EXPECT_EQ(systemd.next(300), "");
  }
  ::unsetenv("WATCHDOG_USEC");
}

TEST(Watchdog, DoesNothingWithoutSystemd) {
  ::unsetenv("WATCHDOG_USEC");
  const Watchdog watchdog([]() -> bool { throw std::logic_error("asked"); });
  EXPECT_EQ(watchdog.period().count(), 0);
}

}  // namespace
}  // namespace jackfield::kernel
