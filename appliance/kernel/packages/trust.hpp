// SPDX-License-Identifier: Apache-2.0
// Whose signatures count here, how much, and for which plugins.
#ifndef JACKFIELD_KERNEL_PACKAGES_TRUST_HPP
#define JACKFIELD_KERNEL_PACKAGES_TRUST_HPP

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "kernel/packages/minisign.hpp"

namespace jackfield::kernel::packages {

// The ladder, highest first. developer: nobody's signature; only where the site allows it.
enum class Rung { builtIn, publisher, administrator, developer };
BOOST_DESCRIBE_ENUM(Rung, builtIn, publisher, administrator, developer)

// A key as the trust file holds it. plugins: ids, each whole or with a last "*" ("acme-*"); not_after: the last day on
// which a signature counts, "2030-12-31", or empty.
struct TrustedKey {
  std::string name;
  std::string key;
  Rung rung = Rung::administrator;
  std::vector<std::string> plugins;
  std::string not_after;
};
BOOST_DESCRIBE_STRUCT(TrustedKey, (), (name, key, rung, plugins, not_after))

// Throws Error package.key.scope when this key may not sign that plugin.
void requireScope(const TrustedKey& key, std::string_view plugin);

// "2026-02-29" is none. The order of such texts is the order of the days.
bool isDay(std::string_view text);

// Immutable: any thread.
class TrustStore {
 public:
  // Throws Error package.trust.invalid: a key that stands twice or is none, a name or a list of plugins that is empty,
  // rung developer.
  explicit TrustStore(std::vector<TrustedKey> keys);
  // A JSON document {"keys": [TrustedKey ...]}; the file is absent: no keys. Throws Error package.trust.invalid, also
  // where others than its owner can change it.
  static TrustStore read(const std::filesystem::path& file);

  // The key that signed, if it counts on that day. Throws Error package.signature.unknown, package.signature.wrong,
  // package.key.expired.
  const TrustedKey& signer(const Signature& signature, const std::array<std::uint8_t, 64>& digest,
                           std::string_view today) const;

 private:
  struct Entry {
    TrustedKey trusted;
    PublicKey key;
  };
  std::vector<Entry> entries_;
};

}  // namespace jackfield::kernel::packages

#endif
