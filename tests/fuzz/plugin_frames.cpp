// SPDX-License-Identifier: Apache-2.0
// What a plugin in a process of its own may write to its socket: whole frames come out as they went in, in order.
#include "fuzz.hpp"
#include "kernel/holder/frame.hpp"

namespace jackfield::kernel {
namespace {

struct Result {
  bool fine = true;
  std::string again;  // the frames that came out, as octets
  bool operator==(const Result&) const = default;
};

Result readAll(std::string_view octets, std::size_t piece) {
  FrameReader reader;
  Result result;
  fuzz::inPieces(octets, piece, [&](std::string_view input) {
    return result.fine = reader.take(input, [&](Frame&& frame) {
      const auto message = messageOf(frame);
      encode(frameOf(message), result.again);
    });
  });
  return result;
}

}  // namespace
}  // namespace jackfield::kernel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jackfield;
  constexpr std::size_t header = 48;
  constexpr std::size_t reserved = 44;  // four octets at the end of the header that nobody reads
  fuzz::Input input(data, size);
  const std::size_t piece = 1 + input.octet() % 64;
  const auto whole = kernel::readAll(input.rest(), 0);
  fuzz::claim(whole == kernel::readAll(input.rest(), piece), "pieces of a stream are read as the whole");
  fuzz::claim(whole.again.size() <= input.rest().size(), "no more comes out than went in");
  const auto same = std::min(whole.again.size(), header) < header ? whole.again.size() : reserved;
  fuzz::claim(whole.again.substr(0, same) == input.rest().substr(0, same), "a frame comes out as it went in");
  return 0;
}
