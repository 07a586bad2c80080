// SPDX-License-Identifier: Apache-2.0
// Frames over a non-blocking stream socket. Whoever sends writes at once where the socket takes it, so that a message
// costs no change of threads; the pumping thread writes the rest.
#include "socket_channel.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>

namespace jackfield::kernel {

namespace {
constexpr std::size_t read_size = 256 << 10;
constexpr std::size_t reads_per_pump = 4;
constexpr std::size_t batch_size = 64 << 10;
}  // namespace

SocketChannel::SocketChannel(Fd socket) : socket_(std::move(socket)), buffer_(read_size, '\0') {
  const int flags = ::fcntl(socket_.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket_.get(), F_SETFL, flags | O_NONBLOCK) < 0)
    throw std::system_error(errno, std::generic_category(), "fcntl");
}

bool SocketChannel::send(const Frame& frame, bool reserved, bool flush) {
  const std::lock_guard lock(mutex_);
  if (gone_) return false;
  if (!reserved && out_.size() - sent_ > limit) {
    was_full_ = true;
    return false;
  }
  encode(frame, out_);
  if (flush || out_.size() - sent_ >= batch_size) sendLocked();
  return true;
}

void SocketChannel::flush() {
  const std::lock_guard lock(mutex_);
  sendLocked();
}

// The pumping thread may be asleep over a poll that does not ask for room.
void SocketChannel::sendLocked() {
  if (blocked_) return;
  flushLocked();
  if (blocked_) wake_.signal();
}

void SocketChannel::flushLocked() {
  while (sent_ < out_.size() && !gone_) {
    const ssize_t count = ::send(socket_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      sent_ += static_cast<std::size_t>(count);
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      blocked_ = true;
      break;
    } else {
      gone_ = true;
    }
  }
  if (sent_ == out_.size() || gone_) {
    out_.clear();
    sent_ = 0;
  } else if (sent_ > limit) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
}

void SocketChannel::shut() {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

void SocketChannel::fill(std::vector<pollfd>& polled) const {
  const std::lock_guard lock(mutex_);
  polled.push_back({socket_.get(), static_cast<short>(POLLIN | (blocked_ ? POLLOUT : 0)), 0});
  polled.push_back({wake_.fd(), POLLIN, 0});
}

bool SocketChannel::pump(const std::function<void(Frame&&)>& give) {
  wake_.clear();
  bool room = false;
  {
    const std::lock_guard lock(mutex_);
    blocked_ = false;
    flushLocked();
    room = was_full_ && out_.size() - sent_ < limit / 2;
    if (room) was_full_ = false;
  }
  if (room && on_room_) on_room_();
  for (std::size_t i = 0; i < reads_per_pump; ++i) {
    const ssize_t count = ::recv(socket_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count > 0) {
      if (!reader_.take({buffer_.data(), static_cast<std::size_t>(count)}, give)) {
        corrupt_ = true;
        return false;
      }
      if (static_cast<std::size_t>(count) < buffer_.size()) return true;
    } else if (count == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN || errno == EWOULDBLOCK;
    }
  }
  return true;
}

}  // namespace jackfield::kernel
