// SPDX-License-Identifier: Apache-2.0
// Sockets for tests.
#include "unit/gateway/sockets.hpp"

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace jackfield::tests {
namespace {

// One for all: tens of thousands of clients may be open at a time.
SSL_CTX* clientContext() {
  static SSL_CTX* const context = [] {
    SSL_CTX* made = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
    return made;
  }();
  return context;
}

}  // namespace

Socket::Socket(std::uint16_t port, bool tls, int receive_buffer) {
  std::signal(SIGPIPE, SIG_IGN);
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int yes = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  if (!tls) return;
  ssl_.reset(SSL_new(clientContext()));
  SSL_set_fd(ssl_.get(), fd_);
  if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("TLS handshake failed");
}

Socket::~Socket() {
  ssl_.reset();
  ::close(fd_);
}

bool Socket::send(std::string_view octets) {
  while (!octets.empty()) {
    const auto sent = ssl_ ? static_cast<ssize_t>(SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size())))
                           : ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Socket::receive(milliseconds limit) {
  pollfd waiting{fd_, POLLIN, 0};
  if ((!ssl_ || SSL_pending(ssl_.get()) == 0) && ::poll(&waiting, 1, static_cast<int>(limit.count())) != 1)
    throw std::runtime_error("nothing came in " + std::to_string(limit.count()) + " ms");
  char buffer[16384];
  const auto got =
      ssl_ ? static_cast<ssize_t>(SSL_read(ssl_.get(), buffer, sizeof buffer)) : ::recv(fd_, buffer, sizeof buffer, 0);
  return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
}

bool Socket::closedWithin(milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  try {
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
      if (receive(std::max(left, milliseconds(0))).empty()) return true;
    }
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string Socket::certificate() const {
  if (!ssl_) return {};
  const std::unique_ptr<X509, void (*)(X509*)> peer(SSL_get1_peer_certificate(ssl_.get()), X509_free);
  char name[256] = "";
  X509_NAME_oneline(X509_get_subject_name(peer.get()), name, sizeof name);
  return name;
}

HttpAnswer HttpClient::ask(const std::string& method, const std::string& path, const std::string& body,
                           const std::map<std::string, std::string>& headers) {
  std::string request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  if (!body.empty() && !headers.contains("Content-Type")) request += "Content-Type: application/json\r\n";
  socket.send(request + "\r\n" + body);
  return read(method == "HEAD");
}

HttpAnswer HttpClient::read(bool bodiless) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    const std::string more = socket.receive();
    if (more.empty()) throw std::runtime_error("closed before an answer");
    buffer_ += more;
  }
  HttpAnswer answer;
  answer.status = std::stoi(buffer_.substr(9, 3));
  std::size_t at = buffer_.find("\r\n") + 2;
  while (at < end + 2) {
    const std::size_t stop = buffer_.find("\r\n", at), colon = buffer_.find(": ", at);
    std::string name = buffer_.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    answer.headers[name] = buffer_.substr(colon + 2, stop - colon - 2);
    at = stop + 2;
  }
  buffer_.erase(0, end + 4);
  const auto length = answer.headers.find("content-length");
  const std::size_t size = bodiless || length == answer.headers.end() ? 0 : std::stoul(length->second);
  while (buffer_.size() < size) {
    const std::string more = socket.receive();
    if (more.empty()) throw std::runtime_error("closed within an answer");
    buffer_ += more;
  }
  answer.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

int WsFrame::closeCode() const {
  return payload.size() < 2 ? 0 : static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

WsClient::WsClient(std::uint16_t port, const std::string& path, bool tls,
                   const std::map<std::string, std::string>& headers, int receive_buffer)
    : socket(port, tls, receive_buffer) {
  std::string request = "GET " + path +
                        " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  socket.send(request + "\r\n");
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    const std::string more = socket.receive();
    if (more.empty()) throw std::runtime_error("closed in the handshake");
    buffer_ += more;
  }
  if (buffer_.substr(9, 3) != "101") throw std::runtime_error(buffer_);
  // RFC 6455 section 1.3 gives this answer to that key.
  if (buffer_.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == std::string::npos) throw std::runtime_error("wrong accept key");
  buffer_.erase(0, end + 4);
}

void WsClient::send(int first_octet, std::string_view payload) {
  const char mask[] = {0x37, 0x13, 0x5a, 0x0f};
  std::string frame{static_cast<char>(first_octet)};
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    frame.push_back(static_cast<char>(0x80 | 126));
    frame.push_back(static_cast<char>(payload.size() >> 8));
    frame.push_back(static_cast<char>(payload.size() & 0xff));
  }
  frame.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) frame.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  socket.send(frame);
}

std::optional<WsFrame> WsClient::cut() {
  if (buffer_.size() < 2) return std::nullopt;
  std::size_t size = buffer_[1] & 0x7f, head = 2;
  const std::size_t octets = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (buffer_.size() < head + octets) return std::nullopt;
  if (octets > 0) size = 0;
  for (std::size_t i = 0; i < octets; ++i) size = size << 8 | static_cast<unsigned char>(buffer_[head + i]);
  head += octets;
  if (buffer_.size() < head + size) return std::nullopt;
  WsFrame frame{buffer_[0] & 0x0f, buffer_.substr(head, size)};
  buffer_.erase(0, head + size);
  return frame;
}

std::optional<WsFrame> WsClient::next(milliseconds limit) {
  for (;;) {
    if (auto frame = cut()) return frame;
    const std::string more = socket.receive(limit);
    if (more.empty()) return std::nullopt;
    buffer_ += more;
  }
}

std::vector<WsFrame> WsClient::available() {
  do buffer_ += socket.receive();
  while (socket.pending());
  std::vector<WsFrame> out;
  while (auto frame = cut()) out.push_back(std::move(*frame));
  return out;
}

std::string WsClient::text(milliseconds limit) {
  for (;;) {
    const auto frame = next(limit);
    if (!frame) throw std::runtime_error("the stream ended");
    if (frame->opcode == 1) return frame->payload;
    if (frame->opcode == 8) throw std::runtime_error("closed with " + std::to_string(frame->closeCode()));
  }
}

}  // namespace jackfield::tests
