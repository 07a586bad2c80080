// SPDX-License-Identifier: Apache-2.0
// Reading by libarchive; the rules for members are ours.
#include "kernel/packages/archive.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <jackfield/error.hpp>

namespace jackfield::kernel::packages {

namespace {

constexpr std::size_t block = 64 << 10;
constexpr std::size_t most_name = 200;
constexpr std::ptrdiff_t most_depth = 8;

// A name in a sentence: what a terminal or a log would obey is not shown.
std::string shown(std::string_view name) {
  std::string out(name.substr(0, most_name));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  return out;
}

[[noreturn]] void refuse(std::string_view name, const std::string& rule) {
  throw Error(Status::invalid, "package.member", "member " + shown(name) + " of the package " + rule, {}, shown(name));
}

[[noreturn]] void tooLarge(const std::string& what) {
  throw Error(Status::invalid, "package.size", "the package is too large: " + what);
}

bool isPart(std::string_view part) {
  return !part.empty() && part.front() != '.' && part.front() != '-' &&
         std::all_of(part.begin(), part.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-' || c == '+'; });
}

// Letters, digits and . _ - + alone: no name leads out of the folder, hides, or means something to a shell.
std::string checkedName(const char* raw) {
  if (!raw) refuse("(no name)", "has a name that cannot be read");
  std::string name = raw;
  while (name.starts_with("./")) name.erase(0, 2);
  if (name.ends_with('/')) name.pop_back();
  if (name.size() > most_name) refuse(name, "has a name of more than 200 characters");
  if (std::count(name.begin(), name.end(), '/') >= most_depth) refuse(name, "lies more than 8 folders deep");
  for (std::size_t begin = 0; begin <= name.size();) {
    const auto end = std::min(name.find('/', begin), name.size());
    if (!isPart(std::string_view(name).substr(begin, end - begin)))
      refuse(name, "has a name with a part that is not letters, digits and . _ - + beginning with none of . and -");
    begin = end + 1;
  }
  return name;
}

void checkKind(archive_entry* entry, std::string_view name) {
  if (archive_entry_hardlink(entry)) refuse(name, "is a link to another");
  if (archive_entry_symlink(entry)) refuse(name, "is a symbolic link");
  const auto kind = archive_entry_filetype(entry);
  if (kind != AE_IFREG && kind != AE_IFDIR) refuse(name, "is neither a plain file nor a folder");
  if (archive_entry_perm(entry) & (S_ISUID | S_ISGID | S_ISVTX | S_IWOTH))
    refuse(name, "is set-user-ID, set-group-ID, sticky or writable by everybody");
  if (archive_entry_xattr_count(entry) || archive_entry_acl_types(entry) || archive_entry_sparse_count(entry) > 0)
    refuse(name, "has extended attributes, access lists or holes");
  if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0) refuse(name, "has no size");
}

}  // namespace

// Names that a file system without case would take for one are one here too.
struct ArchiveReader::Names {
  std::set<std::string> taken;

  void take(const std::string& name) {
    std::string folded = name;
    for (char& c : folded) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!taken.insert(folded).second) refuse(name, "is there twice");
  }
};

void ArchiveReader::Free::operator()(archive* reader) const {
  archive_read_free(reader);
}

ArchiveReader::ArchiveReader(int fd, Packing packing, const Bounds& bounds)
    : archive_(archive_read_new()), names_(std::make_unique<Names>()), bounds_(bounds) {
  archive_read_support_format_tar(archive_.get());
  if (packing == Packing::gzip) archive_read_support_filter_gzip(archive_.get());
  if (archive_read_open_fd(archive_.get(), fd, block) != ARCHIVE_OK) malformed();
}

ArchiveReader::~ArchiveReader() = default;

void ArchiveReader::malformed() const {
  const char* reason = archive_error_string(archive_.get());
  throw Error(Status::invalid, "package.archive.malformed",
              "the package is not a whole tar archive: " + shown(reason ? reason : "it is cut"));
}

bool ArchiveReader::next(Member& member) {
  archive_entry* entry = nullptr;
  const int result = archive_read_next_header(archive_.get(), &entry);
  if (result == ARCHIVE_EOF && members_ > 0) return false;
  if (result != ARCHIVE_OK) malformed();
  if (++members_ > bounds_.members) tooLarge("more than " + std::to_string(bounds_.members) + " members");
  member_.name = checkedName(archive_entry_pathname(entry));
  checkKind(entry, member_.name);
  member_.folder = archive_entry_filetype(entry) == AE_IFDIR;
  member_.executable = archive_entry_perm(entry) & S_IXUSR;
  member_.size = static_cast<std::uint64_t>(archive_entry_size(entry));
  if (member_.size > bounds_.one)
    tooLarge(member_.name + " has more than " + std::to_string(bounds_.one >> 20) + " MiB");
  total_ += member_.size;
  if (total_ > bounds_.total) tooLarge("more than " + std::to_string(bounds_.total >> 20) + " MiB in all");
  names_->take(member_.name);
  member = member_;
  return true;
}

void ArchiveReader::read(const std::function<void(std::string_view)>& piece) {
  std::string buffer(block, '\0');
  std::uint64_t got = 0;
  while (true) {
    const auto size = archive_read_data(archive_.get(), buffer.data(), buffer.size());
    if (size < 0) malformed();
    if (size == 0) break;
    got += static_cast<std::uint64_t>(size);
    piece({buffer.data(), static_cast<std::size_t>(size)});
  }
  if (got != member_.size) malformed();
}

std::string ArchiveReader::text(std::size_t limit) {
  if (member_.size > limit) tooLarge(member_.name + " has more than " + std::to_string(limit >> 10) + " KiB");
  std::string out;
  read([&](std::string_view piece) { out += piece; });
  return out;
}

}  // namespace jackfield::kernel::packages
