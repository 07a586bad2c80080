// SPDX-License-Identifier: Apache-2.0
// YAML and JSON.
#include "cli/yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/failure.hpp"

namespace jackfield::cli {
namespace {

using testing::HasSubstr;

std::string refusalOf(const std::string& text) {
  try {
    fromYaml(text, "site.yaml");
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::usage);
    return failure.what();
  }
  return "accepted";
}

TEST(CliYaml, TellsTextsFromNumbersAndTruth) {
  EXPECT_EQ(fromYaml("{a: 1, b: -2.5, c: true, d: ~, e: yes, f: '1', g: 0123, h: +49, i: x y, j: [1, two]}", "t"),
            boost::json::parse(R"({"a":1,"b":-2.5,"c":true,"d":null,"e":"yes","f":"1","g":"0123","h":"+49","i":"x y",)"
                               R"("j":[1,"two"]})"));
}

TEST(CliYaml, ReadsJsonToo) {
  EXPECT_EQ(fromYaml(R"({"version": 1, "servers": []})", "t"), boost::json::parse(R"({"version":1,"servers":[]})"));
}

TEST(CliYaml, KeepsAsTextWhatNoNumberCanHold) {
  EXPECT_EQ(fromYaml("[1e999, 1e-999, 1e3]", "t"), boost::json::parse(R"(["1e999","1e-999",1000.0])"));
}

TEST(CliYaml, GivesBackWhatItWrote) {
  const auto document = boost::json::parse(
      R"({"version":1,"texts":["1","0123","true","null","~","yes","no","a: b","# x"," lead","line\nfeed","","plain"],)"
      R"("n":[1,-2,2.5,true,false,null],"deep":{"a":[{"b":{}}],"empty":[]}})");
  EXPECT_EQ(fromYaml(toYaml(document), "t"), document);
}

TEST(CliYaml, NamesLineAndColumnOfAMistake) {
  EXPECT_THAT(refusalOf("version: 1\nservers: [\n"), HasSubstr("site.yaml:3:"));
  EXPECT_EQ(refusalOf("a: 1\nb: 2\na: 3\n"), "site.yaml:3:1: the key a stands twice");
}

TEST(CliYaml, RefusesWhatIsNotUtf8) {
  for (const std::string& text : {std::string("name: J\xfcrgen\n"), std::string("\0\0\0a", 4)})
    EXPECT_EQ(refusalOf(text), "site.yaml: is not UTF-8; save the file in that encoding");
}

TEST(CliYaml, RefusesAliasesThatUnfoldWithoutEnd) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 1; j < 10; ++j) bomb += "," + before;
    bomb += "]\n";
  }
  EXPECT_THAT(refusalOf(bomb), HasSubstr("500000"));
}

// Found by the fuzzer: escapes made a short key longer than YAML lets one stand before its value.
TEST(CliYaml, KeysOfAnyLengthAndWithControlCharactersReadBack) {
  for (const std::size_t size : {255U, 256U, 257U, 1024U, 1025U, 5000U})
    for (const char letter : {'k', '\x11'}) {
      const boost::json::value document{{"list", {{{std::string(size, letter), 1}, {"after", "text"}}}}};
      EXPECT_EQ(fromYaml(toYaml(document), "t"), document) << size << " of " << int(letter);
    }
}
}  // namespace
}  // namespace jackfield::cli
