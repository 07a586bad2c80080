// SPDX-License-Identifier: Apache-2.0
// The octets of a connection before anybody has signed in: where requests end, and what is refused, does not depend on
// the pieces in which they come.
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "gateway/net/request_reader.hpp"

namespace jackfield::gateway {
namespace {

constexpr RequestLimits small{.url = 64, .head = 256, .body = 128};

// Each request's octets, and what ended the reading.
std::vector<std::string> readAll(std::string_view octets, std::size_t piece) {
  using State = RequestReader::State;
  RequestReader reader(small);
  std::vector<std::string> seen;
  fuzz::inPieces(octets, piece, [&](std::string_view input) {
    auto state = reader.feed(input);
    for (; state == State::whole; state = reader.nextRequest()) {
      fuzz::claim(reader.head().size() <= small.head + 4, "no head is longer than allowed");
      fuzz::claim(reader.body().size() <= small.body, "no body is longer than allowed");
      fuzz::claim(reader.head().ends_with("\r\n\r\n"), "a head ends with an empty line");
      seen.emplace_back(reader.head());
      seen.emplace_back(reader.body());
    }
    if (state == State::refused) seen.push_back(std::to_string(reader.refusal().status));
    return state == State::more;
  });
  return seen;
}

}  // namespace
}  // namespace jackfield::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jackfield;
  fuzz::Input input(data, size);
  const std::size_t piece = 1 + input.octet() % 32;
  fuzz::claim(gateway::readAll(input.rest(), 0) == gateway::readAll(input.rest(), piece),
              "pieces of a stream are read as the whole");
  return 0;
}
