// SPDX-License-Identifier: Apache-2.0
// Normalises numbers: URI parts off, separators off, 00 in front is +.
#include "model/phone_number.hpp"

#include <algorithm>
#include <cctype>

namespace jackfield::model {

namespace {

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isKey(char c) {
  return isDigit(c) || c == '*' || c == '#';
}
// A pause and the digits behind it are dialled after the answer; they are no part of the number.
bool endsNumber(char c) {
  return c == ',' || c == ';' || c == 'x' || c == 'X' || c == 'p' || c == 'w';
}
bool separates(char c) {
  return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')' || c == '[' || c == ']' || c == '\t';
}

bool startsWith(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) {
           return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
         });
}

// `"Ann" <sip:1001@site;user=phone>` -> `1001`
std::string_view userPart(std::string_view text) {
  if (const auto open = text.find('<'); open != std::string_view::npos) {
    text.remove_prefix(open + 1);
    text = text.substr(0, text.find('>'));
  }
  for (const std::string_view scheme : {"sip:", "sips:", "tel:"}) {
    if (!startsWith(text, scheme)) continue;
    text.remove_prefix(scheme.size());
    break;
  }
  return text.substr(0, text.find_first_of("@;"));
}

}  // namespace

std::string normalisedNumber(std::string_view signalled) {
  std::string_view text = userPart(signalled.substr(0, 256));
  while (!text.empty() && separates(text.front())) text.remove_prefix(1);
  std::string out;
  const bool international = !text.empty() && text.front() == '+';
  if (international) {
    out = "+";
    text.remove_prefix(1);
  }
  for (std::size_t i = 0; i < text.size() && out.size() <= longest_number; ++i) {
    const char c = text[i];
    if (international && text.substr(i, 3) == "(0)") {
      i += 2;
    } else if (isKey(c)) {
      out += c;
    } else if (endsNumber(c) && !digitsOf(out).empty()) {
      break;
    } else if (!separates(c)) {
      return {};
    }
  }
  if (!international && out.size() > 3 && out.compare(0, 2, "00") == 0) out = "+" + out.substr(2);
  return out == "+" ? std::string() : out;
}

std::string digitsOf(std::string_view number) {
  std::string digits;
  std::copy_if(number.begin(), number.end(), std::back_inserter(digits), isDigit);
  return digits;
}

}  // namespace jackfield::model
