// SPDX-License-Identifier: Apache-2.0
// Looks at a TLS server's certificate: does it verify, is its name the one that is configured.
#include <memory>

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.hpp"

namespace jackfield::calls {
namespace {

using server::Finding;
using server::Severity;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freed<SSL_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

struct Socket {
  int fd = -1;
  ~Socket() {
    if (fd >= 0) close(fd);
  }
};

bool open(Socket& out, const Target& target) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found) != 0) return false;
  const timeval limit{3, 0};
  for (const auto* a = found; a; a = a->ai_next) {
    out.fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(out.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(out.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(out.fd, a->ai_addr, a->ai_addrlen) == 0) break;
    close(out.fd);
    out.fd = -1;
  }
  freeaddrinfo(found);
  return out.fd >= 0;
}

// As the SIP library judges: a DNS name, or a SIP URI (RFC 5922). It does not look at address entries.
bool bearsName(X509* certificate, const std::string& host) {
  if (X509_check_host(certificate, host.c_str(), host.size(), 0, nullptr) == 1) return true;
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  bool found = false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI && name->type != GEN_DNS) continue;
    const auto* value = name->type == GEN_URI ? name->d.uniformResourceIdentifier : name->d.dNSName;
    const std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                           static_cast<std::size_t>(ASN1_STRING_length(value)));
    found = found || text == host || text == "sip:" + host;
  }
  GENERAL_NAMES_free(names);
  return found;
}

}  // namespace

std::vector<Finding> checkCertificate(const Target& target, const std::string& ca_file) {
  const std::string item = "TLS of " + target.host + ":" + std::to_string(target.port);
  const Context context(SSL_CTX_new(TLS_client_method()));
  if (SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1) {
    ERR_clear_error();
    return {{Severity::error, "sip.test.tls.ca", item, ca_file + " holds no usable certificate in PEM form"}};
  }
  Socket socket;
  if (!open(socket, target)) return {};  // reachability says so
  const Connection tls(SSL_new(context.get()));
  SSL_set_fd(tls.get(), socket.fd);
  SSL_set_tlsext_host_name(tls.get(), target.host.c_str());
  if (SSL_connect(tls.get()) != 1) {
    ERR_clear_error();
    return {{Severity::error, "sip.test.tls.failed", item, "takes connections but agrees on no TLS with us"}};
  }
  std::vector<Finding> out;
  const Certificate shown(SSL_get1_peer_certificate(tls.get()));
  const long verified = SSL_get_verify_result(tls.get());
  if (verified != X509_V_OK)
    out.push_back({Severity::error, "sip.test.tls.chain", item,
                   std::string("the certificate does not verify: ") + X509_verify_cert_error_string(verified)});
  if (!shown || !bearsName(shown.get(), target.host))
    out.push_back({Severity::error, "sip.test.tls.name", item,
                   "the certificate does not bear " + target.host + " as a DNS name or as sip:" + target.host});
  if (out.empty())
    out.push_back(
        {Severity::info, "sip.test.tls.ok", item, "the certificate is valid and bears the name " + target.host});
  return out;
}

}  // namespace jackfield::calls
