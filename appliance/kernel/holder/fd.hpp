// SPDX-License-Identifier: Apache-2.0
// A descriptor that closes itself, and the eventfd as a wake-up call.
#ifndef JACKFIELD_KERNEL_HOLDER_FD_HPP
#define JACKFIELD_KERNEL_HOLDER_FD_HPP

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace jackfield::kernel {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

inline Fd checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return Fd(fd);
}

// Readable from signal() until clear(). Any thread.
class Wake {
 public:
  Wake() : fd_(checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {}
  void signal() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(fd_.get(), &one, sizeof one);  // full: it is readable already
  }
  void clear() const {
    std::uint64_t count;
    [[maybe_unused]] const auto n = ::read(fd_.get(), &count, sizeof count);  // empty: nothing to clear
  }
  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
};

}  // namespace jackfield::kernel

#endif
