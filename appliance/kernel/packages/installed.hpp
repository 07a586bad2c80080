// SPDX-License-Identifier: Apache-2.0
// The folder of plugins as packages fill it: every version in a folder of its own, a link to the one in use.
//
//   PLUGINS/acme-pbx -> .versions/acme-pbx/1.2.0
//   PLUGINS/.versions/acme-pbx/1.1.0, 1.2.0
#ifndef JACKFIELD_KERNEL_PACKAGES_INSTALLED_HPP
#define JACKFIELD_KERNEL_PACKAGES_INSTALLED_HPP

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "kernel/packages/package.hpp"

namespace jackfield::kernel::packages {

// One at a time: the folder is locked from construction to the end, by whichever program. Throws Error
// package.folder.busy, and package.unpack for what the disk refuses.
class Installed {
 public:
  explicit Installed(std::filesystem::path plugins);

  // The version in use of each plugin that came by a package.
  std::map<std::string, std::string> versions() const;
  // Those that are kept, the oldest first.
  std::vector<std::string> kept(const std::string& id) const;

  // Unpacks beside what is there, then switches the link: whenever it stops, the link shows one whole version. The one
  // in use before is kept, older ones go. Throws Error package.folder.taken where a folder stands that no package
  // brought.
  void install(const Package& package);
  // To the one kept; gives its version. Throws Error package.previous.none.
  std::string rollBack(const std::string& id);
  // All versions. Throws Error package.plugin.unknown.
  void remove(const std::string& id);

 private:
  std::filesystem::path versionsOf(const std::string& id) const { return plugins_ / ".versions" / id; }
  std::filesystem::path inUse(const std::string& id) const;
  void use(const std::string& id, const std::string& version);

  std::filesystem::path plugins_;
  Fd lock_;
};

}  // namespace jackfield::kernel::packages

#endif
