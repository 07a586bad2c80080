// SPDX-License-Identifier: Apache-2.0
// Connecting: options of a handle, LDAPS and StartTLS, and the explanation when it fails.
#include <mutex>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openldap.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "certificate.hpp"
#include "handle.hpp"
#include "tcp.hpp"

namespace jackfield::directory::ldap {

namespace {

// A message of the server above this ends the connection: no entry or group is that large, and memory is bounded.
constexpr ber_len_t max_message = 64u << 20;

timeval toTimeval(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// libldap reads ldap.conf and LDAP... variables at its first use, which is not safe in two threads at once. Every
// option that such a file could set is set again on each handle.
void initialiseOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    LDAP* first = nullptr;
    if (ldap_initialize(&first, "ldap://127.0.0.1") == LDAP_SUCCESS) ldap_unbind_ext(first, nullptr, nullptr);
  });
}

void setOptions(LDAP* ld, const Endpoint& endpoint, Check check) {
  const int version = LDAP_VERSION3;
  const int none = 0;
  const int deref = LDAP_DEREF_NEVER;
  const timeval forever{-1, 0};  // of libldap's own time-outs: ours stand around it
  ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
  ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  ldap_set_option(ld, LDAP_OPT_DEREF, &deref);
  ldap_set_option(ld, LDAP_OPT_SIZELIMIT, &none);
  ldap_set_option(ld, LDAP_OPT_TIMELIMIT, &none);
  ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON);
  ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &forever);
  ldap_set_option(ld, LDAP_OPT_TIMEOUT, &forever);
  if (endpoint.security == Security::none) return;
  const int demand = check == Check::certificate ? LDAP_OPT_X_TLS_DEMAND : LDAP_OPT_X_TLS_NEVER;
  const int no_crl = LDAP_OPT_X_TLS_CRL_NONE;
  const int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
  const int client = 0;
  ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
  ldap_set_option(ld, LDAP_OPT_X_TLS_CRLCHECK, &no_crl);
  ldap_set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest);
  ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTDIR, nullptr);
  ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, endpoint.ca_file.c_str());
  if (ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client) != LDAP_OPT_SUCCESS)
    throw Error(Status::invalid, "directory.tls.caFile",
                "CA file " + endpoint.ca_file + " holds no usable certificate in PEM form", "/caFile",
                endpoint.ca_file);
}

// libldap blocks in read and write once a message has begun; the socket's own time-outs bring it back to wait().
void boundSocket(int fd, const Endpoint& endpoint) {
  const timeval slice = toTimeval(std::chrono::milliseconds(250));
  const timeval sending = toTimeval(endpoint.search_timeout);
  const auto unacknowledged = static_cast<unsigned>(endpoint.search_timeout.count());
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof slice);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &sending, sizeof sending);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged, sizeof unacknowledged);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// No message above the limit; and many small ones are read at once, where the library reads head and body of each.
void prepareBuffer(LDAP* ld) {
  Sockbuf* buffer = nullptr;
  if (ldap_get_option(ld, LDAP_OPT_SOCKBUF, &buffer) != LDAP_OPT_SUCCESS || !buffer) return;
  ber_len_t most = max_message;
  ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most);
  ber_sockbuf_add_io(buffer, &ber_sockbuf_io_readahead, LBER_SBIOD_LEVEL_PROVIDER, nullptr);
}

std::string reasonOf(LDAP* ld, int code) {
  const std::string said = diagnostic(ld);
  return said.empty() ? ldap_err2string(code) : said;
}

// Empty when TLS stands, else the reason.
std::string handshake(LDAP* ld, int fd, const Endpoint& endpoint, const std::stop_token& stop) {
  const Watchdog watchdog(fd, endpoint.connect_timeout, stop);
  const int code = ldap_install_tls(ld);
  if (code == LDAP_SUCCESS) return {};
  if (stop.stop_requested()) throw Error(Status::cancelled, "directory.cancelled", "ended by request");
  if (watchdog.cut()) return "no answer within " + std::to_string(endpoint.connect_timeout.count()) + " ms";
  return reasonOf(ld, code);
}

// The request is sent in clear and only the TLS handshake follows: nothing secret crosses before it is done.
std::string requestTls(LDAP* ld, const Endpoint& endpoint, const std::stop_token& stop) {
  int id = 0;
  int code = ldap_start_tls(ld, nullptr, nullptr, &id);
  if (code != LDAP_SUCCESS) return reasonOf(ld, code);
  const Message answer = wait(ld, id, endpoint.connect_timeout, stop, endpoint);
  int result = LDAP_OTHER;
  code = ldap_parse_result(ld, answer.get(), &result, nullptr, nullptr, nullptr, nullptr, 0);
  if (code != LDAP_SUCCESS || result != LDAP_SUCCESS)
    return std::string("the server refuses StartTLS: ") + ldap_err2string(code != LDAP_SUCCESS ? code : result);
  return {};
}

}  // namespace

