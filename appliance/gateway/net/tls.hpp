// SPDX-License-Identifier: Apache-2.0
// The server's certificate and key: loaded and judged before use, exchanged while running.
#ifndef JACKFIELD_GATEWAY_NET_TLS_HPP
#define JACKFIELD_GATEWAY_NET_TLS_HPP

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include <openssl/ssl.h>

namespace jackfield::gateway {

struct CertificateInfo {
  std::string subject;
  std::int64_t expires = 0;  // ms since 1970
};

// A P-256 key and a certificate for this host's name, localhost and the loopback addresses, valid for 825 days, made
// where a person has configured none. The key is readable by the owner alone. Throws Error(internal,
// "tls.selfSigned").
void makeSelfSigned(const std::filesystem::path& certificate, const std::filesystem::path& key);

// Any thread. Connections keep the context with which they began.
class TlsServer {
 public:
  // Throws Error(invalid) "tls.certificate", "tls.key", "tls.mismatch" or "tls.expired", each naming the file.
  TlsServer(std::filesystem::path certificate, std::filesystem::path key);

  // Reads the files again. When they are not good, throws as the constructor does and goes on with what it has.
  CertificateInfo reload();
  std::shared_ptr<SSL_CTX> context() const;
  CertificateInfo info() const;
  // The files have changed since they were last read, well or not.
  bool changed() const;

 private:
  std::filesystem::path certificate_;
  std::filesystem::path key_;
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
  CertificateInfo info_;
  std::filesystem::file_time_type certificate_time_{};
  std::filesystem::file_time_type key_time_{};
};

}  // namespace jackfield::gateway

#endif
