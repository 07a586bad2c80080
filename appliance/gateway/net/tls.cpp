// SPDX-License-Identifier: Apache-2.0
// Certificates and TLS contexts, with OpenSSL.
#include "gateway/net/tls.hpp"

#include <cstdio>
#include <ctime>
#include <system_error>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jackfield/error.hpp>

namespace jackfield::gateway {
namespace fs = std::filesystem;
namespace {

template <auto release>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    release(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using File = std::unique_ptr<FILE, Free<fclose>>;

constexpr long validSeconds = 825L * 24 * 3600;

std::string opensslReason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason ? reason : "unknown reason";
}

[[noreturn]] void refuse(const std::string& code, const fs::path& file, const std::string& why) {
  throw Error(Status::invalid, code, file.string() + ": " + why, "", file.string());
}

// Written whole under another name and moved there, so that no half file is ever seen.
File create(const fs::path& file, mode_t mode) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), file.string());
  return File(::fdopen(fd, "w"));
}

void addExtension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  if (extension) X509_add_ext(certificate, extension.get(), -1);
}

Certificate selfSigned(EVP_PKEY* key) {
  char host[256] = "localhost";
  ::gethostname(host, sizeof host - 1);
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validSeconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(host), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  addExtension(certificate.get(), NID_subject_alt_name,
               std::string("DNS:") + host + ",DNS:localhost,IP:127.0.0.1,IP:::1");
  addExtension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  addExtension(certificate.get(), NID_key_usage, "critical,digitalSignature");
  addExtension(certificate.get(), NID_ext_key_usage, "serverAuth");
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) certificate.reset();
  return certificate;
}

std::int64_t milliseconds(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(::timegm(&parts)) * 1000 : 0;
}

std::shared_ptr<SSL_CTX> load(const fs::path& certificate, const fs::path& key, CertificateInfo& info) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) throw std::bad_alloc();
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1)
    refuse("tls.certificate", certificate, "is not a PEM certificate that can be used: " + opensslReason());
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool mismatch = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    if (mismatch) refuse("tls.mismatch", key, "is not the key of the certificate " + certificate.string());
    refuse("tls.key", key, "is not a PEM private key that can be used: " + opensslReason());
  }
  if (SSL_CTX_check_private_key(context.get()) != 1)
    refuse("tls.mismatch", key, "is not the key of the certificate " + certificate.string());
  X509* leaf = SSL_CTX_get0_certificate(context.get());
  info.expires = milliseconds(X509_get0_notAfter(leaf));
  if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0)
    refuse("tls.expired", certificate, "has expired; browsers would refuse it");
  char subject[256] = "";
  X509_NAME_oneline(X509_get_subject_name(leaf), subject, sizeof subject);
  info.subject = subject;

  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  // Resumption works by tickets; a cache would hold memory for each client that was ever here.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

void makeSelfSigned(const fs::path& certificate_file, const fs::path& key_file) {
  try {
    fs::create_directories(certificate_file.parent_path());
    fs::create_directories(key_file.parent_path());
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = key ? selfSigned(key.get()) : nullptr;
    if (!certificate) throw std::runtime_error(opensslReason());
    const fs::path new_key = key_file.string() + ".new", new_certificate = certificate_file.string() + ".new";
    File out = create(new_key, 0600);
    if (PEM_write_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
      throw std::runtime_error(opensslReason());
    out = create(new_certificate, 0644);
    if (PEM_write_X509(out.get(), certificate.get()) != 1) throw std::runtime_error(opensslReason());
    out.reset();
    fs::rename(new_key, key_file);
    fs::rename(new_certificate, certificate_file);
  } catch (const std::exception& e) {
    throw Error(Status::internal, "tls.selfSigned",
                "No certificate could be made in " + certificate_file.parent_path().string() + ": " + e.what());
  }
}

TlsServer::TlsServer(fs::path certificate, fs::path key) : certificate_(std::move(certificate)), key_(std::move(key)) {
  reload();
}

CertificateInfo TlsServer::reload() {
  std::error_code absent;
  const auto certificate_time = fs::last_write_time(certificate_, absent);
  const auto key_time = fs::last_write_time(key_, absent);
  {
    std::lock_guard lock(mutex_);
    certificate_time_ = certificate_time;
    key_time_ = key_time;
  }
  CertificateInfo info;
  auto context = load(certificate_, key_, info);
  std::lock_guard lock(mutex_);
  context_ = std::move(context);
  info_ = info;
  return info;
}

std::shared_ptr<SSL_CTX> TlsServer::context() const {
  std::lock_guard lock(mutex_);
  return context_;
}

CertificateInfo TlsServer::info() const {
  std::lock_guard lock(mutex_);
  return info_;
}

bool TlsServer::changed() const {
  std::error_code absent;
  const auto certificate_time = fs::last_write_time(certificate_, absent);
  const auto key_time = fs::last_write_time(key_, absent);
  std::lock_guard lock(mutex_);
  return certificate_time != certificate_time_ || key_time != key_time_;
}

}  // namespace jackfield::gateway
