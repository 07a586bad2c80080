// SPDX-License-Identifier: Apache-2.0
// The file of trusted keys, and the question who signed.
#include "kernel/packages/trust.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>

#include <sys/stat.h>

#include <jackfield/error.hpp>
#include <jackfield/json.hpp>

namespace jackfield::kernel::packages {

namespace {

namespace fs = std::filesystem;

struct TrustFile {
  std::vector<TrustedKey> keys;
};
BOOST_DESCRIBE_STRUCT(TrustFile, (), (keys))

[[noreturn]] void invalid(const std::string& what, const std::string& field = {}, const std::string& value = {}) {
  throw Error(Status::invalid, "package.trust.invalid", "the trusted keys cannot be used: " + what, field, value);
}

void check(const TrustedKey& key, const std::string& at) {
  if (key.name.empty()) invalid(at + "/name is empty", at + "/name");
  if (key.rung == Rung::developer) invalid(at + "/rung developer is for what nobody signed", at + "/rung", "developer");
  if (key.plugins.empty()) invalid(at + "/plugins names no plugin that this key may sign", at + "/plugins");
  if (!key.not_after.empty() && !isDay(key.not_after))
    invalid(at + "/notAfter " + key.not_after + " is not a day such as 2030-12-31", at + "/notAfter", key.not_after);
}

}  // namespace

void requireScope(const TrustedKey& key, std::string_view plugin) {
  const bool covered = std::any_of(key.plugins.begin(), key.plugins.end(), [&](std::string_view one) {
    return one.ends_with('*') ? plugin.starts_with(one.substr(0, one.size() - 1)) : plugin == one;
  });
  if (!covered)
    throw Error(Status::auth, "package.key.scope",
                "the key of " + key.name + " may not sign plugin " + std::string(plugin), {}, std::string(plugin));
}

bool isDay(std::string_view text) {
  constexpr std::string_view pattern = "0000-00-00";
  if (text.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] == '0' ? (text[i] < '0' || text[i] > '9') : text[i] != pattern[i]) return false;
  const auto number = [&](std::size_t at, std::size_t size) { return std::stoi(std::string(text.substr(at, size))); };
  const auto month = static_cast<unsigned>(number(5, 2));
  const auto day = static_cast<unsigned>(number(8, 2));
  return std::chrono::year_month_day(std::chrono::year(number(0, 4)), std::chrono::month(month), std::chrono::day(day))
      .ok();
}

TrustStore::TrustStore(std::vector<TrustedKey> keys) {
  for (auto& key : keys) {
    const auto at = "/keys/" + std::to_string(entries_.size());
    check(key, at);
    PublicKey parsed;
    try {
      parsed = PublicKey::parse(key.key);
    } catch (const Error& error) {
      invalid(at + "/key " + error.what(), at + "/key", error.value());
    }
    for (const auto& other : entries_)
      if (other.key.number == parsed.number)
        invalid(at + "/key is there already, as " + other.trusted.name, at + "/key");
    entries_.push_back({std::move(key), parsed});
  }
}

TrustStore TrustStore::read(const fs::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0 && errno == ENOENT) return TrustStore({});
  if (info.st_mode & (S_IWGRP | S_IWOTH))
    invalid(file.string() + " can be changed by others than its owner: chmod go-w " + file.string());
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) invalid(file.string() + " cannot be read: check its rights");
  try {
    return TrustStore(fromJson<TrustFile>(parseJson(text)).keys);
  } catch (const Error& error) {
    if (error.code() == "package.trust.invalid") throw;
    invalid(file.string() + ": " + error.what(), error.field(), error.value());
  }
}

const TrustedKey& TrustStore::signer(const Signature& signature, const std::array<std::uint8_t, 64>& digest,
                                     std::string_view today) const {
  const auto number = toText(signature.number);
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& entry) { return entry.key.number == signature.number; });
  if (found == entries_.end())
    throw Error(Status::auth, "package.signature.unknown",
                "the package is signed by key " + number +
                    ", which is not trusted here: add the publisher's key, after asking the publisher for it",
                {}, number);
  if (!isBy(found->key, signature, digest))
    throw Error(
        Status::auth, "package.signature.wrong",
        "the package was changed after " + found->trusted.name + " signed it, or only claims to be signed by it", {},
        number);
  const auto& key = found->trusted;
  if (!key.not_after.empty() && std::string_view(key.not_after) < today)
    throw Error(
        Status::auth, "package.key.expired",
        "the key of " + key.name + " counted until " + key.not_after + ": ask the publisher for a newer package", {},
        key.not_after);
  return key;
}

}  // namespace jackfield::kernel::packages
