// SPDX-License-Identifier: Apache-2.0
// Says why a server's certificate was refused. libldap's TLS backends judge, but tell no reason a person could act on.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_LDAP_CERTIFICATE_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_LDAP_CERTIFICATE_HPP

#include <string>
#include <string_view>

namespace jackfield::directory::ldap {

struct CertificateFault {
  std::string code;  // directory.tls.expired, .notYetValid, .name or .untrusted
  std::string text;
};

// `der`: the certificate that the server showed, which was refused for `host` with `ca_file`. An unreadable certificate
// is directory.tls.untrusted. Never throws for bad content.
CertificateFault explainCertificate(std::string_view der, const std::string& host, const std::string& ca_file);

}  // namespace jackfield::directory::ldap

#endif
