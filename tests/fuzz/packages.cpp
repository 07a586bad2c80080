// SPDX-License-Identifier: Apache-2.0
// What stands in a package before anybody's signature is believed, and the lists inside.
#include <sys/mman.h>
#include <unistd.h>

#include <jackfield/error.hpp>

#include "fuzz.hpp"
#include "kernel/holder/fd.hpp"
#include "kernel/packages/archive.hpp"
#include "kernel/packages/content.hpp"
#include "kernel/packages/minisign.hpp"

using namespace jackfield;
using namespace jackfield::kernel::packages;

namespace {

// Whatever comes out stays within its bounds and below one folder.
void archiveOf(std::string_view octets, Packing packing) {
  const kernel::Fd fd = kernel::checked(::memfd_create("fuzz", MFD_CLOEXEC), "memfd_create");
  if (::write(fd.get(), octets.data(), octets.size()) != static_cast<ssize_t>(octets.size())) return;
  ::lseek(fd.get(), 0, SEEK_SET);
  constexpr Bounds bounds{.members = 16, .one = 1 << 20, .total = 2 << 20};
  ArchiveReader reader(fd.get(), packing, bounds);
  Member member;
  std::uint64_t members = 0, total = 0;
  while (reader.next(member)) {
    fuzz::claim(++members <= bounds.members, "no more members than may be");
    fuzz::claim(!member.name.empty() && member.name.front() != '/' && member.name.find("..") != 0 &&
                    member.name.find("/.") == std::string::npos,
                "a member lies below the folder");
    std::uint64_t size = 0;
    reader.read([&](std::string_view piece) { size += piece.size(); });
    total += size;
    fuzz::claim(size == member.size && total <= bounds.total, "no more octets than were said");
  }
}

void signatureOf(std::string_view text) {
  const auto signature = Signature::parse(text);
  fuzz::claim(signature.trusted_comment.size() <= 1024, "a comment is short");
  parseComment(signature.trusted_comment);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto kind = input.octet();
  try {
    switch (kind) {
      case 's':
        signatureOf(input.rest());
        break;
      case 'h':
        for (const auto& [name, hash] : parseSums(input.rest())) fuzz::claim(hash.size() == 64, "a hash is whole");
        break;
      case 'c':
        parseComment(input.rest());
        break;
      case 'z':
        archiveOf(input.rest(), Packing::gzip);
        break;
      default:
        archiveOf(input.rest(), Packing::none);
    }
  } catch (const Error&) {
    return 0;  // refused, as most of what comes here should be
  }
  return 0;
}
