// SPDX-License-Identifier: Apache-2.0
// Text at the plugin boundary: views of the ABI and the check that what leaves is UTF-8. No state: any thread.
#ifndef JACKFIELD_TEXT_HPP
#define JACKFIELD_TEXT_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <jackfield/abi/base.h>

namespace jackfield::detail {

inline jf_view view(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view text(jf_view v) {
  return v.size ? std::string_view(v.data, v.size) : std::string_view();
}

// Nearly all text is plain, and thousands of documents a second are looked through: eight octets at once, as one
// number.
inline std::uint64_t eightOctets(std::string_view s, std::size_t at) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, s.data() + at, sizeof eight);
  return eight;
}
inline constexpr std::uint64_t in_each_octet = 0x0101010101010101U;
inline constexpr std::uint64_t top_bits = 0x80 * in_each_octet;

// How many octets from `at` on are ASCII for certain; those behind them have to be looked at one by one.
inline std::size_t asciiRun(std::string_view s, std::size_t at) {
  const std::size_t begin = at;
  while (at + 8 <= s.size() && (eightOctets(s, at) & top_bits) == 0) at += 8;
  return at - begin;
}

// The length of the valid UTF-8 sequence at `at` (RFC 3629: no surrogates, nothing overlong, at most U+10FFFF); else 0.
inline std::size_t utf8Sequence(std::string_view s, std::size_t at) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(s[at + i]); };
  const unsigned char first = octet(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xC2 && first <= 0xDF ? 2 : (first & 0xF0) == 0xE0 ? 3 : 0;
  const std::size_t length = size ? size : (first >= 0xF0 && first <= 0xF4 ? 4 : 0);
  if (length == 0 || at + length > s.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((octet(i) & 0xC0) != 0x80) return 0;
  const unsigned char second = octet(1);
  const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return bad ? 0 : length;
}

inline bool isUtf8(std::string_view s) {
  for (std::size_t at = asciiRun(s, 0); at < s.size(); at += asciiRun(s, at)) {
    const std::size_t length = utf8Sequence(s, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

// Each octet that belongs to no valid sequence becomes U+FFFD. Far servers send what they like; one bad display name
// must not cost the whole message.
inline std::string toUtf8(std::string text) {
  if (isUtf8(text)) return text;
  std::string out;
  out.reserve(text.size() + 16);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8Sequence(text, at);
    out += length ? std::string_view(text).substr(at, length) : std::string_view("\xEF\xBF\xBD");
    at += length ? length : 1;
  }
  return out;
}

}  // namespace jackfield::detail

#endif
