// SPDX-License-Identifier: Apache-2.0
// Archives by libarchive, also such as no honest program writes; signatures by libsodium.
#include "maker.hpp"

#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <sodium.h>

#include "kernel/packages/content.hpp"

namespace jackfield::tests {

using namespace kernel::packages;

namespace {

std::string base64(const std::string& octets) {
  std::string out(sodium_base64_encoded_len(octets.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();
  return out;
}

std::string signature(const std::string& over, const std::string& secret) {
  std::string out(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(out.data()), nullptr,
                       reinterpret_cast<const unsigned char*>(over.data()), over.size(),
                       reinterpret_cast<const unsigned char*>(secret.data()));
  return out;
}

}  // namespace

std::string tar(const std::vector<RawMember>& members, bool gzip) {
  std::string out;
  const std::unique_ptr<archive, int (*)(archive*)> writer(archive_write_new(), archive_write_free);
  archive_write_set_format_pax_restricted(writer.get());
  if (gzip) archive_write_add_filter_gzip(writer.get());
  const auto keep = [](archive*, void* to, const void* octets, std::size_t size) -> la_ssize_t {
    static_cast<std::string*>(to)->append(static_cast<const char*>(octets), size);
    return static_cast<la_ssize_t>(size);
  };
  archive_write_open(writer.get(), &out, nullptr, keep, nullptr);
  for (const auto& member : members) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), member.name.c_str());
    archive_entry_set_filetype(entry.get(), member.kind);
    archive_entry_set_perm(entry.get(), member.mode);
    archive_entry_set_size(entry.get(), member.said_size.value_or(static_cast<std::int64_t>(member.text.size())));
    if (!member.link.empty() && member.hard) archive_entry_set_hardlink(entry.get(), member.link.c_str());
    if (!member.link.empty() && !member.hard) archive_entry_set_symlink(entry.get(), member.link.c_str());
    if (!member.attribute.empty()) archive_entry_xattr_add_entry(entry.get(), member.attribute.c_str(), "x", 1);
    if (archive_write_header(writer.get(), entry.get()) < ARCHIVE_WARN)
      throw std::runtime_error(archive_error_string(writer.get()));
    archive_write_data(writer.get(), member.text.data(), member.text.size());
  }
  archive_write_close(writer.get());
  return out;
}

std::string sha256(const std::string& text) {
  Sha256 hash;
  hash.add(text);
  return hash.hex();
}

std::string elf(unsigned machine) {
  Elf64_Ehdr head{};
  std::memcpy(head.e_ident, ELFMAG, SELFMAG);
  head.e_ident[EI_CLASS] = ELFCLASS64;
  head.e_ident[EI_DATA] = ELFDATA2LSB;
  head.e_type = ET_DYN;
  head.e_machine = static_cast<Elf64_Half>(machine);
  return std::string(reinterpret_cast<const char*>(&head), sizeof head) + std::string(1000, 'x');
}

Signer::Signer()
    : number_("acmekey1"), public_(crypto_sign_PUBLICKEYBYTES, '\0'), secret_(crypto_sign_SECRETKEYBYTES, '\0') {
  if (sodium_init() < 0) throw std::runtime_error("libsodium");
  crypto_sign_keypair(reinterpret_cast<unsigned char*>(public_.data()),
                      reinterpret_cast<unsigned char*>(secret_.data()));
}

std::string Signer::sign(const std::string& content, const std::string& trusted_comment) const {
  FileDigest digest;
  digest.add(content);
  const auto hash = digest.finish();
  const auto of_file = signature(std::string(hash.begin(), hash.end()), secret_);
  return "untrusted comment: of a test\n" + base64("ED" + number_ + of_file) + "\ntrusted comment: " + trusted_comment +
         "\n" + base64(signature(of_file + trusted_comment, secret_)) + "\n";
}

std::string Signer::publicKey() const {
  return base64("Ed" + number_ + public_);
}

TrustedKey Signer::trusted(std::vector<std::string> plugins) const {
  return {"Acme Ltd", publicKey(), Rung::publisher, std::move(plugins), {}};
}

Maker::Maker()
    : manifest(boost::json::parse(R"({"id": "acme-pbx", "version": "1.2.0", "abi": 1, "library": "libacme-pbx.so",
        "name": "Acme PBX", "capabilities": ["call-control/1"],
        "serverTypes": [{"type": "acme", "kind": "callServer", "label": "Acme", "capability": "call-control/1",
          "settings": {"type": "object", "properties": {}, "additionalProperties": false}}]})")
                   .as_object()),
      members{{"arch/x86_64/libacme-pbx.so", elf(), 0100000, 0755},
              {"arch/aarch64/libacme-pbx.so", elf(EM_AARCH64), 0100000, 0755},
              {"LICENSE", "Apache-2.0"},
              {"sbom.json", "{}"},
              {"messages.json", "[]"},
              {"icons/acme.svg", "<svg/>"}} {
  manifest["serverTypes"].as_array()[0].as_object()["kind"] = "call-server";
}

std::filesystem::path Maker::write(const TemporaryFolder& folder) const {
  std::vector<RawMember> inside{{"plugin.json", boost::json::serialize(manifest)}};
  inside.insert(inside.end(), members.begin(), members.end());
  std::string sums;
  for (const auto& member : inside)
    if (member.kind == 0100000 && member.link.empty()) sums += sha256(member.text) + "  " + member.name + "\n";
  if (change_sums) sums = change_sums(sums);
  inside.insert(inside.begin() + 1, {"SHA256SUMS", sums});
  if (content) content(inside);
  auto octets = tar(inside, true);
  const auto says = !comment.empty() ? comment
                                     : "id=" + std::string(manifest.at("id").as_string()) +
                                           " version=" + std::string(manifest.at("version").as_string());
  std::vector<RawMember> both;
  if (sign) both.push_back({"package.minisig", signer.sign(octets, says)});
  if (packed) octets = packed(octets);
  both.push_back({"content.tar.gz", octets});
  if (outer) outer(both);
  auto whole = tar(both, false);
  if (file) whole = file(whole);
  auto path = folder.path() / "acme.jfpkg";
  std::ofstream(path, std::ios::binary) << whole;
  return path;
}

Policy Maker::policy() const {
  return {.trust = TrustStore({signer.trusted()}), .today = "2026-11-27", .machine = "x86_64", .offer = {}};
}

}  // namespace jackfield::tests
