// SPDX-License-Identifier: Apache-2.0
// Looks at dates, then names; what is left is a chain that no known authority vouches for.
#include "certificate.hpp"

#include <memory>

#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace jackfield::directory::ldap {

namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

template <class F>
std::string printed(F print) {
  const Memory memory(BIO_new(BIO_s_mem()), &BIO_free);
  print(memory.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return data && size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string("?");
}

std::string shown(const X509_NAME* name) {
  return printed([&](BIO* out) { X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253); });
}
std::string shown(const ASN1_TIME* time) {
  return printed([&](BIO* out) { ASN1_TIME_print(out, time); });
}

std::string namesOf(X509* certificate) {
  return printed([&](BIO* out) {
    const int place = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
    if (place < 0)
      X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
    else
      X509V3_EXT_print(out, X509_get_ext(certificate, place), 0, 0);
  });
}

bool bearsName(X509* certificate, const std::string& host) {
  return X509_check_ip_asc(certificate, host.c_str(), 0) == 1 ||
         X509_check_host(certificate, host.c_str(), host.size(), 0, nullptr) == 1;
}

}  // namespace

CertificateFault explainCertificate(std::string_view der, const std::string& host, const std::string& ca_file) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  const Certificate certificate(d2i_X509(nullptr, &data, static_cast<long>(der.size())), &X509_free);
  if (!certificate) return {"directory.tls.untrusted", "the certificate that " + host + " shows cannot be read"};
  const ASN1_TIME* until = X509_get0_notAfter(certificate.get());
  if (X509_cmp_current_time(until) < 0)
    return {"directory.tls.expired",
            "the certificate of " + host + " expired on " + shown(until) + ": have it renewed on the directory server"};
  const ASN1_TIME* from = X509_get0_notBefore(certificate.get());
  if (X509_cmp_current_time(from) > 0)
    return {"directory.tls.notYetValid",
            "the certificate of " + host + " is valid only from " + shown(from) + ": check the clocks of both servers"};
  if (!bearsName(certificate.get(), host))
    return {"directory.tls.name", "the certificate is for " + namesOf(certificate.get()) + ", not for " + host +
                                      ": enter the server by a name that its certificate bears"};
  return {"directory.tls.untrusted", "no authority in " + ca_file + " vouches for the certificate of " + host +
                                         ", issued by " + shown(X509_get_issuer_name(certificate.get())) +
                                         ": give the authority's certificate as CA file"};
}

}  // namespace jackfield::directory::ldap
