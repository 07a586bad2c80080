// SPDX-License-Identifier: Apache-2.0
// Non-blocking reads and writes, plain and TLS.
#include "gateway/net/transport.hpp"

#include <cerrno>
#include <new>
#include <utility>

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace jackfield::gateway {

Transport::Transport(int fd, SSL_CTX* tls) : fd_(fd) {
  if (!tls) return;
  ssl_.reset(SSL_new(tls));
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd) != 1) {
    close();
    throw std::bad_alloc();
  }
  SSL_set_accept_state(ssl_.get());
}

Transport::~Transport() {
  close();
}

Transport::Transport(Transport&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), waits_for_(other.waits_for_), ssl_(std::move(other.ssl_)) {}

Transport& Transport::operator=(Transport&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::exchange(other.fd_, -1);
  waits_for_ = other.waits_for_;
  ssl_ = std::move(other.ssl_);
  return *this;
}

void Transport::close() noexcept {
  ssl_.reset();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Transport::Result Transport::failed(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      waits_for_ = EPOLLIN;
      return Result::again;
    case SSL_ERROR_WANT_WRITE:
      waits_for_ = EPOLLOUT;
      return Result::again;
    default:
      ERR_clear_error();
      return Result::closed;
  }
}

Transport::Result Transport::handshake() {
  if (!ssl_) return Result::ok;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Result::ok : failed(result);
}

Transport::Io Transport::read(char* to, std::size_t size) {
  if (ssl_) {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int result = SSL_read_ex(ssl_.get(), to, size, &bytes);
    return result == 1 ? Io{Result::ok, bytes} : Io{failed(result), 0};
  }
  ssize_t got = 0;
  do got = ::recv(fd_, to, size, 0);
  while (got < 0 && errno == EINTR);
  if (got > 0) return {Result::ok, static_cast<std::size_t>(got)};
  waits_for_ = EPOLLIN;
  return {got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Result::again : Result::closed, 0};
}

Transport::Io Transport::write(const char* from, std::size_t size) {
  if (ssl_) {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int result = SSL_write_ex(ssl_.get(), from, size, &bytes);
    return result == 1 ? Io{Result::ok, bytes} : Io{failed(result), 0};
  }
  const iovec part{const_cast<char*>(from), size};
  return writeVector(&part, 1);
}

Transport::Io Transport::writeVector(const iovec* parts, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<std::size_t>(count);
  ssize_t sent = 0;
  do sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return {Result::ok, static_cast<std::size_t>(sent)};
  waits_for_ = EPOLLOUT;
  return {errno == EAGAIN || errno == EWOULDBLOCK ? Result::again : Result::closed, 0};
}

void Transport::endSending() {
  if (ssl_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(fd_, SHUT_WR);
}

}  // namespace jackfield::gateway
