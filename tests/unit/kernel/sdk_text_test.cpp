// SPDX-License-Identifier: Apache-2.0
// Text of the SDK: UTF-8 and what is none, and jackfield::writeJson, which writes what serialising the tree of values
// writes. Both look at eight octets at once where they can, so that every place within eight counts.
#include <limits>
#include <optional>

#include <gtest/gtest.h>

#include <jackfield/directory.hpp>
#include <jackfield/json.hpp>

namespace {

enum class Colour { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Inner {
  std::string some_text;
  std::optional<int> maybe;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (some_text, maybe))

struct Everything {
  bool flag = true;
  std::int64_t small = std::numeric_limits<std::int64_t>::min();
  std::uint64_t big = std::numeric_limits<std::uint64_t>::max();
  double real = 0.1;
  Colour colour = Colour::green;
  std::vector<Inner> list;
  std::map<std::string, std::vector<int>> table;
  std::optional<std::string> absent;
  boost::json::value raw = {{"x", 1}};
  std::vector<bool> bits;
};
BOOST_DESCRIBE_STRUCT(Everything, (), (flag, small, big, real, colour, list, table, absent, raw, bits))

struct OnlyAbsent {
  std::optional<int> nothing;
};
BOOST_DESCRIBE_STRUCT(OnlyAbsent, (), (nothing))

std::string byTree(const auto& in) {
  return boost::json::serialize(jackfield::toJson(in));
}

}  // namespace

TEST(JsonWriter, WritesWhatTheTreeOfValuesWrites) {
  Everything all;
  EXPECT_EQ(jackfield::toJsonText(all), byTree(all));
  all.list = {{"a\"b\\c/d\n\t\r\b\f", 5}, {std::string("\0\x01\x1f\x7f", 4), std::nullopt}, {"Ünïcödé €", 0}};
  all.table = {{"k\"ey", {1, 2}}, {"", {}}};
  all.absent = "here";
  all.bits = {true, false};
  EXPECT_EQ(jackfield::toJsonText(all), byTree(all));
  EXPECT_EQ(jackfield::toJsonText(OnlyAbsent{}), "{}");
}

TEST(JsonWriter, PersonComesBackAsItWent) {
  jackfield::directory::SyncPart part;
  part.entries.resize(1);
  auto& person = part.entries.front();
  person.name = "Quill & \"Sons\" \\";
  person.given_name = "Zoë";
  person.numbers = {{jackfield::directory::NumberKind::mobile, "+44"}};
  person.roles = {"user"};
  part.skipped = {{"cn=x", "has no name"}};
  part.cursor = "{\"a\":1}";
  const std::string text = jackfield::toJsonText(part);
  EXPECT_EQ(text, byTree(part));
  const auto back = jackfield::fromJson<jackfield::directory::SyncPart>(jackfield::parseJson(text));
  EXPECT_EQ(back.entries.front().name, person.name);
  EXPECT_EQ(back.entries.front().numbers.front().value, "+44");
  EXPECT_EQ(back.cursor, part.cursor);
}

TEST(JsonWriter, EscapesWhereverItHasTo) {
  for (int octet = 0; octet < 0x80; ++octet)
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'x');
      text[at] = static_cast<char>(octet);
      EXPECT_EQ(jackfield::toJsonText(text), byTree(text)) << octet << " at " << at;
    }
}

TEST(Utf8, RefusesOverlongSurrogatesAndWhatLiesBeyondUnicode) {
  const auto everywhere = [](const std::string& text, bool expected) {
    for (std::size_t before = 0; before < 10; ++before)
      for (const std::size_t behind : {0U, 1U, 9U})
        EXPECT_EQ(jackfield::detail::isUtf8(std::string(before, 'x') + text + std::string(behind, 'x')), expected)
            << text << " behind " << before << " and before " << behind;
  };
  for (const char* good : {"", "a", "ü", "€", "😀", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) everywhere(good, true);
  for (const char* bad : {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xe2\x82", "\xf5\x80\x80\x80"})
    everywhere(bad, false);
}
