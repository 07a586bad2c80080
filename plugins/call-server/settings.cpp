// SPDX-License-Identifier: Apache-2.0
// Judges the settings and turns them into what the parts need.
#include "settings.hpp"

#include <algorithm>

#include <netdb.h>
#include <sys/socket.h>

#include <jackfield/error.hpp>

namespace jackfield::calls {
namespace {

[[noreturn]] void refuse(const std::string& field, const std::string& value, const std::string& rule) {
  throw Error(Status::invalid, "settings.invalid", field.substr(1) + ": \"" + value + "\" " + rule, field, value);
}

// A host name, an IPv4 address or an IPv6 address without brackets (RFC 1123, RFC 4291).
void judgeHost(const std::string& field, const std::string& host) {
  const bool fits = !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == ':' || c == '_';
  });
  if (!fits) refuse(field, host, "is no host name or address");
}

std::string numeric(const sockaddr* address, socklen_t size) {
  char text[NI_MAXHOST];
  return getnameinfo(address, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0 ? text : "";
}

}  // namespace

void judge(const Settings& s) {
  judgeHost("/domain", s.domain);
  judgeHost("/sipRemoteHost", s.sip_remote_host);
  judgeHost("/localHost", s.local_host);
  if (s.local_host == "0.0.0.0" || s.local_host == "::")
    refuse("/localHost", s.local_host,
           "is no address that the call server can reach; name the one of this machine that faces it");
  if (!s.local_port && !s.local_secure_port)
    refuse("/localPort", "", "is missing, as is localSecurePort: at least one of them is needed to listen on");
  if (s.local_port && s.local_port == s.local_secure_port)
    refuse("/localSecurePort", std::to_string(*s.local_port), "is localPort already");
  if (s.local_secure_port && s.certificate_folder.empty())
    refuse("/certificateFolder", "", "is needed with localSecurePort: a folder with agent.pem and cafile.pem");
  if (s.sip_remote_secure && !s.local_secure_port)
    refuse("/localSecurePort", "", "is missing: with sipRemoteSecure both ends must use TLS");
  if (!s.sip_remote_secure && !s.local_port)
    refuse("/localPort", "", "is missing: without sipRemoteSecure both ends use UDP or TCP");
  if (s.min_session_seconds > s.session_seconds)
    refuse("/minSessionSeconds", std::to_string(s.min_session_seconds), "is above sessionSeconds");
  for (std::size_t i = 0; i < s.session_managers.size(); ++i) {
    const std::string at = "/sessionManagers/" + std::to_string(i);
    judgeHost(at + "/host", s.session_managers[i].host);
    if (s.session_managers[i].transport == "tls" ? !s.local_secure_port : !s.local_port)
      refuse(at + "/transport", s.session_managers[i].transport, "is not among the transports that we listen on");
  }
  const TrustedPeers checked(s.trusted_peers);
}

sip::AgentConfig endpointOf(const Settings& s) {
  sip::AgentConfig out;
  if (s.local_port) {
    out.listen.push_back({s.local_host, *s.local_port, "udp"});
    out.listen.push_back({s.local_host, *s.local_port, "tcp"});
  }
  if (s.local_secure_port) out.listen.push_back({s.local_host, *s.local_secure_port, "tls"});
  out.certificates = s.certificate_folder;
  out.client_certificate = s.require_client_certificate;
  return out;
}

std::vector<Target> targetsOf(const Settings& s) {
  std::vector<Target> out;
  for (const auto& manager : s.session_managers) out.push_back({manager.host, manager.port, manager.transport});
  if (out.empty() || s.allow_direct_connection)
    out.push_back({s.sip_remote_host, s.sip_remote_port, s.sip_remote_secure ? "tls" : s.sip_remote_transport});
  return out;
}

Rules rulesOf(const Settings& s) {
  std::vector<std::string> trusted = s.trusted_peers;
  for (const auto& target : targetsOf(s)) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(target.host.c_str(), nullptr, &hints, &found) != 0) continue;
    for (const auto* a = found; a; a = a->ai_next) trusted.push_back(numeric(a->ai_addr, a->ai_addrlen));
    freeaddrinfo(found);
  }
  Rules out;
  out.domain = s.domain;
  out.trusted = TrustedPeers(trusted);
  out.session_expires = s.session_seconds;
  out.min_se = s.min_session_seconds;
  out.ring_seconds = s.ring_seconds;
  out.max_calls = s.max_calls;
  out.continue_originating = s.continue_originating;
  out.continue_terminating = s.continue_terminating;
  return out;
}

}  // namespace jackfield::calls
