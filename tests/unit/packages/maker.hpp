// SPDX-License-Identifier: Apache-2.0
// Makes packages of plugins, good ones and every kind of bad one.
#ifndef JACKFIELD_TESTS_UNIT_PACKAGES_MAKER_HPP
#define JACKFIELD_TESTS_UNIT_PACKAGES_MAKER_HPP

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "kernel/packages/package.hpp"
#include "support/process.hpp"

namespace jackfield::tests {

// A member as a tar archive holds it; kind and link are those of libarchive.
struct RawMember {
  std::string name;
  std::string text;
  unsigned kind = 0100000;  // S_IFREG
  unsigned mode = 0644;
  std::string link{};
  bool hard = false;
  std::optional<std::int64_t> said_size{};  // another than the text has
  std::string attribute{};
};

std::string tar(const std::vector<RawMember>& members, bool gzip);
std::string sha256(const std::string& text);
// The head of a shared library for that machine (EM_X86_64 ...), with something behind it.
std::string elf(unsigned machine = 62);

// A key pair of minisign's.
class Signer {
 public:
  Signer();
  // A whole .minisig file.
  std::string sign(const std::string& content, const std::string& trusted_comment) const;
  std::string publicKey() const;
  kernel::packages::TrustedKey trusted(std::vector<std::string> plugins = {"acme-*"}) const;

 private:
  std::string number_;
  std::string public_, secret_;
};

// A package in the making. Change what should be wrong, then write() it.
struct Maker {
  Maker();
  boost::json::object manifest;
  std::vector<RawMember> members;                        // after plugin.json and SHA256SUMS
  std::function<std::string(std::string)> change_sums;   // of SHA256SUMS, before it is signed
  std::function<void(std::vector<RawMember>&)> content;  // of all members inside, before they are signed
  std::function<std::string(std::string)> packed;        // of content.tar.gz, after it is signed
  std::function<void(std::vector<RawMember>&)> outer;    // of the two members outside
  std::function<std::string(std::string)> file;          // of the whole file
  std::string comment;                                   // empty: as it should be
  bool sign = true;
  Signer signer;

  std::filesystem::path write(const TemporaryFolder& folder) const;
  kernel::packages::Policy policy() const;  // trusts the signer
};

}  // namespace jackfield::tests

#endif
