// SPDX-License-Identifier: Apache-2.0
// A connected, non-blocking TCP socket, plain or TLS. Poco's sockets are not used here: a SecureStreamSocket cannot be
// made non-blocking in Poco 1.11, and one stalled client must never hold a thread.
#ifndef JACKFIELD_GATEWAY_NET_TRANSPORT_HPP
#define JACKFIELD_GATEWAY_NET_TRANSPORT_HPP

#include <cstddef>
#include <cstdint>
#include <memory>

#include <openssl/ssl.h>

struct iovec;

namespace jackfield::gateway {

struct SslFree {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};

// Not thread-safe; may move between threads while nobody uses it.
class Transport {
 public:
  enum class Result { ok, again, closed };
  struct Io {
    Result result = Result::closed;
    std::size_t bytes = 0;
  };

  Transport() = default;
  // Takes ownership of fd, which must be non-blocking. `tls` null: plain.
  Transport(int fd, SSL_CTX* tls);
  ~Transport();
  Transport(Transport&& other) noexcept;
  Transport& operator=(Transport&& other) noexcept;

  int fd() const noexcept { return fd_; }
  bool secure() const noexcept { return ssl_ != nullptr; }
  // The server's side of the TLS handshake; ok at once on a plain connection.
  Result handshake();
  Io read(char* to, std::size_t size);
  // TLS: after `again` the same octets must be offered again, at any address, more of them if need be.
  Io write(const char* from, std::size_t size);
  // Plain connections only.
  Io writeVector(const iovec* parts, int count);
  // After `again`: what epoll has to wait for, EPOLLIN or EPOLLOUT.
  std::uint32_t waitsFor() const noexcept { return waits_for_; }
  // No more is sent; the peer sees an orderly end. Reading goes on.
  void endSending();
  void close() noexcept;

 private:
  Result failed(int result);

  int fd_ = -1;
  std::uint32_t waits_for_ = 0;
  std::unique_ptr<SSL, SslFree> ssl_;
};

}  // namespace jackfield::gateway

#endif
