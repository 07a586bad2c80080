// SPDX-License-Identifier: Apache-2.0
// Looks at a TLS server's certificate: does it verify, is its name the one that is configured. And shows it ours.
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

std::string dayOf(const ASN1_TIME* time) {
  const std::unique_ptr<BIO, Freed<BIO_free_all>> out(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(out.get(), time);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// Set when the far end asks for a certificate; we then show the one that the service shows.
int wasAsked(SSL* tls, void*) {
  *static_cast<bool*>(SSL_get_app_data(tls)) = true;
  return 1;
}

// In TLS 1.3 the far end judges ours after the handshake is over for us: a refusal is the first thing to be read.
bool refusesOurs(SSL* tls) {
  const timeval limit{0, 300'000};
  setsockopt(SSL_get_fd(tls), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  char octet = 0;
  const int got = SSL_read(tls, &octet, 1);
  return got <= 0 && SSL_get_error(tls, got) != SSL_ERROR_WANT_READ;
}

Finding ours(const std::string& item, bool refused) {
  if (refused)
    return {Severity::error, "sip.test.tls.ours", item,
            "does not take our certificate (agent.pem); its authority must be installed there"};
  return {Severity::info, "sip.test.tls.oursTaken", item, "asked for our certificate and takes it"};
}

std::vector<Finding> theirs(SSL* tls, const Target& target, const std::string& item) {
  std::vector<Finding> out;
  const Certificate shown(SSL_get1_peer_certificate(tls));
  const long verified = SSL_get_verify_result(tls);
  if (verified == X509_V_ERR_CERT_HAS_EXPIRED && shown)
    out.push_back({Severity::error, "sip.test.tls.expired", item,
                   "the certificate has expired on " + dayOf(X509_get0_notAfter(shown.get()))});
  else if (verified != X509_V_OK)
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

}  // namespace

std::vector<Finding> checkCertificate(const Target& target, const std::string& folder) {
  const std::string item = "TLS of " + target.host + ":" + std::to_string(target.port);
  const std::string authorities = folder + "/cafile.pem", agent = folder + "/agent.pem";
  const Context context(SSL_CTX_new(TLS_client_method()));
  if (SSL_CTX_load_verify_locations(context.get(), authorities.c_str(), nullptr) != 1) {
    ERR_clear_error();
    return {{Severity::error, "sip.test.tls.ca", item, authorities + " holds no usable certificate in PEM form"}};
  }
  if (SSL_CTX_use_certificate_chain_file(context.get(), agent.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), agent.c_str(), SSL_FILETYPE_PEM) != 1) {
    ERR_clear_error();
    return {{Severity::error, "sip.test.tls.agent", item, agent + " holds no usable certificate with its key"}};
  }
  SSL_CTX_set_cert_cb(context.get(), wasAsked, nullptr);
  Socket socket;
  if (!open(socket, target)) return {};  // reachability says so
  const Connection tls(SSL_new(context.get()));
  bool asked = false;
  SSL_set_app_data(tls.get(), &asked);
  SSL_set_fd(tls.get(), socket.fd);
  SSL_set_tlsext_host_name(tls.get(), target.host.c_str());
  if (SSL_connect(tls.get()) != 1) {
    ERR_clear_error();
    if (asked) return {ours(item, true)};
    return {{Severity::error, "sip.test.tls.failed", item, "takes connections but agrees on no TLS with us"}};
  }
  auto out = theirs(tls.get(), target, item);
  if (asked) out.push_back(ours(item, refusesOurs(tls.get())));
  ERR_clear_error();
  return out;
}

}  // namespace jackfield::calls
