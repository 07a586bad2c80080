// SPDX-License-Identifier: Apache-2.0
// The settings of one call server, as plugin.json describes them, and what they mean.
#ifndef JACKFIELD_CALL_SERVER_SETTINGS_HPP
#define JACKFIELD_CALL_SERVER_SETTINGS_HPP

#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "b2bua/exchange.hpp"
#include "link/links.hpp"

namespace jackfield::calls {

// SRV-051: a SIP proxy between Jackfield and the call server; the order in the list is the order of fail-over.
struct SessionManager {
  std::string host;
  unsigned port = 5060;
  std::string transport = "tcp";
};
BOOST_DESCRIBE_STRUCT(SessionManager, (), (host, port, transport))

// SRV-031 (the far end) and SYS-018 (our end).
struct Settings {
  std::string domain;
  std::string sip_remote_host;
  unsigned sip_remote_port = 5060;
  bool sip_remote_secure = false;
  std::string sip_remote_transport = "udp";  // when not secure
  std::vector<SessionManager> session_managers;
  bool allow_direct_connection = true;
  std::string local_host;
  std::optional<unsigned> local_port;         // UDP and TCP
  std::optional<unsigned> local_secure_port;  // TLS
  std::string certificate_folder;
  bool require_client_certificate = false;
  std::vector<std::string> trusted_peers;
  unsigned probe_seconds = 5;
  unsigned session_seconds = 1800;
  unsigned min_session_seconds = 90;
  unsigned ring_seconds = 120;
  unsigned max_calls = 20000;
  std::string continue_originating = "after-orig";
  std::string continue_terminating = "after-term";
};
BOOST_DESCRIBE_STRUCT(Settings, (),
                      (domain, sip_remote_host, sip_remote_port, sip_remote_secure, sip_remote_transport,
                       session_managers, allow_direct_connection, local_host, local_port, local_secure_port,
                       certificate_folder, require_client_certificate, trusted_peers, probe_seconds, session_seconds,
                       min_session_seconds, ring_seconds, max_calls, continue_originating, continue_terminating))

// What a JSON Schema cannot say. Throws Error(invalid) that names field, value and rule. No look-up, no I/O.
void judge(const Settings& settings);

sip::AgentConfig endpointOf(const Settings& settings);
// In order of use (SRV-033, SRV-035). Never empty.
std::vector<Target> targetsOf(const Settings& settings);
// Looks up the names of the far ends, which are trusted with their addresses: may block for a moment.
Rules rulesOf(const Settings& settings);

}  // namespace jackfield::calls

#endif
