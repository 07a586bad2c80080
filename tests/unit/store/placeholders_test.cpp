// SPDX-License-Identifier: Apache-2.0
// The lint of SQL placeholders: $1, $2 ... ascending and each once, for SQLite numbers them by first appearance and
// would silently swap values.
#include <regex>

#include "support.hpp"

namespace jackfield::store {
namespace {

// Literals that stand side by side are one text to the compiler.
std::vector<std::string> literalsOf(const std::string& source) {
  std::vector<std::string> out;
  bool joined = false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    if (c == '/' && source.compare(i, 2, "//") == 0) {
      i = source.find('\n', i);
      if (i == std::string::npos) break;
    } else if (c == '\'') {
      i = source.find('\'', source[i + 1] == '\\' ? i + 3 : i + 1);
      joined = false;
      if (i == std::string::npos) break;
    } else if (c == '"') {
      std::string text;
      for (++i; i < source.size() && source[i] != '"'; ++i) {
        if (source[i] == '\\') ++i;
        text += source[i];
      }
      if (joined)
        out.back() += text;
      else
        out.push_back(text);
      joined = true;
    } else if (!std::isspace(static_cast<unsigned char>(c))) {
      joined = false;
    }
  }
  return out;
}

bool ascending(const std::string& sql) {
  static const std::regex placeholder("\\$([0-9]+)");
  int last = 0;
  for (std::sregex_iterator at(sql.begin(), sql.end(), placeholder), end; at != end; ++at) {
    const int number = std::stoi((*at)[1]);
    if (last != 0 && number != last + 1) return false;
    last = number;
  }
  return true;
}

TEST(Placeholders, TheLintFindsARepeatedAndASwappedOne) {
  EXPECT_TRUE(ascending("SELECT $1, $2 FROM x LIMIT $3"));
  EXPECT_FALSE(ascending("SELECT $1 WHERE a = $1"));
  EXPECT_FALSE(ascending("SELECT $2, $1"));
  EXPECT_EQ(literalsOf("f(\"a $1\"\n  \" b $2\", \"c\"); // \"no\"\n'\"' g(\"d\")"),
            (std::vector<std::string>{"a $1 b $2", "c", "d"}));
}

TEST(Placeholders, AscendAndStandOnceInEveryStatementOfTheStore) {
  int statements = 0;
  for (const auto& entry : std::filesystem::directory_iterator(JACKFIELD_STORE_SOURCES)) {
    if (entry.path().extension() != ".cpp") continue;
    for (const auto& text : literalsOf(tests::bytesOf(entry.path()))) {
      if (text.find("$1") != std::string::npos) ++statements;
      EXPECT_TRUE(ascending(text)) << entry.path() << ": " << text;
    }
  }
  EXPECT_GT(statements, 30);
}

}  // namespace
}  // namespace jackfield::store
