// SPDX-License-Identifier: Apache-2.0
// A tar archive from a stranger, member by member: bounded, and nothing but plain files and folders below one place.
#ifndef JACKFIELD_KERNEL_PACKAGES_ARCHIVE_HPP
#define JACKFIELD_KERNEL_PACKAGES_ARCHIVE_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct archive;

namespace jackfield::kernel::packages {

struct Member {
  std::string name;  // relative, "/" between its parts; a folder's without the last one
  bool folder = false;
  bool executable = false;
  std::uint64_t size = 0;  // octets, as the archive says
};

// What an archive may hold; beyond it Error package.size.
struct Bounds {
  std::uint64_t members = 4096;
  std::uint64_t one = 128ULL << 20;    // octets of a file
  std::uint64_t total = 512ULL << 20;  // octets of all
};

enum class Packing { none, gzip };

class ArchiveReader {
 public:
  // Reads from where the descriptor stands; it stays the caller's.
  ArchiveReader(int fd, Packing packing, const Bounds& bounds);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  // The next member, false at the end. Throws Error package.archive.malformed; package.member for a member of another
  // kind, with a name that leads elsewhere or that another has, or with rights no file of a plugin needs; package.size.
  bool next(Member& member);
  // The octets of the member that next() gave, in pieces. Throws as next().
  void read(const std::function<void(std::string_view)>& piece);
  // The same as one text of at most so many octets; else Error package.size.
  std::string text(std::size_t limit);

 private:
  [[noreturn]] void malformed() const;

  struct Free {
    void operator()(archive* reader) const;
  };
  struct Names;
  std::unique_ptr<archive, Free> archive_;
  std::unique_ptr<Names> names_;
  Bounds bounds_;
  Member member_;
  std::uint64_t members_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace jackfield::kernel::packages

#endif
