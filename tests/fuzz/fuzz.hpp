// SPDX-License-Identifier: Apache-2.0
// What every fuzzer needs: its input in pieces, and a claim whose failure libFuzzer reports with that input. The
// sanitizers find the faults of memory; the claims say what a reader owes to whoever calls it.
#ifndef JACKFIELD_TESTS_FUZZ_FUZZ_HPP
#define JACKFIELD_TESTS_FUZZ_FUZZ_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace jackfield::fuzz {

// One input. The view is valid as long as libFuzzer's call.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  // The first octet, 0 when there is none: chooses between ways to use the rest.
  std::uint8_t octet() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

inline void claim(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "This does not hold: %s\n", what);
  std::abort();
}

// Gives `octets` to `feed` in pieces of `size` (0: all at once) for as long as it returns true.
template <class Feed>
void inPieces(std::string_view octets, std::size_t size, Feed&& feed) {
  if (size == 0) size = octets.size();
  while (!octets.empty()) {
    const auto piece = octets.substr(0, size);
    octets.remove_prefix(piece.size());
    if (!feed(piece)) return;
  }
}

}  // namespace jackfield::fuzz

#endif
