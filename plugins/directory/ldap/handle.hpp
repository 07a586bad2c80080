// SPDX-License-Identifier: Apache-2.0
// Private to this folder: owners for libldap's objects, waiting with a deadline, and errors from result codes.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_LDAP_HANDLE_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_LDAP_HANDLE_HPP

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include <ldap.h>

#include "connection.hpp"
#include "sigpipe.hpp"

namespace jackfield::directory::ldap {

struct HandleEnd {
  void operator()(LDAP* ld) const {
    const SigpipeHeld held;
    ldap_unbind_ext(ld, nullptr, nullptr);
  }
};
using Handle = std::unique_ptr<LDAP, HandleEnd>;

struct MessageEnd {
  void operator()(LDAPMessage* m) const { ldap_msgfree(m); }
};
using Message = std::unique_ptr<LDAPMessage, MessageEnd>;

struct ControlsEnd {
  void operator()(LDAPControl** c) const { ldap_controls_free(c); }
};
using Controls = std::unique_ptr<LDAPControl*, ControlsEnd>;

enum class Check { certificate, nothing };

// Connects. Check::nothing accepts every certificate, for looking at a refused one: never bind on such a handle.
// Throws Error(unreachable, "directory.unreachable") when the server does not take the connection; when TLS fails it
// returns null with the reason in `failed`.
Handle open(const Endpoint& endpoint, Check check, const std::stop_token& stop, std::string& failed);

// The error for a server whose TLS open() refused: tells what is wrong with the certificate.
Error explainTls(const Endpoint& endpoint, const std::string& failed, const std::stop_token& stop);

// The next message of an operation. Throws Error(timeout), Error(unreachable), Error(cancelled), having abandoned it.
Message wait(LDAP* ld, int id, std::chrono::milliseconds limit, const std::stop_token& stop, const Endpoint& endpoint);

// What the server said besides the code, or an empty text.
std::string diagnostic(LDAP* ld);

Error connectionLost(LDAP* ld, const Endpoint& endpoint);

class Connection::Impl {
 public:
  Impl(const Endpoint& e, std::stop_token s) : endpoint(e), stop(std::move(s)) {}
  Endpoint endpoint;
  std::stop_token stop;
  Handle ld;
  std::uint64_t references = 0;
};

}  // namespace jackfield::directory::ldap

#endif