std::string Endpoint::address() const {
  return (security == Security::ldaps ? "ldaps://" : "ldap://") + bracketed(host) + ":" + std::to_string(port);
}

std::string diagnostic(LDAP* ld) {
  char* text = nullptr;
  ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
  if (!text) return {};
  std::string out = text;
  ldap_memfree(text);
  if (out.size() > 200) out.resize(200);
  return out;
}

Handle open(const Endpoint& endpoint, Check check, const std::stop_token& stop, std::string& failed) {
  initialiseOnce();
  const SigpipeHeld held;
  std::string reason;
  const int fd = connectTcp(endpoint.host, endpoint.port, endpoint.connect_timeout, stop, reason);
  if (stop.stop_requested()) {
    if (fd >= 0) close(fd);
    throw Error(Status::cancelled, "directory.cancelled", "ended by request");
  }
  if (fd < 0)
    throw Error(Status::unreachable, "directory.unreachable",
                endpoint.address() + " does not answer: " + reason + ". Check host, port and firewall");
  boundSocket(fd, endpoint);
  LDAP* made = nullptr;
  if (const int code = ldap_init_fd(fd, LDAP_PROTO_TCP, endpoint.address().c_str(), &made); code != LDAP_SUCCESS) {
    close(fd);
    throw Error(Status::internal, "directory.unreachable", endpoint.address() + ": " + ldap_err2string(code));
  }
  Handle ld(made);
  setOptions(ld.get(), endpoint, check);
  prepareBuffer(ld.get());
  if (endpoint.security == Security::startTls) failed = requestTls(ld.get(), endpoint, stop);
  if (failed.empty() && endpoint.security != Security::none) failed = handshake(ld.get(), fd, endpoint, stop);
  return failed.empty() ? std::move(ld) : nullptr;
}

Error explainTls(const Endpoint& endpoint, const std::string& failed, const std::stop_token& stop) {
  const std::string server = endpoint.address();
  std::string reason;
  const Handle looked = open(endpoint, Check::nothing, stop, reason);
  if (!looked)
    return Error(Status::unreachable, "directory.tls.failed",
                 server + " takes connections but no TLS: " + reason +
                     ". Check that the port fits the kind of security (636 LDAPS, 389 StartTLS)");
  berval der{};
  if (ldap_get_option(looked.get(), LDAP_OPT_X_TLS_PEERCERT, &der) != LDAP_OPT_SUCCESS || !der.bv_val)
    return Error(Status::unreachable, "directory.tls.failed", server + ": TLS failed: " + failed);
  const CertificateFault fault =
      explainCertificate(std::string_view(der.bv_val, der.bv_len), endpoint.host, endpoint.ca_file);
  ldap_memfree(der.bv_val);
  return Error(Status::unreachable, fault.code, fault.text, fault.code == "directory.tls.untrusted" ? "/caFile" : "");
}

Error connectionLost(LDAP* ld, const Endpoint& endpoint) {
  int code = LDAP_SERVER_DOWN;
  ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code);
  return Error(Status::unreachable, "directory.connection.lost",
               endpoint.address() + " ended the connection: " + ldap_err2string(code));
}

Message wait(LDAP* ld, int id, std::chrono::milliseconds limit, const std::stop_token& stop, const Endpoint& endpoint) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  for (;;) {
    if (stop.stop_requested()) {
      ldap_abandon_ext(ld, id, nullptr, nullptr);
      throw Error(Status::cancelled, "directory.cancelled", "ended by request");
    }
    timeval slice = toTimeval(std::chrono::milliseconds(200));
    LDAPMessage* message = nullptr;
    const int type = ldap_result(ld, id, LDAP_MSG_ONE, &slice, &message);
    if (type > 0) return Message(message);
    if (type < 0) throw connectionLost(ld, endpoint);
    if (Clock::now() < deadline) continue;
    ldap_abandon_ext(ld, id, nullptr, nullptr);
    throw Error(Status::timeout, "directory.timeout",
                endpoint.address() + " gave no answer within " + std::to_string(limit.count()) + " ms");
  }
}

}  // namespace jackfield::directory::ldap
