// SPDX-License-Identifier: Apache-2.0
// The judgement, in its order, and the unpacking of what was judged.
#include "kernel/packages/package.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <jackfield/error.hpp>

#include "kernel/packages/content.hpp"

namespace jackfield::kernel::packages {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view signature_name = "package.minisig";
constexpr std::string_view content_name = "content.tar.gz";
constexpr std::string_view manifest_name = "plugin.json";
constexpr std::string_view sums_name = "SHA256SUMS";
constexpr Bounds of_file{.members = 2, .one = 256ULL << 20, .total = 257ULL << 20};
constexpr std::size_t most_signature = 4 << 10;
constexpr std::size_t most_manifest = 1 << 20;

std::string reason() {
  return std::generic_category().message(errno);
}

[[noreturn]] void layout(const std::string& what) {
  throw Error(Status::invalid, "package.layout", "this is not a package of a plugin: " + what);
}

[[noreturn]] void unpackFault(const fs::path& path) {
  throw Error(Status::internal, "package.unpack", path.string() + " cannot be written: " + reason());
}

void writeAll(int fd, std::string_view octets, const fs::path& path) {
  while (!octets.empty()) {
    const auto n = ::write(fd, octets.data(), octets.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) unpackFault(path);
    octets.remove_prefix(static_cast<std::size_t>(n));
  }
}

Fd openFile(const fs::path& file) {
  Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0)
    throw Error(Status::notFound, "package.unreadable",
                file.string() + " cannot be read: " + reason() + ": check the path and its rights");
  if (!S_ISREG(info.st_mode))
    throw Error(Status::invalid, "package.unreadable", file.string() + " is not a plain file");
  return fd;
}

// The member's octets in memory that has no name: nobody can change what was judged.
Fd keep(ArchiveReader& outer, FileDigest& digest) {
  Fd out = checked(::memfd_create("package", MFD_CLOEXEC), "memfd_create");
  outer.read([&](std::string_view piece) {
    digest.add(piece);
    writeAll(out.get(), piece, "the package in memory");
  });
  return out;
}

// A reader from the beginning of the content.
std::unique_ptr<ArchiveReader> read(const Fd& content) {
  ::lseek(content.get(), 0, SEEK_SET);
  return std::make_unique<ArchiveReader>(content.get(), Packing::gzip, Bounds());
}

// A member's name as it is installed; empty: not for this machine.
std::string placeOf(const std::string& name, const std::string& machine) {
  constexpr std::string_view arch = "arch";
  if (name != arch && !name.starts_with(std::string(arch) + "/")) return name;
  const auto mine = std::string(arch) + "/" + machine + "/";
  return name.starts_with(mine) ? name.substr(mine.size()) : std::string();
}

// SHA256SUMS, from which each file that is found is taken off.
class Sums {
 public:
  explicit Sums(std::string_view text) : left_(parseSums(text)) {}

  void compare(const std::string& name, Sha256& hash) {
    const auto expected = left_.find(name);
    if (expected == left_.end()) refuse(name, " does not stand in SHA256SUMS");
    if (expected->second != hash.hex()) refuse(name, " is not what SHA256SUMS says");
    left_.erase(expected);
  }
  void expectAllFound() const {
    if (!left_.empty()) refuse(left_.begin()->first, " stands in SHA256SUMS but is not there");
  }

 private:
  [[noreturn]] static void refuse(const std::string& name, const char* what) {
    throw Error(Status::invalid, "package.hash", name + what + ": the package is damaged or was changed", {}, name);
  }
  Words left_;
};

// What the members say about the library for this machine. machines: all that there is something for.
struct Library {
  bool found = false;
  std::string machine;  // that its head names
  std::set<std::string> machines;
};

void judgeLibrary(const Library& library, const std::string& name, const std::string& machine) {
  if (!library.found) {
    std::string others;
    for (const auto& one : library.machines) others += (others.empty() ? "" : ", ") + one;
    throw Error(Status::unsupported, "package.architecture",
                "the package has no " + name + " for " + machine + ", only for " + (others.empty() ? "none" : others) +
                    ": get the one for this kind of machine");
  }
  if (library.machine != machine)
    throw Error(
        Status::invalid, "package.library",
        "arch/" + machine + "/" + name + " is " +
            (library.machine.empty() ? "no shared library" : "for machines of another kind: " + library.machine));
}

int compareParts(std::string_view a, std::string_view b) {
  const auto number = [](std::string_view text, unsigned long long& value) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc() && end == text.data() + text.size();
  };
  unsigned long long x = 0, y = 0;
  const bool a_number = number(a, x);
  const bool b_number = number(b, y);
  if (a_number != b_number) return a_number ? -1 : 1;
  if (a_number) return x < y ? -1 : x > y;
  return a.compare(b);
}

// Takes a part up to the next dot off the text.
std::string_view part(std::string_view& text) {
  const auto end = std::min(text.find('.'), text.size());
  const auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

int compareDotted(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty())
    if (const int order = compareParts(part(a), part(b)); order != 0) return order;
  return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
}

}  // namespace

int compareVersions(std::string_view a, std::string_view b) {
  const auto split = [](std::string_view text) {
    const auto hyphen = std::min(text.find('-'), text.size());
    return std::pair(text.substr(0, hyphen), text.substr(std::min(hyphen + 1, text.size())));
  };
  const auto [a_release, a_pre] = split(a);
  const auto [b_release, b_pre] = split(b);
  if (const int order = compareDotted(a_release, b_release); order != 0) return order;
  if (a_pre.empty() || b_pre.empty()) return static_cast<int>(a_pre.empty()) - static_cast<int>(b_pre.empty());
  return compareDotted(a_pre, b_pre);
}

