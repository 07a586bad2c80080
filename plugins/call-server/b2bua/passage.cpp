// SPDX-License-Identifier: Apache-2.0
// Served user, trust and correlation.
#include "passage.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <strings.h>

#include <jackfield/error.hpp>

namespace jackfield::calls {
namespace {

std::string hex(const unsigned char* data, std::size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[data[i] >> 4];
    out += digits[data[i] & 15];
  }
  return out;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::optional<std::array<unsigned char, 16>> parseAddress(const std::string& text) {
  std::array<unsigned char, 16> out{};
  if (inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return out;
  unsigned char v4[4];
  if (inet_pton(AF_INET, text.c_str(), v4) != 1) return std::nullopt;
  out[10] = out[11] = 0xff;
  std::copy(v4, v4 + 4, out.begin() + 12);
  return out;
}

bool inside(const std::array<unsigned char, 16>& address, const std::array<unsigned char, 16>& network, unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(network.begin(), network.begin() + whole, address.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<unsigned char>(0xff << (8 - bits % 8));
  return (network[whole] & mask) == (address[whole] & mask);
}

}  // namespace

std::optional<ServedUser> parseServedUser(std::string_view value) {
  const auto open = value.find('<');
  const auto close = value.find('>', open);
  if (open == std::string_view::npos || close == std::string_view::npos) return std::nullopt;
  ServedUser out;
  out.uri = trimmed(value.substr(open + 1, close - open - 1));
  out.name = trimmed(value.substr(0, open));
  if (out.name.size() >= 2 && out.name.front() == '"') out.name = out.name.substr(1, out.name.size() - 2);
  if (sip::userOf(out.uri).empty()) return std::nullopt;
  std::string parameters(value.substr(close + 1));
  std::transform(parameters.begin(), parameters.end(), parameters.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  parameters += ';';
  if (parameters.find(";sescase=orig;") != std::string::npos)
    out.phase = Phase::originating;
  else if (parameters.find(";sescase=term;") != std::string::npos)
    out.phase = Phase::terminating;
  else
    return std::nullopt;
  return out;
}

std::optional<TrustedPeers::Network> TrustedPeers::parse(const std::string& entry) {
  const auto slash = entry.find('/');
  const auto address = parseAddress(entry.substr(0, slash));
  if (!address) return std::nullopt;
  Network out{*address, 128};
  if (slash == std::string::npos) return out;
  const bool v4 = entry.find(':') == std::string::npos;
  char* end = nullptr;
  const unsigned long bits = std::strtoul(entry.c_str() + slash + 1, &end, 10);
  if (end == entry.c_str() + slash + 1 || *end || bits > (v4 ? 32u : 128u)) return std::nullopt;
  out.bits = static_cast<unsigned>(bits) + (v4 ? 96 : 0);
  return out;
}

namespace {

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return sip::headerSafe(out);
}

std::optional<Replaces> parseReplaces(const std::string& value) {
  const auto parameter = [&](const std::string& name) {
    const auto at = value.find(";" + name + "=");
    if (at == std::string::npos) return std::string();
    const auto from = at + name.size() + 2;
    return value.substr(from, value.find(';', from) - from);
  };
  Replaces out{value.substr(0, value.find(';')), parameter("to-tag"), parameter("from-tag")};
  if (out.call_id.empty() || out.to_tag.empty() || out.from_tag.empty()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<ReferTo> parseReferTo(std::string_view value) {
  if (const auto open = value.find('<'); open != std::string_view::npos)
    value = value.substr(open + 1, value.find('>', open) - open - 1);
  const auto question = value.find('?');
  ReferTo out{std::string(value.substr(0, question)), std::nullopt};
  if (sip::userOf(out.uri).empty() || sip::hostOf(out.uri).empty() || out.uri.size() > 1000) return std::nullopt;
  for (auto rest = question == std::string_view::npos ? "" : value.substr(question + 1); !rest.empty();) {
    const auto one = rest.substr(0, rest.find('&'));
    const auto equals = one.find('=');
    if (equals == 8 && strncasecmp(one.data(), "Replaces", 8) == 0)
      out.replaces = parseReplaces(unescaped(one.substr(equals + 1)));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return out;
}

TrustedPeers::TrustedPeers(const std::vector<std::string>& entries, const std::string& field) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (const auto network = parse(entries[i])) {
      networks_.push_back(*network);
    } else if (entries[i].empty() || entries[i].find_first_of("/: \t") != std::string::npos) {
      throw Error(Status::invalid, "settings.peer.invalid",
                  field + "/" + std::to_string(i) + ": \"" + entries[i] +
                      "\" is neither an address, a network such as 192.0.2.0/24, nor a host name",
                  field + "/" + std::to_string(i), entries[i]);
    } else {
      names_.push_back(entries[i]);
    }
  }
}

bool TrustedPeers::trusts(const sip::Source& source) const {
  if (const auto address = parseAddress(source.host)) {
    for (const auto& network : networks_) {
      if (inside(*address, network.address, network.bits)) return true;
    }
  }
  return std::any_of(source.certificates.begin(), source.certificates.end(), [this](const std::string& shown) {
    return std::any_of(names_.begin(), names_.end(),
                       [&](const std::string& name) { return strcasecmp(name.c_str(), shown.c_str()) == 0; });
  });
}

Correlation::Correlation() {
  RAND_bytes(key_.data(), static_cast<int>(key_.size()));
}

std::string Correlation::sign(const Passed& passed) const {
  const std::string text = passed.call + "." + std::to_string(passed.span) + passed.leg;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest, &size);
  return text + ";token=" + hex(digest, 16);
}

// npos is longer.
constexpr std::size_t longest_reference = 80;

std::optional<Passed> Correlation::verify(std::string_view value) const {
  const auto at = value.find(";token=");
  const auto dot = value.find('.');
  if (at > longest_reference || dot == std::string_view::npos || dot + 2 > at) return std::nullopt;
  Passed passed{std::string(value.substr(0, dot)), 0, value[at - 1]};
  std::from_chars(value.data() + dot + 1, value.data() + at - 1, passed.span);
  const std::string wanted = sign(passed);
  if (wanted.size() != value.size() || CRYPTO_memcmp(wanted.data(), value.data(), value.size()) != 0)
    return std::nullopt;
  return passed;
}

std::string newCallId() {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  unsigned char bytes[14];
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(now >> (8 * (5 - i)));
  RAND_bytes(bytes + 6, 8);
  return hex(bytes, sizeof bytes);
}

}  // namespace jackfield::calls
