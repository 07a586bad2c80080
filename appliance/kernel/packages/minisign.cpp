// SPDX-License-Identifier: Apache-2.0
// Cryptography by libsodium; the format is read here.
#include "kernel/packages/minisign.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <jackfield/error.hpp>

namespace jackfield::kernel::packages {

namespace {

constexpr std::string_view untrusted = "untrusted comment: ";
constexpr std::string_view trusted = "trusted comment: ";
constexpr std::size_t most_comment = 1024;

void initialise() {
  static const bool ready = ::sodium_init() >= 0;
  if (!ready) throw std::runtime_error("libsodium cannot be initialised");
}

// Empty when it is no base64 of exactly so many octets.
std::vector<std::uint8_t> decoded(std::string_view text, std::size_t octets) {
  std::vector<std::uint8_t> out(octets);
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed = ::sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end,
                                         sodium_base64_VARIANT_ORIGINAL);
  if (failed != 0 || size != octets || end != text.data() + text.size()) out.clear();
  return out;
}

[[noreturn]] void malformed(const std::string& what) {
  throw Error(Status::invalid, "package.signature.malformed", "the signature is not in minisign's format: " + what);
}

// Takes a line off the text.
std::string_view line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) malformed("it has four lines, each with an end");
  const auto out = text.substr(0, end);
  text.remove_prefix(end + 1);
  return out;
}

}  // namespace

std::string toText(const KeyNumber& number) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  KeyNumber reversed = number;
  std::reverse(reversed.begin(), reversed.end());
  std::string out;
  for (const auto octet : reversed) {
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

PublicKey PublicKey::parse(std::string_view base64) {
  initialise();
  constexpr std::size_t algorithm = 2;
  PublicKey out;
  const auto octets = decoded(base64, algorithm + out.number.size() + out.key.size());
  if (octets.empty() || octets[0] != 'E' || octets[1] != 'd')
    throw Error(Status::invalid, "package.key.malformed",
                "\"" + std::string(base64.substr(0, 80)) +
                    "\" is not a public key of minisign: it is the 56 characters of the second line of its .pub file",
                {}, std::string(base64.substr(0, 80)));
  std::copy_n(octets.begin() + algorithm, out.number.size(), out.number.begin());
  std::copy_n(octets.begin() + algorithm + out.number.size(), out.key.size(), out.key.begin());
  return out;
}

Signature Signature::parse(std::string_view text) {
  initialise();
  if (!line(text).starts_with(untrusted)) malformed("its first line does not begin with \"untrusted comment: \"");
  constexpr std::size_t algorithm = 2;
  Signature out;
  const auto file = decoded(line(text), algorithm + out.number.size() + out.of_file.size());
  if (file.empty()) malformed("its second line is not the base64 of 74 octets");
  if (file[0] == 'E' && file[1] == 'd')
    throw Error(Status::unsupported, "package.signature.legacy",
                "the signature is of minisign's old kind, without prehashing: sign with minisign 0.10 or newer");
  if (file[0] != 'E' || file[1] != 'D') malformed("its algorithm is not ED");
  std::copy_n(file.begin() + algorithm, out.number.size(), out.number.begin());
  std::copy_n(file.begin() + algorithm + out.number.size(), out.of_file.size(), out.of_file.begin());
  const auto comment = line(text);
  if (!comment.starts_with(trusted) || comment.size() > most_comment)
    malformed("its third line does not begin with \"trusted comment: \", or is longer than 1,024 characters");
  out.trusted_comment = comment.substr(trusted.size());
  const auto global = decoded(line(text), out.of_comment.size());
  if (global.empty()) malformed("its fourth line is not the base64 of 64 octets");
  if (!text.empty()) malformed("something stands after its fourth line");
  std::copy(global.begin(), global.end(), out.of_comment.begin());
  return out;
}

FileDigest::FileDigest() {
  initialise();
  ::crypto_generichash_init(&state_, nullptr, 0, 64);
}

void FileDigest::add(std::string_view octets) {
  ::crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(octets.data()), octets.size());
}

std::array<std::uint8_t, 64> FileDigest::finish() {
  std::array<std::uint8_t, 64> out{};
  ::crypto_generichash_final(&state_, out.data(), out.size());
  return out;
}

bool isBy(const PublicKey& key, const Signature& signature, const std::array<std::uint8_t, 64>& digest) {
  const auto verified = [&](const auto& by, const auto& over) {
    return ::crypto_sign_verify_detached(by.data(), over.data(), over.size(), key.key.data()) == 0;
  };
  std::vector<std::uint8_t> with_comment(signature.of_file.begin(), signature.of_file.end());
  with_comment.insert(with_comment.end(), signature.trusted_comment.begin(), signature.trusted_comment.end());
  return signature.number == key.number && verified(signature.of_file, digest) &&
         verified(signature.of_comment, with_comment);
}

}  // namespace jackfield::kernel::packages
