// SPDX-License-Identifier: Apache-2.0
// How a request says that it passes through Jackfield: who is served in which phase (P-Served-User, RFC 5502), who may
// say so, and the header by which the passages of one call find each other and a loop is seen.
#ifndef JACKFIELD_CALL_SERVER_B2BUA_PASSAGE_HPP
#define JACKFIELD_CALL_SERVER_B2BUA_PASSAGE_HPP

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../sip/message.hpp"

namespace jackfield::calls {

enum class Phase { originating, terminating };

struct ServedUser {
  std::string uri;
  std::string name;  // display name, may be empty
  Phase phase = Phase::originating;
};

// `<sip:1001@site.test>;sescase=orig`. Nothing when it is malformed.
std::optional<ServedUser> parseServedUser(std::string_view value);

// A dialog as one of its ends names it to somebody else (RFC 3891), and what a REFER wants (RFC 3515).
struct Replaces {
  std::string call_id, to_tag, from_tag;
};
struct ReferTo {
  std::string uri;  // without headers
  std::optional<Replaces> replaces;
};
// `"Carol" <sip:1003@site.test?Replaces=...>`. Nothing when it names no SIP URI.
std::optional<ReferTo> parseReferTo(std::string_view value);

// Who is believed. Entries are addresses ("192.0.2.1"), networks ("192.0.2.0/24", "2001:db8::/32") or, for TLS peers
// that have shown a certificate, names in it.
class TrustedPeers {
 public:
  // Throws Error(invalid, "settings.peer.invalid") for a network that is none; `field` is the pointer to the list.
  explicit TrustedPeers(const std::vector<std::string>& entries = {}, const std::string& field = "/trustedPeers");
  bool trusts(const sip::Source& source) const;

 private:
  struct Network {
    std::array<unsigned char, 16> address{};  // IPv4 as mapped
    unsigned bits = 128;
  };
  static std::optional<Network> parse(const std::string& entry);

  std::vector<Network> networks_;
  std::vector<std::string> names_;
};

// The leg by which a request left, so that the passage that it becomes next finds its place in the call.
struct Passed {
  std::string call;
  unsigned span = 0;  // number of the passage in its call
  char leg = 'b';     // 'a', 'b', or 'n' for the one that takes the place of another
};

// The value of X-Jackfield-Call. Signed, so that nobody outside can push a request into a call of others; the key lives
// as long as the process, as the ringing calls do for which it matters.
class Correlation {
 public:
  Correlation();
  std::string sign(const Passed& passed) const;
  // What it says; nothing when it is not ours.
  std::optional<Passed> verify(std::string_view value) const;

 private:
  std::array<unsigned char, 32> key_{};
};

// A new call id: time and chance, unique for ever.
std::string newCallId();

}  // namespace jackfield::calls

#endif
