// SPDX-License-Identifier: Apache-2.0
// The text work on SIP values that needs no parser.
#include "message.hpp"

#include <algorithm>
#include <cctype>

namespace jackfield::sip {
namespace {

struct UriParts {
  std::string_view scheme, user, host;
};

UriParts split(std::string_view uri) {
  UriParts parts;
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos) return parts;
  parts.scheme = uri.substr(0, colon);
  auto rest = uri.substr(colon + 1);
  rest = rest.substr(0, rest.find('?'));
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    parts.user = rest.substr(0, at);
    parts.user = parts.user.substr(0, parts.user.find_first_of(":;"));
    rest = rest.substr(at + 1);
  } else if (parts.scheme == "tel") {
    parts.user = rest.substr(0, rest.find(';'));
    return parts;
  }
  rest = rest.substr(0, rest.find(';'));
  // The colons of an IPv6 reference stand in brackets.
  const auto bracket = rest.find(']');
  const auto port = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = rest.substr(0, port);
  return parts;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

}  // namespace

std::string headerSafe(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const unsigned char c : text) {
    if (c >= 0x20 && c != 0x7f)
      out += static_cast<char>(c);
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}

std::string formatAddress(const std::string& display, const std::string& uri) {
  std::string out;
  if (!display.empty()) {
    out = "\"";
    for (const char c : headerSafe(display)) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += "\" ";
  }
  std::string safe = headerSafe(uri);
  std::erase_if(safe, [](char c) { return c == '<' || c == '>' || c == ' ' || c == '"'; });
  return out + "<" + safe + ">";
}

std::string userOf(std::string_view uri) {
  return std::string(split(uri).user);
}

std::string hostOf(std::string_view uri) {
  return lower(split(uri).host);
}

std::string addressOfRecord(std::string_view uri) {
  const auto parts = split(uri);
  if (parts.scheme == "tel") return "tel:" + std::string(parts.user);
  // A device is one device whether its call came over TLS or not.
  if (parts.user.empty()) return "sip:" + lower(parts.host);
  return "sip:" + std::string(parts.user) + "@" + lower(parts.host);
}

}  // namespace jackfield::sip
