// SPDX-License-Identifier: Apache-2.0
// WebSocket frames (RFC 6455 section 5): reading what clients send, bounded, and writing headers of what we send.
#ifndef JACKFIELD_GATEWAY_HUB_FRAME_HPP
#define JACKFIELD_GATEWAY_HUB_FRAME_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace jackfield::gateway {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// RFC 6455 section 7.4.1 and the IANA registry (1013).
namespace close_code {
constexpr std::uint16_t normal = 1000, goingAway = 1001, protocolError = 1002, unsupported = 1003, noStatus = 1005,
                        notUtf8 = 1007, policy = 1008, tooBig = 1009, internal = 1011, tryAgainLater = 1013;
}

// The header of an unmasked, final frame: 2 to 10 octets.
struct FrameHeader {
  std::array<char, 10> octets{};
  std::uint8_t size = 0;
  FrameHeader() = default;
  FrameHeader(Opcode opcode, std::size_t payload);
  std::string_view view() const { return {octets.data(), size}; }
};

// Header and payload in one text, for control frames. A close reason is cut at 123 octets.
std::string controlFrame(Opcode opcode, std::string_view payload);
std::string closeFrame(std::uint16_t code, std::string_view reason);

// What comes out of the reader. `payload` of a text is a whole message, of control frames at most 125 octets.
struct Incoming {
  enum class Kind { none, text, ping, pong, close, fault };
  Kind kind = Kind::none;
  std::uint16_t code = 0;  // of close, and what to answer a fault with
  std::string payload;     // of a fault: one sentence
};

// Reads a client's octets, whatever pieces they come in. Masked text messages up to `max_message`, in any number of
// fragments; everything else is a fault, after which the reader must not be fed again.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_message) : max_message_(max_message) {}
  // Takes octets from the front of `input`; Kind::none: all were taken and more are needed.
  Incoming next(std::string_view& input);

 private:
  bool headerComplete() const;
  Incoming checkHeader();
  Incoming finishFrame();
  static Incoming fault(std::uint16_t code, std::string text);

  std::size_t max_message_;
  std::array<unsigned char, 14> header_{};
  std::uint8_t header_size_ = 0;
  bool in_payload_ = false;
  bool in_message_ = false;  // a fragmented text is under way
  std::uint64_t frame_left_ = 0;
  std::uint64_t frame_at_ = 0;  // octets of this frame's payload so far, for the mask
  std::string control_;
  std::string message_;
};

}  // namespace jackfield::gateway

#endif
