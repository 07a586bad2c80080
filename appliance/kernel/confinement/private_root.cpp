// SPDX-License-Identifier: Apache-2.0
// Mounts are made off the tree, by descriptors, and put in their place when all are there (open_tree(2), fsopen(2)).
#include "private_root.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/holder/fd.hpp"

namespace jackfield::kernel {

namespace fs = std::filesystem;

namespace {

// What libraries read at run time: code, certificates, the way names and times are resolved. Nothing of /etc that could
// hold a secret.
constexpr std::array system_paths = {"/usr",
                                     "/lib",
                                     "/lib64",
                                     "/etc/alternatives",
                                     "/etc/ca-certificates",
                                     "/etc/gai.conf",
                                     "/etc/host.conf",
                                     "/etc/hosts",
                                     "/etc/ld.so.cache",
                                     "/etc/localtime",
                                     "/etc/nsswitch.conf",
                                     "/etc/protocols",
                                     "/etc/resolv.conf",
                                     "/etc/services",
                                     "/etc/ssl/certs",
                                     "/etc/ssl/openssl.cnf",
                                     "/etc/timezone"};
constexpr std::array devices = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};

int check(long result, const std::string& what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return static_cast<int>(result);
}

void write(const char* file, const std::string& text) {
  const Fd out(check(::open(file, O_WRONLY | O_CLOEXEC), file));
  check(::write(out.get(), text.data(), text.size()), file);
}

// A file or folder taken from the old view, on its way into the new one.
struct Piece {
  fs::path path;
  bool folder = false;
  Fd tree;
};

bool covers(const fs::path& folder, const fs::path& path) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

class Collection {
 public:
  // Passes over what is missing, and what stands in a folder that was added before.
  void add(const fs::path& path, unsigned attributes) {
    struct stat found {};
    if (!path.is_absolute() || ::stat(path.c_str(), &found) != 0) return;
    const fs::path named = path.lexically_normal();
    take(named.has_filename() ? named : named.parent_path(), S_ISDIR(found.st_mode), attributes);
    // A link that leads out of a folder that is there.
    take(fs::canonical(path), S_ISDIR(found.st_mode), attributes);
  }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  void take(const fs::path& path, bool folder, unsigned attributes) {
    for (const auto& piece : pieces_)
      if (covers(piece.path, path)) return;
    Piece piece{path, folder,
                Fd(check(::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
                         "taking " + path.string()))};
    mount_attr wanted{};
    wanted.attr_set = attributes;
    check(::mount_setattr(piece.tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &wanted, sizeof wanted),
          "protecting " + path.string());
    pieces_.push_back(std::move(piece));
  }

  std::vector<Piece> pieces_;
};

Fd emptyTree(const char* size, unsigned attributes) {
  const Fd made(check(::fsopen("tmpfs", FSOPEN_CLOEXEC), "a file system in memory"));
  const auto set = [&](const char* key, const char* value) {
    check(::fsconfig(made.get(), FSCONFIG_SET_STRING, key, value, 0), key);
  };
  set("size", size);
  set("mode", "0755");
  check(::fsconfig(made.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), "a file system in memory");
  return Fd(check(::fsmount(made.get(), FSMOUNT_CLOEXEC, attributes), "a file system in memory"));
}

void attach(const Fd& tree, const std::string& at) {
  check(::move_mount(tree.get(), "", AT_FDCWD, at.c_str(), MOVE_MOUNT_F_EMPTY_PATH), "placing " + at);
}

// Relative to the new root, which is the current folder.
void place(const Piece& piece) {
  const fs::path at = piece.path.relative_path();
  fs::create_directories(piece.folder ? at : at.parent_path());
  if (!piece.folder) Fd(check(::open(at.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0444), at.string()));
  attach(piece.tree, at.string());
}

}  // namespace

void enterNamespaces(bool offline) {
  const auto uid = std::to_string(::geteuid());
  const auto gid = std::to_string(::getegid());
  check(::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | (offline ? CLONE_NEWNET : 0)), "namespaces of its own");
  // Files keep their owners; a process without privileges may map itself alone, and only so.
  write("/proc/self/setgroups", "deny");
  write("/proc/self/uid_map", uid + " " + uid + " 1");
  write("/proc/self/gid_map", gid + " " + gid + " 1");
}

void enterPrivateRoot(const std::vector<fs::path>& paths) {
  constexpr unsigned careful = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  Collection collection;
  for (const auto* path : system_paths) collection.add(path, careful | MOUNT_ATTR_NODEV);
  for (const auto* path : devices) collection.add(path, careful | MOUNT_ATTR_NOEXEC);
  for (const auto& path : paths) collection.add(path, careful | MOUNT_ATTR_NODEV);
  const Fd root = emptyTree("1m", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  const Fd scratch = emptyTree("64m", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);

  // Nothing of this comes back to the parent's view.
  check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "a view of its own");
  attach(root, "/tmp");  // any folder will do: all that is needed is in hand
  check(::fchdir(root.get()), "the new root");
  fs::create_directory("tmp");
  attach(scratch, "tmp");
  for (const auto& piece : collection.pieces()) place(piece);
  mount_attr closed{};
  closed.attr_set = careful;
  check(::mount_setattr(root.get(), "", AT_EMPTY_PATH, &closed, sizeof closed), "closing the new root");
  check(::syscall(SYS_pivot_root, ".", "."), "changing to the new root");
  check(::umount2(".", MNT_DETACH), "leaving the old root");
  check(::chdir("/"), "the new root");
}

}  // namespace jackfield::kernel
