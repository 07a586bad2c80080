// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM by OpenSSL. Sealed form: "1:KEYID:HEX", HEX being nonce (12), ciphertext, tag (16).
#include "store/secret_box.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/problem.hpp"

namespace jackfield::store {

using model::Problem;

namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
using Bytes = std::vector<unsigned char>;
using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Context context() {
  return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
}

void need(int ok, const char* what) {
  if (ok != 1) throw std::runtime_error(std::string("OpenSSL refused: ") + what);
}

int lengthOf(std::size_t size) {
  return static_cast<int>(size);
}

std::optional<Bytes> bytesOf(const std::string& hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  Bytes out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<unsigned char>(high * 16 + low));
  }
  return out;
}

Problem keyProblem(const std::filesystem::path& file, const std::string& why) {
  return {Problem::Kind::unavailable, "secrets.key", "the key file " + file.string() + " " + why};
}

// Written whole under another name and then renamed, so that a crash leaves no half key behind.
void makeKeyFile(const std::filesystem::path& file) {
  std::array<unsigned char, 36> random{};
  need(RAND_bytes(random.data(), lengthOf(random.size())), "random bytes");
  const std::string line = hexOf(random.data(), 4) + " " + hexOf(random.data() + 4, 32) + "\n";
  const std::string fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  const int descriptor = ::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) throw keyProblem(file, "cannot be made; look at the folder's owner and rights");
  const bool written =
      ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!written || ::rename(fresh.c_str(), file.c_str()) != 0)
    throw keyProblem(file, "cannot be written; look at the disk");
  const int folder = ::open(file.parent_path().empty() ? "." : file.parent_path().c_str(), O_RDONLY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
}

}  // namespace

std::string hexOf(const unsigned char* bytes, std::size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[bytes[i] >> 4U];
    out += digits[bytes[i] & 15U];
  }
  return out;
}

std::string sha256(const std::string& text) {
  std::array<unsigned char, 32> hash{};
  need(EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha256(), nullptr), "SHA-256");
  return hexOf(hash.data(), hash.size());
}

SecretBox::SecretBox(const std::filesystem::path& key_file) {
  struct stat about {};
  if (::stat(key_file.c_str(), &about) != 0) {
    if (errno != ENOENT) throw keyProblem(key_file, "cannot be read: " + std::generic_category().message(errno));
    makeKeyFile(key_file);
  } else if ((about.st_mode & 077U) != 0) {
    throw keyProblem(key_file, "may be read by others than its owner; set its mode to 0600");
  }
  load(key_file);
}

SecretBox::~SecretBox() {
  for (auto& [id, key] : keys_) OPENSSL_cleanse(key.data(), key.size());
}

void SecretBox::load(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string id;
  std::string hex;
  while (in >> id >> hex) {
    const auto bytes = bytesOf(hex);
    if (!bytes || bytes->size() != 32 || id.size() != 8)
      throw keyProblem(file, "is not well formed; restore it from a backup");
    std::copy(bytes->begin(), bytes->end(), keys_[id].begin());
    current_ = id;
  }
  OPENSSL_cleanse(hex.data(), hex.size());
  if (keys_.empty()) throw keyProblem(file, "holds no key; restore it from a backup");
}

std::string SecretBox::seal(const std::string& secret, const std::string& place) const {
  Bytes out(nonce_size + secret.size() + tag_size);
  need(RAND_bytes(out.data(), nonce_size), "random bytes");
  const auto cipher = context();
  int length = 0;
  need(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, keys_.at(current_).data(), out.data()), "key");
  need(EVP_EncryptUpdate(cipher.get(), nullptr, &length, reinterpret_cast<const unsigned char*>(place.data()),
                         lengthOf(place.size())),
       "place");
  need(EVP_EncryptUpdate(cipher.get(), out.data() + nonce_size, &length,
                         reinterpret_cast<const unsigned char*>(secret.data()), lengthOf(secret.size())),
       "secret");
  need(EVP_EncryptFinal_ex(cipher.get(), out.data() + nonce_size + length, &length), "end");
  need(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, out.data() + nonce_size + secret.size()),
       "tag");
  return "1:" + current_ + ":" + hexOf(out.data(), out.size());
}

std::optional<std::string> SecretBox::open(const std::string& sealed, const std::string& place) const {
  if (sealed.size() < 11 || sealed.compare(0, 2, "1:") != 0 || sealed[10] != ':') return std::nullopt;
  const auto key = keys_.find(sealed.substr(2, 8));
  const auto bytes = bytesOf(sealed.substr(11));
  if (key == keys_.end() || !bytes || bytes->size() < nonce_size + tag_size) return std::nullopt;
  Bytes tag(bytes->end() - tag_size, bytes->end());
  std::string out(bytes->size() - nonce_size - tag_size, '\0');
  const auto cipher = context();
  int length = 0;
  need(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key->second.data(), bytes->data()), "key");
  need(EVP_DecryptUpdate(cipher.get(), nullptr, &length, reinterpret_cast<const unsigned char*>(place.data()),
                         lengthOf(place.size())),
       "place");
  need(EVP_DecryptUpdate(cipher.get(), reinterpret_cast<unsigned char*>(out.data()), &length,
                         bytes->data() + nonce_size, lengthOf(out.size())),
       "secret");
  need(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()), "tag");
  unsigned char end[16];
  if (EVP_DecryptFinal_ex(cipher.get(), end, &length) != 1) return std::nullopt;
  return out;
}

}  // namespace jackfield::store
