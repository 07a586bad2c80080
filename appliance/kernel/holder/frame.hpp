// SPDX-License-Identifier: Apache-2.0
// What travels between the host and the holder of an instance: jf_message, and a few frames of our own for the life
// cycle. In the host process a frame is handed over as it is; to another process it goes as octets in the machine's
// byte order, since both ends are built together.
#ifndef JACKFIELD_KERNEL_HOLDER_FRAME_HPP
#define JACKFIELD_KERNEL_HOLDER_FRAME_HPP

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <jackfield/abi/message.h>

namespace jackfield::kernel {

enum class FrameKind : std::uint32_t {
  request = JF_REQUEST,
  reply = JF_REPLY,
  event = JF_EVENT,
  cancel = JF_CANCEL,
  credit = JF_CREDIT,
  open = 16,   // host: load, create, configure; name is the server type, body the settings
  start = 17,  // host
  stop = 18,   // host: stop if running, destroy
  done = 19,   // holder: id is the kind that is done, status and body (a problem document) say how
  log = 20,    // holder: flags is the level, name the code, body the arguments
  ping = 21,   // host: answered on the instance's thread by pong with the same id
  pong = 22,
  confined =
      23  // jackfield-plugin-host, before open is done: body lists the measures that hold it back, and which hold
};

struct Frame {
  FrameKind kind = FrameKind::event;
  std::uint32_t flags = 0;
  std::uint64_t id = 0;
  std::uint32_t timeout_ms = 0;
  std::int32_t status = 0;
  std::uint32_t channel = 0;
  std::uint32_t credit = 0;
  std::string name;
  std::string body;
  std::string bytes;

  std::size_t size() const { return 64 + name.size() + body.size() + bytes.size(); }
};

// The view is valid as long as the frame.
jf_message messageOf(const Frame& frame);
Frame frameOf(const jf_message& message);

// Appends the frame's octets.
void encode(const Frame& frame, std::string& out);

// Takes octets as they come and gives whole frames. Hostile input is refused, never trusted.
class FrameReader {
 public:
  // False: the octets are no frames (a length above the limits of message.h); the connection is of no more use.
  bool take(std::string_view octets, const std::function<void(Frame&&)>& give);

 private:
  std::string rest_;
};

}  // namespace jackfield::kernel

#endif