Package Package::open(const fs::path& file, const Policy& policy) {
  const Fd fd = openFile(file);
  ArchiveReader outer(fd.get(), Packing::none, of_file);
  Package out;
  out.machine_ = policy.machine;
  Member member;
  std::string minisig;
  outer.next(member);
  if (member.name == signature_name) {
    minisig = outer.text(most_signature);
    if (!outer.next(member)) layout("there is no content.tar.gz in it");
  }
  if (member.name != content_name || member.folder)
    layout("it has " + member.name + " where content.tar.gz should be, after package.minisig");
  FileDigest digest;
  out.content_ = keep(outer, digest);
  if (outer.next(member)) layout("it has " + member.name + " after content.tar.gz");
  out.judgeSignature(minisig, digest.finish(), policy);
  out.judgeContent(policy);
  return out;
}

void Package::judgeSignature(const std::string& minisig, const std::array<std::uint8_t, 64>& digest,
                             const Policy& policy) {
  if (minisig.empty()) {
    if (policy.developer) return;
    throw Error(Status::auth, "package.unsigned",
                "the package is not signed: ask its publisher for a signed one; only developer mode takes others");
  }
  const auto signature = Signature::parse(minisig);
  const auto& key = policy.trust.signer(signature, digest, policy.today);
  claims_ = parseComment(signature.trusted_comment);
  requireScope(key, claims_.find("id")->second);
  rung_ = key.rung;
  signer_ = key.name;
  const auto expires = claims_.find("expires");
  if (expires == claims_.end()) return;
  if (!isDay(expires->second))
    throw Error(Status::invalid, "package.comment", "expires=" + expires->second + " is not a day such as 2030-12-31",
                {}, expires->second);
  if (expires->second < policy.today)
    throw Error(Status::invalid, "package.expired",
                "its publisher wanted this package used until " + expires->second + ": get a newer one", {},
                expires->second);
}

void Package::judgeManifest(const std::string& text, const Policy& policy) {
  manifest_ = parseManifest(text, "plugin.json of the package", policy.offer);
  for (const auto& [claim, value] : {std::pair("id", manifest_.id), std::pair("version", manifest_.version)}) {
    const auto found = claims_.find(claim);
    if (found != claims_.end() && found->second != value)
      throw Error(Status::invalid, "package.mismatch",
                  std::string("plugin.json says ") + claim + " " + value + ", the signature " + found->second +
                      ": this package was put together of two",
                  std::string("/") + claim, value);
  }
  const auto there = policy.installed.find(manifest_.id);
  if (there != policy.installed.end() && !policy.older && compareVersions(manifest_.version, there->second) < 0)
    throw Error(Status::invalid, "package.downgrade",
                manifest_.id + " " + manifest_.version + " is older than " + there->second +
                    ", which is installed: say so if you want to go back",
                "/version", manifest_.version);
}

// Every member, also those of other machines: what is signed is judged whole.
void Package::judgeContent(const Policy& policy) {
  const auto reader = read(content_);
  Member member;
  if (!reader->next(member) || member.name != manifest_name) layout("plugin.json is not the first of its content");
  const auto text = reader->text(most_manifest);
  judgeManifest(text, policy);
  if (!reader->next(member) || member.name != sums_name) layout("SHA256SUMS is not the second of its content");
  Sums sums(reader->text(most_manifest));
  Sha256 of_manifest;
  of_manifest.add(text);
  sums.compare(std::string(manifest_name), of_manifest);

  std::set<std::string> needed{"LICENSE", "sbom.json"};
  std::set<std::string> places;
  Library library;
  while (reader->next(member)) {
    const std::string place = placeOf(member.name, policy.machine);
    if (member.name.starts_with("arch/"))
      library.machines.insert(member.name.substr(5, std::min(member.name.find('/', 5), member.name.size()) - 5));
    if (!place.empty() && (place == manifest_name || place == sums_name || !places.insert(place).second))
      layout(member.name + " would stand where another file does");
    if (member.folder) continue;
    Sha256 hash;
    std::string head;
    reader->read([&](std::string_view piece) {
      hash.add(piece);
      if (head.size() < 64) head += piece.substr(0, 64);
    });
    sums.compare(member.name, hash);
    needed.erase(member.name);
    if (place == manifest_.library && place != member.name) {
      library.found = true;
      library.machine = machineOf(head);
    }
  }
  sums.expectAllFound();
  if (!needed.empty()) layout("it has no " + *needed.begin());
  judgeLibrary(library, manifest_.library, policy.machine);
}

void Package::unpack(const fs::path& folder) const {
  const auto reader = read(content_);
  std::set<fs::path> folders{folder};
  Member member;
  while (reader->next(member)) {
    const auto place = placeOf(member.name, machine_);
    if (place.empty() || member.folder) continue;
    const fs::path path = folder / place;
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    for (auto at = path.parent_path(); at != folder; at = at.parent_path()) folders.insert(at);
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400));
    if (!fd.valid()) unpackFault(path);
    reader->read([&](std::string_view piece) { writeAll(fd.get(), piece, path); });
    if (::fchmod(fd.get(), member.executable ? 0555 : 0444) != 0 || ::fsync(fd.get()) != 0) unpackFault(path);
  }
  const std::vector<fs::path> deepest_first(folders.rbegin(), folders.rend());
  for (const auto& at : deepest_first) {
    const Fd fd(::open(at.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid() || ::fchmod(fd.get(), 0555) != 0 || ::fsync(fd.get()) != 0) unpackFault(at);
  }
}

}  // namespace jackfield::kernel::packages
