// SPDX-License-Identifier: Apache-2.0
// A plugin's package: one file that is judged, offline and whole, before any of it is written or executed.
//
//   ID-VERSION.jfpkg     tar of two members, in this order:
//     package.minisig      by minisign over content.tar.gz; its trusted comment says "id=ID version=VERSION", and
//                          "expires=2030-12-31" where the publisher wants an end
//     content.tar.gz       plugin.json, SHA256SUMS of all that follows and of plugin.json, then
//       arch/MACHINE/...     what belongs to one kind of machine as uname -m names it, the library among it
//       anything else        LICENSE and sbom.json are required
#ifndef JACKFIELD_KERNEL_PACKAGES_PACKAGE_HPP
#define JACKFIELD_KERNEL_PACKAGES_PACKAGE_HPP

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/holder/fd.hpp"
#include "kernel/holder/manifest.hpp"
#include "kernel/packages/archive.hpp"
#include "kernel/packages/trust.hpp"

namespace jackfield::kernel::packages {

// What this appliance asks of a package.
struct Policy {
  TrustStore trust;
  std::string today;    // "2026-11-27"
  std::string machine;  // as uname -m: "x86_64"
  HostOffer offer;
  bool developer = false;                          // an unsigned package is accepted
  std::map<std::string, std::string> installed{};  // the version of each plugin that is there
  bool older = false;                              // one older than the installed version is accepted: going back
};

// Verified; holds the very octets that were judged, which no change of the file it came from reaches.
class Package {
 public:
  // Judges in this order: bounds of the file, signature, what the trusted comment says, manifest, hashes and kinds of
  // all members, library. Reads the file once; its content stands in memory meanwhile. Throws Error with a code and a
  // sentence of its own for each fault: package.unreadable, .archive.malformed, .layout, .member, .size, .unsigned,
  // .expired, .comment, .mismatch, .downgrade, .hash, .architecture, .library, those of Signature::parse and
  // TrustStore::signer, and those of readManifest (manifest.hpp).
  static Package open(const std::filesystem::path& file, const Policy& policy);

  const Manifest& manifest() const { return manifest_; }
  Rung rung() const { return rung_; }
  const std::string& signer() const { return signer_; }  // the key's name; empty: unsigned

  // Writes the files for this machine into the folder, which is there and empty: arch/MACHINE/ itself, no other
  // machine's. Files 0444 or 0555, folders 0555, all of it on disk when it returns. Throws Error package.unpack.
  void unpack(const std::filesystem::path& folder) const;

 private:
  Package() = default;
  void judgeSignature(const std::string& minisig, const std::array<std::uint8_t, 64>& digest, const Policy& policy);
  void judgeManifest(const std::string& text, const Policy& policy);
  void judgeContent(const Policy& policy);

  Fd content_;
  std::string machine_;
  Manifest manifest_;
  Rung rung_ = Rung::developer;
  std::string signer_;
  std::map<std::string, std::string, std::less<>> claims_;  // of the trusted comment
};

// Major, minor and patch as numbers, then a pre-release before its release (semantic versioning, section 11).
// Negative: a is older.
int compareVersions(std::string_view a, std::string_view b);

}  // namespace jackfield::kernel::packages

#endif
