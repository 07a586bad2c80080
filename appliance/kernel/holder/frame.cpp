// SPDX-License-Identifier: Apache-2.0
// Frames to octets and back.
#include "frame.hpp"

#include <cstring>
#include <type_traits>

#include <jackfield/text.hpp>

namespace jackfield::kernel {

namespace {

struct Header {
  std::uint64_t id;
  std::uint32_t kind, flags, timeout_ms;
  std::int32_t status;
  std::uint32_t channel, credit;
  std::uint32_t name_size, body_size, bytes_size;
  std::uint32_t reserved;
};
static_assert(sizeof(Header) == 48 && std::is_trivially_copyable_v<Header>);

bool sane(const Header& header) {
  return header.name_size <= JF_MAX_NAME && header.body_size <= JF_MAX_BODY && header.bytes_size <= JF_MAX_BYTES;
}

}  // namespace

jf_message messageOf(const Frame& frame) {
  jf_message m{};
  m.kind = static_cast<std::uint32_t>(frame.kind);
  m.flags = frame.flags;
  m.id = frame.id;
  m.timeout_ms = frame.timeout_ms;
  m.status = frame.status;
  m.channel = frame.channel;
  m.credit = frame.credit;
  m.name = detail::view(frame.name);
  m.body = detail::view(frame.body);
  m.bytes = detail::view(frame.bytes);
  return m;
}

Frame frameOf(const jf_message& m) {
  Frame frame;
  frame.kind = static_cast<FrameKind>(m.kind);
  frame.flags = m.flags;
  frame.id = m.id;
  frame.timeout_ms = m.timeout_ms;
  frame.status = m.status;
  frame.channel = m.channel;
  frame.credit = m.credit;
  frame.name = detail::text(m.name);
  frame.body = detail::text(m.body);
  frame.bytes = detail::text(m.bytes);
  return frame;
}

void encode(const Frame& frame, std::string& out) {
  const Header header{frame.id,
                      static_cast<std::uint32_t>(frame.kind),
                      frame.flags,
                      frame.timeout_ms,
                      frame.status,
                      frame.channel,
                      frame.credit,
                      static_cast<std::uint32_t>(frame.name.size()),
                      static_cast<std::uint32_t>(frame.body.size()),
                      static_cast<std::uint32_t>(frame.bytes.size()),
                      0};
  out.append(reinterpret_cast<const char*>(&header), sizeof header);
  out.append(frame.name).append(frame.body).append(frame.bytes);
}

bool FrameReader::take(std::string_view octets, const std::function<void(Frame&&)>& give) {
  // Whole frames are read where they lie; only the last, incomplete one is kept.
  std::string joined;
  if (!rest_.empty()) {
    joined = std::move(rest_);
    rest_.clear();
    joined.append(octets);
    octets = joined;
  }
  while (octets.size() >= sizeof(Header)) {
    Header header;
    std::memcpy(&header, octets.data(), sizeof header);
    if (!sane(header)) return false;
    const std::size_t size = sizeof header + header.name_size + header.body_size + header.bytes_size;
    if (octets.size() < size) break;
    Frame frame;
    frame.kind = static_cast<FrameKind>(header.kind);
    frame.flags = header.flags;
    frame.id = header.id;
    frame.timeout_ms = header.timeout_ms;
    frame.status = header.status;
    frame.channel = header.channel;
    frame.credit = header.credit;
    const auto next = [&octets](std::size_t length) {
      const auto part = octets.substr(0, length);
      octets.remove_prefix(length);
      return part;
    };
    next(sizeof header);
    frame.name = next(header.name_size);
    frame.body = next(header.body_size);
    frame.bytes = next(header.bytes_size);
    give(std::move(frame));
  }
  rest_.assign(octets);
  return true;
}

}  // namespace jackfield::kernel
