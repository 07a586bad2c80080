// SPDX-License-Identifier: Apache-2.0
// WebSocket frames: what clients may send, in whatever pieces, and what ends them.
#include "gateway/hub/frame.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jackfield::gateway {
namespace {

using Kind = Incoming::Kind;

std::string masked(unsigned first, std::string_view payload) {
  const char mask[] = {0x11, 0x52, 0x73, 0x44};
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    out.push_back(static_cast<char>(0x80 | 126));
    out.push_back(static_cast<char>(payload.size() >> 8));
    out.push_back(static_cast<char>(payload.size() & 0xff));
  }
  out.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

// Feeds the octets in pieces and returns all that comes out.
std::vector<Incoming> readAll(const std::string& octets, std::size_t piece, std::size_t limit = 1000) {
  FrameReader reader(limit);
  std::vector<Incoming> out;
  for (std::size_t at = 0; at < octets.size(); at += piece) {
    std::string_view input = std::string_view(octets).substr(at, piece);
    for (Incoming incoming = reader.next(input); incoming.kind != Kind::none; incoming = reader.next(input)) {
      out.push_back(incoming);
      if (incoming.kind == Kind::fault) return out;
    }
  }
  return out;
}

TEST(Frame, HeaderNeedsTwoFourOrTenOctetsByPayload) {
  EXPECT_EQ(FrameHeader(Opcode::text, 125).view(), std::string("\x81\x7d"));
  EXPECT_EQ(FrameHeader(Opcode::text, 126).view(), std::string("\x81\x7e\x00\x7e", 4));
  EXPECT_EQ(FrameHeader(Opcode::text, 65536).view(), std::string("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10));
}

TEST(Frame, CloseFrameCutsAReasonThatIsTooLong) {
  const std::string frame = closeFrame(close_code::policy, std::string(200, 'x'));
  EXPECT_EQ(frame.size(), 127u);
  EXPECT_EQ(frame.substr(0, 4), std::string("\x88\x7d\x03\xf0"));
}

TEST(Frame, EveryPieceSizeGivesTheSameMessages) {
  const std::string octets = masked(0x01, "Grüß ") + masked(0x89, "are you there") + masked(0x80, "Gott") +
                             masked(0x81, std::string(300, 'a')) + masked(0x8a, "") +
                             masked(0x88,
                                    "\x03\xe8"
                                    "bye");
  for (std::size_t piece = 1; piece <= octets.size(); ++piece) {
    const auto got = readAll(octets, piece);
    ASSERT_EQ(got.size(), 5u) << piece;
    EXPECT_EQ(got[0].kind, Kind::ping);
    EXPECT_EQ(got[0].payload, "are you there");
    EXPECT_EQ(got[1].kind, Kind::text);
    EXPECT_EQ(got[1].payload, "Grüß Gott");
    EXPECT_EQ(got[2].payload, std::string(300, 'a'));
    EXPECT_EQ(got[3].kind, Kind::pong);
    EXPECT_EQ(got[4].kind, Kind::close);
    EXPECT_EQ(got[4].code, 1000);
    EXPECT_EQ(got[4].payload, "bye");
  }
}

struct Fault {
  const char* story;
  std::string octets;
  std::uint16_t code;
};

TEST(Frame, WhatBreaksTheProtocolIsAFaultWithTheRightCode) {
  std::string unmasked = masked(0x81, "x");
  unmasked[1] = static_cast<char>(unmasked[1] & 0x7f);
  std::string endless = masked(0x81, "");
  endless[1] = static_cast<char>(0x80 | 127);
  endless.insert(2, "\x7f\xff\xff\xff\xff\xff\xff\xff", 8);
  const Fault faults[] = {
      {"not masked", unmasked, close_code::protocolError},
      {"reserved bit", masked(0xc1, "x"), close_code::protocolError},
      {"binary", masked(0x82, "x"), close_code::unsupported},
      {"unknown opcode", masked(0x83, "x"), close_code::protocolError},
      {"fragmented ping", masked(0x09, "x"), close_code::protocolError},
      {"long ping", masked(0x89, std::string(126, 'x')), close_code::protocolError},
      {"continuation of nothing", masked(0x80, "x"), close_code::protocolError},
      {"text within a text", masked(0x01, "a") + masked(0x81, "b"), close_code::protocolError},
      {"too long", masked(0x81, std::string(1001, 'x')), close_code::tooBig},
      {"too long in fragments", masked(0x01, std::string(600, 'x')) + masked(0x80, std::string(600, 'x')),
       close_code::tooBig},
      {"2^63 octets announced", endless, close_code::tooBig},
      {"not UTF-8", masked(0x81, "\xff"), close_code::notUtf8},
      {"close without a whole code", masked(0x88, "\x03"), close_code::protocolError},
      {"close with a code that is none", masked(0x88, std::string("\x03\xed")), close_code::protocolError},
  };
  for (const auto& fault : faults) {
    const auto got = readAll(fault.octets, 3);
    ASSERT_FALSE(got.empty()) << fault.story;
    EXPECT_EQ(got.back().kind, Kind::fault) << fault.story;
    EXPECT_EQ(got.back().code, fault.code) << fault.story;
    EXPECT_FALSE(got.back().payload.empty()) << fault.story;
  }
}

}  // namespace
}  // namespace jackfield::gateway
