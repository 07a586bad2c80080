// SPDX-License-Identifier: Apache-2.0
// What a browser's side of a WebSocket may send: the reader says the same whatever pieces the octets come in.
#include <tuple>
#include <vector>

#include <jackfield/text.hpp>

#include "fuzz.hpp"
#include "gateway/hub/frame.hpp"

namespace jackfield::gateway {
namespace {

constexpr std::size_t longest = 300;
using Seen = std::tuple<Incoming::Kind, std::uint16_t, std::string>;

std::vector<Seen> readAll(std::string_view octets, std::size_t piece) {
  FrameReader reader(longest);
  std::vector<Seen> seen;
  fuzz::inPieces(octets, piece, [&](std::string_view input) {
    for (;;) {
      auto incoming = reader.next(input);
      if (incoming.kind == Incoming::Kind::none) return input.empty();
      const bool control = incoming.kind == Incoming::Kind::ping || incoming.kind == Incoming::Kind::pong ||
                           incoming.kind == Incoming::Kind::close;
      if (incoming.kind == Incoming::Kind::text) {
        fuzz::claim(incoming.payload.size() <= longest, "no message is longer than allowed");
        fuzz::claim(jackfield::detail::isUtf8(incoming.payload), "a text is UTF-8");
      }
      if (control) fuzz::claim(incoming.payload.size() <= 125, "a control frame is short");
      const bool last = incoming.kind == Incoming::Kind::fault;
      seen.emplace_back(incoming.kind, incoming.code, std::move(incoming.payload));
      if (last) return false;
    }
  });
  return seen;
}

}  // namespace
}  // namespace jackfield::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jackfield;
  fuzz::Input input(data, size);
  const std::size_t piece = 1 + input.octet() % 16;
  fuzz::claim(gateway::readAll(input.rest(), 0) == gateway::readAll(input.rest(), piece),
              "pieces of a stream are read as the whole");
  return 0;
}
