// SPDX-License-Identifier: Apache-2.0
// Random tokens and their hashes, by OpenSSL.
#include "services/tokens.hpp"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "model/problem.hpp"

namespace jackfield::services {
namespace {

template <std::size_t size>
std::array<unsigned char, size> randomBytes() {
  std::array<unsigned char, size> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(size)) != 1)
    throw model::Problem(model::Problem::Kind::internal, "system.random",
                         "the system gives no random numbers; look at the machine's entropy source");
  return bytes;
}

template <class Bytes>
std::string hexadecimal(const Bytes& bytes, std::size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(digits[bytes[i] >> 4]);
    out.push_back(digits[bytes[i] & 15]);
  }
  return out;
}

}  // namespace

std::string randomToken() {
  const auto bytes = randomBytes<32>();
  std::array<unsigned char, 48> text;
  const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  std::string out(text.begin(), text.begin() + length);
  out.erase(out.find('='));
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::string randomId() {
  const auto bytes = randomBytes<16>();
  return hexadecimal(bytes, bytes.size());
}

std::string hashOf(const std::string& token) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(token.data(), token.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return hexadecimal(digest, size);
}

bool sameSecret(const std::string& one, const std::string& other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace jackfield::services
