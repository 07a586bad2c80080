// SPDX-License-Identifier: Apache-2.0
// Session descriptions of any phone: what call control does to them holds whatever stands in them.
#include <string>

#include "b2bua/sdp.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jackfield;
  namespace sdp = calls::sdp;
  fuzz::Input input(data, size);
  const std::string text(input.rest());

  const auto held = sdp::withDirection(text, sdp::Direction::inactive);
  const auto talking = sdp::withDirection(text, sdp::Direction::sendrecv);
  fuzz::claim(sdp::withDirection(held, sdp::Direction::inactive) == held, "a direction that stands stays as it is");
  fuzz::claim(sdp::withDirection(held, sdp::Direction::sendrecv).size() == talking.size(),
              "a hold that is undone leaves nothing behind");
  fuzz::claim(!sdp::holds(text) || sdp::holds(held), "a description on hold stays on hold");
  fuzz::claim(sdp::sameMedia(held, talking), "a direction is no other medium");

  sdp::Origin origin;
  fuzz::claim(origin.pass(text) == text, "what only passes is not touched");
  origin.own(held);
  const auto restored = origin.last();
  fuzz::claim(origin.own(restored) == restored, "the same description keeps its version");
  sdp::isSdp(text);
  return 0;
}
