// SPDX-License-Identifier: Apache-2.0
// Redaction by name and by value.
#include "kernel/base/redaction.hpp"

#include <algorithm>
#include <array>

#include <Poco/RegularExpression.h>
#include <Poco/String.h>

namespace jackfield::kernel {

namespace {

constexpr std::string_view mask = "***";
constexpr std::size_t shortestSecret = 4;
constexpr std::array<const char*, 9> tellingWords = {"password", "passwd", "passphrase",    "secret",    "token",
                                                     "cookie",   "csrf",   "authorization", "privatekey"};

bool hasTellingWord(std::string_view text) {
  std::string lower = Poco::toLower(std::string(text));
  std::erase_if(lower, [](char c) { return c == '-' || c == '_'; });
  return std::ranges::any_of(tellingWords, [&](const char* word) { return lower.find(word) != std::string::npos; });
}

const Poco::RegularExpression& assignments() {
  static const Poco::RegularExpression expression(
      R"(((?:password|passwd|passphrase|secret|token|cookie|csrf|authorization|private[-_]?key)[\w-]*"?\s*[:=]\s*(?:(?:bearer|basic|digest)\s+)?)("(?:[^"\\]|\\.)*"|[^\s",;&}]+))",
      Poco::RegularExpression::RE_CASELESS);
  return expression;
}

}  // namespace

bool Redaction::isSecretName(std::string_view name) {
  return hasTellingWord(name);
}

void Redaction::add(const std::string& value) {
  if (value.size() < shortestSecret) return;
  const std::lock_guard lock(mutex_);
  ++values_[value];
}

void Redaction::remove(const std::string& value) {
  const std::lock_guard lock(mutex_);
  if (const auto hit = values_.find(value); hit != values_.end() && --hit->second == 0) values_.erase(hit);
}

std::string Redaction::withoutValues(std::string text) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [value, registrations] : values_)
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at + mask.size()))
      text.replace(at, value.size(), mask);
  return text;
}

std::string Redaction::apply(std::string_view text) const {
  std::string out = withoutValues(std::string(text));
  // The expression costs more than the whole rest; most messages have none of the words.
  if (hasTellingWord(out)) assignments().subst(out, "$1***", Poco::RegularExpression::RE_GLOBAL);
  return out;
}

}  // namespace jackfield::kernel
