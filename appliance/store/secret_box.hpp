// SPDX-License-Identifier: Apache-2.0
// Encrypts secrets for the disk: AES-256-GCM, a fresh nonce each time, keys in a file that only the owner reads.
#ifndef JACKFIELD_STORE_SECRET_BOX_HPP
#define JACKFIELD_STORE_SECRET_BOX_HPP

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace jackfield::store {

// A line of the file is "id key" in hexadecimal digits; the last line is the key for new secrets, the others open
// older ones. Any thread.
class SecretBox {
 public:
  // Makes the file (mode 0600) when there is none. Throws Problem("secrets.key") when it cannot be read or written,
  // is not well formed, or others may read it.
  explicit SecretBox(const std::filesystem::path& key_file);
  ~SecretBox();
  SecretBox(const SecretBox&) = delete;
  SecretBox& operator=(const SecretBox&) = delete;

  // `place` names where the secret stands; a sealed text opens nowhere else.
  std::string seal(const std::string& secret, const std::string& place) const;
  // nullopt: another place, another key, or changed on the disk.
  std::optional<std::string> open(const std::string& sealed, const std::string& place) const;

 private:
  using Key = std::array<unsigned char, 32>;
  void load(const std::filesystem::path&);

  std::map<std::string, Key> keys_;
  std::string current_;
};

// Lower-case hexadecimal SHA-256.
std::string sha256(const std::string& text);
std::string hexOf(const unsigned char* bytes, std::size_t size);

}  // namespace jackfield::store

#endif
