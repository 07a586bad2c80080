// SPDX-License-Identifier: Apache-2.0
// A view of the file system with nothing in it but what is named.
#ifndef JACKFIELD_KERNEL_CONFINEMENT_PRIVATE_ROOT_HPP
#define JACKFIELD_KERNEL_CONFINEMENT_PRIVATE_ROOT_HPP

#include <filesystem>
#include <vector>

namespace jackfield::kernel {

// Leaves the user, mount and IPC namespaces of the parent, and its network when `offline`. Throws std::system_error.
void enterNamespaces(bool offline);

// After enterNamespaces(): the system's libraries and what resolves names, /dev/null and its like, and `paths`, all
// read-only, with an empty /tmp of 64 MiB. There is no /proc: it would show the other processes. Throws
// std::system_error; the old view then stays.
void enterPrivateRoot(const std::vector<std::filesystem::path>& paths);

}  // namespace jackfield::kernel

#endif
