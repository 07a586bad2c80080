// SPDX-License-Identifier: Apache-2.0
// Unpacks beside, renames, switches the link: each step leaves one whole version in use.
#include "kernel/packages/installed.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <jackfield/error.hpp>

namespace jackfield::kernel::packages {

namespace fs = std::filesystem;

namespace {

std::string reason() {
  return std::generic_category().message(errno);
}

[[noreturn]] void fault(const fs::path& path, const std::string& why) {
  throw Error(Status::internal, "package.unpack", path.string() + " cannot be written: " + why);
}

void flush(const fs::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) fault(folder, reason());
}

// Folders of a version forbid writing, also to their owner.
void removeAll(const fs::path& folder) {
  std::error_code failed;
  fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add | fs::perm_options::nofollow, failed);
  for (const auto& entry : fs::recursive_directory_iterator(folder, failed))
    if (entry.is_directory() && !entry.is_symlink()) fs::permissions(entry.path(), fs::perms::owner_all, failed);
  fs::remove_all(folder, failed);
  if (failed) fault(folder, failed.message());
}

void makeFolders(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) fault(folder, failed.message());
}

}  // namespace

Installed::Installed(fs::path plugins) : plugins_(std::move(plugins)) {
  makeFolders(plugins_ / ".versions");
  lock_ = Fd(::open((plugins_ / ".versions").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock_.valid()) fault(plugins_, reason());
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
    throw Error(Status::state, "package.folder.busy",
                "another installation into " + plugins_.string() + " is under way: try again when it is done");
}

fs::path Installed::inUse(const std::string& id) const {
  std::error_code failed;
  const auto target = fs::read_symlink(plugins_ / id, failed);
  return target.parent_path() == fs::path(".versions") / id ? target.filename() : fs::path();
}

std::map<std::string, std::string> Installed::versions() const {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::directory_iterator(plugins_ / ".versions")) {
    const auto id = entry.path().filename().string();
    if (const auto version = inUse(id); !version.empty()) out.emplace(id, version.string());
  }
  return out;
}

std::vector<std::string> Installed::kept(const std::string& id) const {
  std::vector<std::string> out;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(versionsOf(id), failed))
    if (const auto name = entry.path().filename().string(); !name.starts_with('.')) out.push_back(name);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return compareVersions(a, b) < 0; });
  return out;
}

void Installed::install(const Package& package) {
  const auto& id = package.manifest().id;
  const auto& version = package.manifest().version;
  std::error_code failed;
  const auto before = inUse(id).string();
  if (before.empty() && fs::symlink_status(plugins_ / id, failed).type() != fs::file_type::not_found)
    throw Error(Status::state, "package.folder.taken",
                (plugins_ / id).string() + " was not put there by a package: remove it first");
  makeFolders(versionsOf(id));
  const auto fresh = versionsOf(id) / (".new-" + version);
  removeAll(fresh);  // of an installation that was cut off
  makeFolders(fresh);
  try {
    package.unpack(fresh);
  } catch (const std::exception&) {
    removeAll(fresh);
    throw;
  }
  // The same version again changes places with the one in use, so that the link shows a whole one at every moment.
  const auto place = versionsOf(id) / version;
  const unsigned how = fs::exists(place) ? RENAME_EXCHANGE : 0;
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, place.c_str(), how) != 0) fault(place, reason());
  flush(versionsOf(id));
  use(id, version);
  removeAll(fresh);
  for (const auto& other : kept(id))
    if (other != version && other != before) removeAll(versionsOf(id) / other);
}

void Installed::use(const std::string& id, const std::string& version) {
  const auto fresh = plugins_ / (".link-" + id);
  std::error_code failed;
  fs::remove(fresh, failed);
  fs::create_symlink(fs::path(".versions") / id / version, fresh, failed);
  if (!failed) fs::rename(fresh, plugins_ / id, failed);
  if (failed) fault(plugins_ / id, failed.message());
  flush(plugins_);
}

std::string Installed::rollBack(const std::string& id) {
  const auto now = inUse(id).string();
  for (const auto& version : kept(id))
    if (!now.empty() && version != now) {
      use(id, version);
      return version;
    }
  throw Error(Status::notFound, "package.previous.none", "no other version of " + id + " is kept", {}, id);
}

void Installed::remove(const std::string& id) {
  if (inUse(id).empty())
    throw Error(Status::notFound, "package.plugin.unknown", "no package brought a plugin " + id, {}, id);
  std::error_code failed;
  fs::remove(plugins_ / id, failed);
  if (failed) fault(plugins_ / id, failed.message());
  flush(plugins_);
  removeAll(versionsOf(id));
}

}  // namespace jackfield::kernel::packages
