// SPDX-License-Identifier: Apache-2.0
// One connection to a directory server, on OpenLDAP's client library. This folder is the only place that knows it.
// A connection belongs to one thread at a time. Every call is bounded in time and ends within a quarter of a second
// after a stop is requested. Referrals are never followed. Failures are thrown as jackfield::Error.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_LDAP_CONNECTION_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_LDAP_CONNECTION_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <jackfield/error.hpp>

#include "../settings.hpp"

namespace jackfield::directory::ldap {

struct Endpoint {
  std::string host;
  int port = 636;
  Security security = Security::ldaps;
  std::string ca_file;  // PEM
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds search_timeout{30000};

  std::string address() const;  // "ldaps://host:636"
};

// An entry as it came from the server. All views end with the callback that was given the entry.
struct Attribute {
  std::string_view name;  // as the server spells it, with its options ("member;range=0-199")
  std::span<const std::string_view> values;
};
struct Entry {
  std::string_view dn;
  std::span<const Attribute> attributes;

  // Without regard to case; null when absent.
  const Attribute* find(std::string_view name) const;
  std::string_view first(std::string_view name) const;  // empty when absent
};

enum class Scope { base, subtree };

struct Query {
  std::string base;
  Scope scope = Scope::subtree;
  std::string filter = "(objectClass=*)";
  std::vector<std::string> attributes = {};  // empty: none ("1.1")
  int page_size = 0;                         // 0: not paged
  int limit = 0;                             // entries wanted at most, 0: all; more is no error
};

enum class Bound { accepted, refused };

class Connection {
 public:
  // Connects; with ldaps and startTls the certificate's chain, dates and name are checked before anything is sent.
  // Error(unreachable): directory.unreachable or directory.tls.*; Error(invalid): directory.tls.caFile.
  Connection(const Endpoint& endpoint, std::stop_token stop);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  // `refused` is every answer that means "not with these credentials". An empty password with a name is refused
  // without asking: RFC 4513 5.1.2 would make it an anonymous bind that succeeds.
  Bound bind(const std::string& dn, const std::string& password);

  // Calls `each` for every entry until it returns false. Paged searches ask for the next page before they hand out
  // the entries of the one that arrived. Error(notFound, directory.baseDn.missing): there is no such base.
  // Referrals and continuation references are counted, not followed.
  using Each = std::function<bool(const Entry&)>;
  void search(const Query& query, const Each& each);

  // All values of one attribute, in ranges of `range_size` where the server gives ranges (LDAP-017). With
  // `ask_ranges` the first question already names a range, as Microsoft directories want.
  void readValues(const std::string& dn, const std::string& attribute, int range_size, bool ask_ranges,
                  const std::function<void(std::string_view)>& each);

  const Endpoint& endpoint() const;
  std::uint64_t references() const;  // how many referrals were met and not followed

  class Impl;  // handle.hpp

 private:
  std::unique_ptr<Impl> impl_;
};

// Attribute names compare without regard to case.
bool sameName(std::string_view a, std::string_view b);

// A DN in one spelling, for comparing: lower case (ASCII), no optional spaces, one form of escape. What is no DN comes
// back in lower case.
std::string canonicalDn(std::string_view dn);

// True when `dn` is a DN by RFC 4514.
bool isDn(const std::string& dn);

}  // namespace jackfield::directory::ldap

#endif
