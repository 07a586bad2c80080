// SPDX-License-Identifier: Apache-2.0
// The set-up token's file.
#include "services/setup_token.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "model/problem.hpp"
#include "services/tokens.hpp"

namespace jackfield::services {
namespace {

void writeSecretFile(const std::filesystem::path& file, const std::string& text) {
  // Never readable by others, not even for a moment.
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written = descriptor >= 0 &&
                       ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (written) return;
  throw model::Problem(model::Problem::Kind::internal, "setup.token",
                       file.string() + ": cannot be written (" + std::generic_category().message(reason) +
                           "); make the data folder writable for the account of jackfieldd");
}

}  // namespace

SetupToken::SetupToken(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream in(file_);
  std::getline(in, token_);
}

void SetupToken::provide() {
  const std::lock_guard lock(mutex_);
  if (!token_.empty()) return;
  const std::string token = randomToken();
  std::filesystem::remove(file_);
  writeSecretFile(file_, token + "\n");
  token_ = token;
}

void SetupToken::remove() {
  const std::lock_guard lock(mutex_);
  if (token_.empty()) return;
  token_.clear();
  std::error_code ignored;  // the token is void already; what is left is an old file
  std::filesystem::remove(file_, ignored);
}

bool SetupToken::is(const std::string& token) const {
  const std::lock_guard lock(mutex_);
  return !token_.empty() && sameSecret(hashOf(token), hashOf(token_));
}

}  // namespace jackfield::services
