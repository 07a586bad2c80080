// SPDX-License-Identifier: Apache-2.0
// The file of the site's defaults.
#include "services/site_defaults.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

#include <jackfield/json.hpp>

#include "model/problem.hpp"

namespace jackfield::services {
namespace {

using model::Problem;

// Written beside and moved over, so that a crash leaves the old file or the new one.
void replaceFile(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path fresh = file.string() + ".new";
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written = descriptor >= 0 &&
                       ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(descriptor) == 0;
  int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (written && ::rename(fresh.c_str(), file.c_str()) == 0) return;
  if (written) reason = errno;
  throw Problem(Problem::Kind::internal, "site.unwritable",
                file.string() + ": cannot be written (" + std::strerror(reason) + "); look at the disk and its rights");
}

}  // namespace

SiteDefaults::SiteDefaults(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream in(file_);
  if (!in) return;
  try {
    defaults_ = fromJson<Defaults>(parseJson(std::string(std::istreambuf_iterator<char>(in), {})));
  } catch (const Error& error) {
    throw Problem(Problem::Kind::internal, "site.unreadable",
                  file_.string() + ": " + error.what() + "; correct the file or remove it");
  }
}

Defaults SiteDefaults::get() const {
  const std::lock_guard lock(mutex_);
  return defaults_;
}

void SiteDefaults::set(const Defaults& defaults) {
  const std::lock_guard lock(mutex_);
  replaceFile(file_, toJsonText(defaults) + "\n");
  defaults_ = defaults;
}

}  // namespace jackfield::services
