// SPDX-License-Identifier: Apache-2.0
// One end of the Unix stream socket between the host and jackfield-plugin-host: frames in batches, bounded both ways.
#ifndef JACKFIELD_KERNEL_HOLDER_SOCKET_CHANNEL_HPP
#define JACKFIELD_KERNEL_HOLDER_SOCKET_CHANNEL_HPP

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <poll.h>

#include "fd.hpp"
#include "frame.hpp"

namespace jackfield::kernel {

// send() and flush() on any thread; fill() and pump() on one.
class SocketChannel {
 public:
  // Octets that wait to be sent before send() says full. The kernel's own buffer comes on top.
  static constexpr std::size_t limit = 4 << 20;

  explicit SocketChannel(Fd socket);

  // Never blocks. False: full (on_room follows) or gone. `reserved` is refused only when gone.
  bool send(const Frame& frame, bool reserved, bool flush);
  void flush();
  // Ends the connection: the other side reads its end.
  void shut();

  // Called, on the pumping thread, when there is room again after send() said full. Set before the first send().
  void onRoom(std::function<void()> call) { on_room_ = std::move(call); }

  // The descriptors to poll before pump().
  void fill(std::vector<pollfd>& polled) const;
  // Sends what waits and reads what is there, at most 1 MiB, so that one flood does not hold up what else its thread
  // has to do. `give` may block. False: the other side is gone, or sends what are no frames (then corrupt()).
  bool pump(const std::function<void(Frame&&)>& give);
  bool corrupt() const { return corrupt_; }

 private:
  void sendLocked();
  void flushLocked();

  Fd socket_;
  Wake wake_;
  FrameReader reader_;
  std::string buffer_;
  bool corrupt_ = false;
  std::function<void()> on_room_;

  mutable std::mutex mutex_;
  std::string out_;
  std::size_t sent_ = 0;  // of out_
  bool blocked_ = false;  // the kernel's buffer is full: the pumping thread polls for room
  bool was_full_ = false;
  bool gone_ = false;
};

}  // namespace jackfield::kernel

#endif
