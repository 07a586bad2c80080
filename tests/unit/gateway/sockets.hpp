// SPDX-License-Identifier: Apache-2.0
// Clients of tests, made of plain sockets and OpenSSL, so that they can do what no well-behaved library does: dribble,
// stop reading, break frames.
#ifndef JACKFIELD_TESTS_UNIT_GATEWAY_SOCKETS_HPP
#define JACKFIELD_TESTS_UNIT_GATEWAY_SOCKETS_HPP

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/ssl.h>

namespace jackfield::tests {

using std::chrono::milliseconds;
constexpr milliseconds patience{10000};

// A TCP connection to 127.0.0.1, blocking with deadlines. Throws std::runtime_error when it cannot connect.
class Socket {
 public:
  // receive_buffer: of the kernel, in octets; 0: as usual. A small one makes a stalled client stall soon.
  explicit Socket(std::uint16_t port, bool tls = false, int receive_buffer = 0);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool send(std::string_view octets);  // false: the peer has closed
  // What has come, at least one octet; empty: closed. Throws after `limit`.
  std::string receive(milliseconds limit = patience);
  bool closedWithin(milliseconds limit);
  int fd() const { return fd_; }
  bool pending() const { return ssl_ && SSL_pending(ssl_.get()) > 0; }
  // Subject of the peer's certificate; empty on plain connections.
  std::string certificate() const;

 private:
  int fd_ = -1;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// HTTP/1.1 on one connection.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, bool tls = false) : socket(port, tls) {}
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body = {},
                 const std::map<std::string, std::string>& headers = {});
  HttpAnswer read(bool bodiless = false);
  Socket socket;

 private:
  std::string buffer_;
};

struct WsFrame {
  int opcode = 0;
  std::string payload;
  int closeCode() const;
};

// A WebSocket client. Throws std::runtime_error with the status when the handshake is refused.
class WsClient {
 public:
  WsClient(std::uint16_t port, const std::string& path, bool tls = false,
           const std::map<std::string, std::string>& headers = {}, int receive_buffer = 0);
  void send(int first_octet, std::string_view payload);
  void sendText(std::string_view text) { send(0x81, text); }
  // The next frame; throws after `limit`; nothing: the connection is closed.
  std::optional<WsFrame> next(milliseconds limit = patience);
  // Reads once, when the socket is readable, and gives the frames that are whole.
  std::vector<WsFrame> available();
  // The next text, pings left out. Throws when the connection ends instead.
  std::string text(milliseconds limit = patience);
  Socket socket;

 private:
  std::optional<WsFrame> cut();
  std::string buffer_;
};

}  // namespace jackfield::tests

#endif
