// SPDX-License-Identifier: Apache-2.0
// Signatures in the format of minisign 0.11, prehashed: Ed25519 over BLAKE2b-512 of the file, and over that signature
// together with the trusted comment. Any other program of that format makes and checks them too.
#ifndef JACKFIELD_KERNEL_PACKAGES_MINISIGN_HPP
#define JACKFIELD_KERNEL_PACKAGES_MINISIGN_HPP

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <sodium.h>

namespace jackfield::kernel::packages {

using KeyNumber = std::array<std::uint8_t, 8>;

// As people write it: sixteen hexadecimal digits, the last octet first.
std::string toText(const KeyNumber& number);

struct PublicKey {
  KeyNumber number{};
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> key{};

  // The second line of a .pub file. Throws Error package.key.malformed.
  static PublicKey parse(std::string_view base64);
};

struct Signature {
  KeyNumber number{};
  std::array<std::uint8_t, crypto_sign_BYTES> of_file{};
  std::string trusted_comment;
  std::array<std::uint8_t, crypto_sign_BYTES> of_comment{};

  // A whole .minisig file. Throws Error package.signature.malformed, package.signature.legacy.
  static Signature parse(std::string_view text);
};

// What a signature is made over, octets by and by.
class FileDigest {
 public:
  FileDigest();
  void add(std::string_view octets);
  std::array<std::uint8_t, 64> finish();

 private:
  crypto_generichash_state state_;
};

// Both of its signatures are by this key.
bool isBy(const PublicKey& key, const Signature& signature, const std::array<std::uint8_t, 64>& digest);

}  // namespace jackfield::kernel::packages

#endif
