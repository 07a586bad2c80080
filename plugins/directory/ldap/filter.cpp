// SPDX-License-Identifier: Apache-2.0
// A recursive descent over RFC 4515. libldap refuses bad filters too, but cannot say where.
#include "filter.hpp"

#include <cctype>
#include <utility>

#include <strings.h>

namespace jackfield::directory::ldap {

namespace {

constexpr std::size_t max_filter = 4096;
constexpr int max_depth = 32;

bool isHex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}
bool isDigit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool isLetter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool isNameCharacter(char c) {
  return isLetter(c) || isDigit(c) || c == '-';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  void whole() {
    filter(0);
    if (at_ != text_.size()) fail("the filter ends before here: remove what follows");
  }

 private:
  void filter(int depth) {
    if (depth > max_depth) fail("is nested deeper than " + std::to_string(max_depth) + " levels");
    expect('(', "'(' must stand here");
    spaces();
    if (peek('&') || peek('|')) {
      ++at_;
      spaces();
      do {
        filter(depth + 1);
        spaces();
      } while (peek('('));
    } else if (peek('!')) {
      ++at_;
      spaces();
      filter(depth + 1);  // the library takes no space behind it
    } else {
      item();
    }
    expect(')', "')' must stand here");
  }

  // attribute=value, with ~= >= <= and the extensible attribute:dn:rule:=value.
  void item() {
    const bool named = description();
    if (peek(':')) {
      extensible(named);
      return;
    }
    if (!named) fail("an attribute name must stand here");
    if (peek('~') || peek('>') || peek('<')) {
      ++at_;
      expect('=', "'=' must stand here");
      value(false);
      return;
    }
    expect('=', "'=', '>=', '<=', '~=' or ':=' must stand here");
    value(true);
  }

  void extensible(bool named) {
    if (strncasecmp(std::string(text_.substr(at_, 4)).c_str(), ":dn:", 4) == 0) at_ += 3;
    const bool ruled = peek(':') && !ahead(":=");
    if (ruled) {
      ++at_;
      if (!nameOrNumbers()) fail("a matching rule must stand here");
    }
    if (!ahead(":=")) fail("':=' must stand here");
    if (!named && !ruled) fail("an attribute name or a matching rule must stand before ':='");
    at_ += 2;
    value(false);
  }

  void value(bool stars) {
    for (; at_ < text_.size() && text_[at_] != ')'; ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        if (at_ + 2 >= text_.size() || !isHex(text_[at_ + 1]) || !isHex(text_[at_ + 2]))
          fail("two hexadecimal digits must follow '\\'");
        at_ += 2;
      } else if (c == '(' || c == '\0' || (c == '*' && !stars)) {
        fail("this character must be written as '\\' and two hexadecimal digits inside a value");
      } else if (c == '*' && text_[at_ - 1] == '*') {
        fail("a second '*' says nothing more: remove it");
      }
    }
  }

  // RFC 4512 section 2.5: "cn", "2.5.4.3", "cn;lang-de". False: nothing of that kind stands here.
  bool description() {
    if (!nameOrNumbers()) return false;
    while (peek(';')) {
      ++at_;
      if (!skip(isNameCharacter)) fail("an option must follow ';'");
    }
    return true;
  }
  bool nameOrNumbers() {
    if (at_ < text_.size() && isLetter(text_[at_])) return skip(isNameCharacter);
    if (!skip(isDigit)) return false;
    while (peek('.')) {
      ++at_;
      if (!skip(isDigit)) fail("a number must follow '.'");
    }
    return true;
  }
  bool skip(bool (*wanted)(char)) {
    const std::size_t start = at_;
    while (at_ < text_.size() && wanted(text_[at_])) ++at_;
    return at_ > start;
  }
  void spaces() {
    while (peek(' ')) ++at_;
  }
  bool peek(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool ahead(std::string_view s) const { return text_.substr(at_, s.size()) == s; }
  void expect(char c, const char* rule) {
    if (!peek(c)) fail(rule);
    ++at_;
  }
  [[noreturn]] void fail(std::string rule) const { throw FilterFault{at_ + 1, std::move(rule)}; }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string escape(std::string_view value) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    if (c == '*' || c == '(' || c == ')' || c == '\\' || c == '\0') {
      const auto octet = static_cast<unsigned char>(c);
      out += {'\\', hex[octet >> 4], hex[octet & 15]};
    } else {
      out += c;
    }
  }
  return out;
}

std::string equals(std::string_view attribute, std::string_view value) {
  return "(" + std::string(attribute) + "=" + escape(value) + ")";
}

std::optional<FilterFault> checkFilter(std::string_view filter) {
  if (filter.size() > max_filter)
    return FilterFault{max_filter + 1, "is longer than " + std::to_string(max_filter) + " octets"};
  try {
    Reader(filter).whole();
    return std::nullopt;
  } catch (FilterFault& fault) {
    return std::move(fault);
  }
}

}  // namespace jackfield::directory::ldap
