// SPDX-License-Identifier: Apache-2.0
// Reading and writing WebSocket frames.
#include "gateway/hub/frame.hpp"

#include <algorithm>
#include <utility>

#include <jackfield/text.hpp>

namespace jackfield::gateway {
namespace {

constexpr std::size_t maxControl = 125;

std::uint64_t bigEndian(const unsigned char* from, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | from[i];
  return value;
}

bool validCloseCode(std::uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

FrameHeader::FrameHeader(Opcode opcode, std::size_t payload) {
  octets[0] = static_cast<char>(0x80 | static_cast<unsigned>(opcode));
  std::size_t length_octets = 0;
  if (payload < 126) {
    octets[1] = static_cast<char>(payload);
  } else {
    length_octets = payload < 65536 ? 2 : 8;
    octets[1] = length_octets == 2 ? 126 : 127;
  }
  for (std::size_t i = 0; i < length_octets; ++i)
    octets[2 + i] = static_cast<char>(static_cast<std::uint64_t>(payload) >> (8 * (length_octets - 1 - i)));
  size = static_cast<std::uint8_t>(2 + length_octets);
}

std::string controlFrame(Opcode opcode, std::string_view payload) {
  payload = payload.substr(0, maxControl);
  std::string out(FrameHeader(opcode, payload.size()).view());
  return out.append(payload);
}

std::string closeFrame(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return controlFrame(Opcode::close, payload.append(reason.substr(0, maxControl - 2)));
}

Incoming FrameReader::fault(std::uint16_t code, std::string text) {
  return {Incoming::Kind::fault, code, std::move(text)};
}

bool FrameReader::headerComplete() const {
  if (header_size_ < 2) return false;
  const unsigned length = header_[1] & 0x7f;
  return header_size_ == 2U + (length == 126 ? 2 : length == 127 ? 8 : 0) + ((header_[1] & 0x80) ? 4 : 0);
}

Incoming FrameReader::checkHeader() {
  const bool final = header_[0] & 0x80;
  const auto opcode = static_cast<Opcode>(header_[0] & 0x0f);
  const unsigned length = header_[1] & 0x7f;
  if (header_[0] & 0x70) return fault(close_code::protocolError, "A reserved bit is set; no extension was agreed.");
  if (!(header_[1] & 0x80)) return fault(close_code::protocolError, "A client's frames must be masked.");
  frame_left_ = length < 126 ? length : bigEndian(&header_[2], length == 126 ? 2 : 8);
  frame_at_ = 0;
  switch (opcode) {
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      if (!final || frame_left_ > maxControl)
        return fault(close_code::protocolError, "A control frame must be whole and at most 125 octets long.");
      control_.clear();
      return {};
    case Opcode::binary:
      return fault(close_code::unsupported, "Binary messages are not accepted.");
    case Opcode::text:
    case Opcode::continuation:
      if ((opcode == Opcode::text) == in_message_)
        return fault(close_code::protocolError, "The fragments of a message are out of order.");
      if (frame_left_ > max_message_ - message_.size())
        return fault(close_code::tooBig,
                     "A message must not be longer than " + std::to_string(max_message_) + " octets.");
      in_message_ = true;
      return {};
  }
  return fault(close_code::protocolError, "The opcode is not one of RFC 6455.");
}

Incoming FrameReader::finishFrame() {
  const auto opcode = static_cast<Opcode>(header_[0] & 0x0f);
  const bool final = header_[0] & 0x80;
  header_size_ = 0;
  in_payload_ = false;
  switch (opcode) {
    case Opcode::ping:
      return {Incoming::Kind::ping, 0, std::exchange(control_, {})};
    case Opcode::pong:
      return {Incoming::Kind::pong, 0, std::exchange(control_, {})};
    case Opcode::close: {
      if (control_.empty()) return {Incoming::Kind::close, close_code::noStatus, {}};
      const auto code = static_cast<std::uint16_t>(bigEndian(reinterpret_cast<const unsigned char*>(control_.data()),
                                                             std::min<std::size_t>(control_.size(), 2)));
      if (control_.size() < 2 || !validCloseCode(code) ||
          !jackfield::detail::isUtf8(std::string_view(control_).substr(2)))
        return fault(close_code::protocolError, "The close frame is malformed.");
      return {Incoming::Kind::close, code, control_.substr(2)};
    }
    default:
      if (!final) return {};
      in_message_ = false;
      if (!jackfield::detail::isUtf8(message_)) return fault(close_code::notUtf8, "The text is not UTF-8.");
      return {Incoming::Kind::text, 0, std::exchange(message_, {})};
  }
}

Incoming FrameReader::next(std::string_view& input) {
  while (!input.empty()) {
    if (!in_payload_) {
      header_[header_size_++] = static_cast<unsigned char>(input.front());
      input.remove_prefix(1);
      if (!headerComplete()) continue;
      if (Incoming bad = checkHeader(); bad.kind != Incoming::Kind::none) return bad;
      in_payload_ = true;
    }
    const std::size_t take = std::min<std::uint64_t>(frame_left_, input.size());
    std::string& target = (header_[0] & 0x08) ? control_ : message_;
    const unsigned char* mask = &header_[header_size_ - 4U];
    for (std::size_t i = 0; i < take; ++i)
      target.push_back(static_cast<char>(static_cast<unsigned char>(input[i]) ^ mask[(frame_at_ + i) % 4]));
    frame_at_ += take;
    frame_left_ -= take;
    input.remove_prefix(take);
    if (frame_left_ > 0) break;
    if (Incoming whole = finishFrame(); whole.kind != Incoming::Kind::none) return whole;
  }
  return {};
}

}  // namespace jackfield::gateway
