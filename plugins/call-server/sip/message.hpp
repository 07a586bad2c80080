// SPDX-License-Identifier: Apache-2.0
// SIP messages as plain types: what the call logic sees. Nothing here knows the SIP library.
#ifndef JACKFIELD_CALL_SERVER_SIP_MESSAGE_HPP
#define JACKFIELD_CALL_SERVER_SIP_MESSAGE_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jackfield::sip {

// One header field that is passed on. The value is unfolded and has no control character.
struct Header {
  std::string name;
  std::string value;
};

struct Address {
  std::string display;  // without quotes; untrusted text
  std::string uri;      // "sip:1001@site.test"
  std::string tag;
};

// Where a request came from.
struct Source {
  std::string host;  // numeric
  unsigned port = 0;
  std::string transport;                  // "udp", "tcp", "tls"
  std::vector<std::string> certificates;  // names in the peer's verified certificate; empty without one
};

// RFC 4028.
struct SessionExpires {
  unsigned seconds = 0;
  std::string refresher;  // "uac", "uas" or empty
};

struct Message {
  std::string method;  // of a response: the method that it answers
  int status = 0;      // 0: a request
  std::string phrase;
  std::string uri;  // Request-URI
  Address from;
  Address to;
  std::string call_id;
  std::uint32_t cseq = 0;
  std::uint32_t rseq = 0;  // of a reliable provisional response (RFC 3262); else 0
  std::string contact;     // URI of the first Contact; empty when none
  std::string q850;        // the Reason header, if any
  int max_forwards = 70;
  std::vector<std::string> routes;  // left after our own entry was taken off
  std::vector<std::string> allow;
  std::vector<Header> headers;  // all that is neither of the hop nor of the dialog
  std::string content_type;
  std::string body;
  std::string served_user;  // P-Served-User (RFC 5502), raw
  std::string correlation;  // X-Jackfield-Call, raw
  std::optional<SessionExpires> session_expires;
  unsigned min_se = 0;
  bool supports_timer = false;
  bool supports_100rel = false;
  bool local = false;  // made by our own stack: a time-out or a transport failure
  Source source;

  bool request() const { return status == 0; }
  bool provisional() const { return status >= 100 && status < 200; }
  bool success() const { return status >= 200 && status < 300; }
  bool final() const { return status >= 200; }
};

// What we put into a request or a response beside what the dialog gives.
struct Content {
  std::vector<Header> headers;
  std::string content_type;
  std::string body;
};

// Everything that rebuilds a dialog after a crash (RFC 3261 section 12).
struct DialogState {
  std::string call_id;
  std::string local;   // From or To value with our tag
  std::string remote;  // with the peer's tag
  std::uint32_t local_seq = 0;
  std::uint32_t remote_seq = 0;
  std::vector<std::string> routes;  // in the order of the Route header
  std::string target;               // remote Contact URI
  std::string transport;            // of our Contact
  bool operator==(const DialogState&) const = default;
};

// Text that may stand in a header value: no line end, no control character. Hostile display names end here.
std::string headerSafe(std::string_view text);
// `"display" <uri>`, quoted as RFC 3261 section 25.1 wants; the display name is left out when empty.
std::string formatAddress(const std::string& display, const std::string& uri);
// The parts of a SIP URI: "sip:user@host:port;x" gives "user" and "host". Empty where there is none.
std::string userOf(std::string_view uri);
std::string hostOf(std::string_view uri);
// "sip:user@host" in lower case for scheme and host, without port, parameters and password: the address of record.
std::string addressOfRecord(std::string_view uri);

}  // namespace jackfield::sip

#endif
