// SPDX-License-Identifier: Apache-2.0
// The lists by hand, hashes by OpenSSL.
#include "kernel/packages/content.hpp"

#include <algorithm>
#include <cstring>

#include <elf.h>

#include <jackfield/error.hpp>

namespace jackfield::kernel::packages {

namespace {

constexpr std::size_t hex_digits = 64;

bool isHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Words parseComment(std::string_view comment) {
  const auto refuse = [&](const std::string& what) {
    throw Error(Status::invalid, "package.comment", "the signature's trusted comment " + what, {},
                std::string(comment));
  };
  Words out;
  for (std::size_t begin = 0; begin < comment.size();) {
    const auto end = std::min(comment.find(' ', begin), comment.size());
    const auto word = comment.substr(begin, end - begin);
    const auto equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == word.size())
      refuse("is not of words such as id=acme-pbx, with one space between them");
    if (!out.emplace(word.substr(0, equals), word.substr(equals + 1)).second)
      refuse("says " + std::string(word.substr(0, equals)) + " twice");
    begin = end + 1;
  }
  for (const char* needed : {"id", "version"})
    if (!out.contains(needed)) refuse(std::string("does not say ") + needed + "=...");
  return out;
}

Words parseSums(std::string_view text) {
  const auto refuse = [](const std::string& what) {
    throw Error(Status::invalid, "package.hash", "SHA256SUMS of the package: " + what);
  };
  Words out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (end == std::string_view::npos || line.size() < hex_digits + 3 || !isHex(line.substr(0, hex_digits)) ||
        line.substr(hex_digits, 2) != "  ")
      refuse("line " + std::to_string(number) + " is not as sha256sum writes it");
    const auto name = line.substr(hex_digits + 2);
    if (!out.emplace(name, line.substr(0, hex_digits)).second)
      refuse("line " + std::to_string(number) + " names a file for the second time");
    text.remove_prefix(end + 1);
  }
  return out;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
    throw Error(Status::internal, "package.hash", "OpenSSL has no SHA-256 here");
}

void Sha256::add(std::string_view octets) {
  EVP_DigestUpdate(context_.get(), octets.data(), octets.size());
}

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(context_.get(), digest, &size);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

std::string machineOf(std::string_view head) {
  Elf64_Ehdr elf;
  if (head.size() < sizeof elf) return {};
  std::memcpy(&elf, head.data(), sizeof elf);
  if (std::memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
      elf.e_ident[EI_DATA] != ELFDATA2LSB || elf.e_type != ET_DYN)
    return {};
  switch (elf.e_machine) {
    case EM_X86_64:
      return "x86_64";
    case EM_AARCH64:
      return "aarch64";
    default:
      return "another";
  }
}

}  // namespace jackfield::kernel::packages
