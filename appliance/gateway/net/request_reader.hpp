// SPDX-License-Identifier: Apache-2.0
// Collects the octets of one HTTP/1.1 request at a time, without waiting, and says when it is whole or must be refused.
// It reads no more of the head than it needs for that: length, limits, and what makes requests ambiguous (RFC 9112).
#ifndef JACKFIELD_GATEWAY_NET_REQUEST_READER_HPP
#define JACKFIELD_GATEWAY_NET_REQUEST_READER_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace jackfield::gateway {

struct RequestLimits {
  std::size_t url = 8192;          // 414
  std::size_t head = 16384;        // 431
  std::size_t body = 1024 * 1024;  // 413
};

class RequestReader {
 public:
  enum class State { more, whole, refused };
  struct Refusal {
    int status = 0;
    const char* code = "";  // of the message catalogue
  };

  explicit RequestReader(const RequestLimits& limits) : limits_(limits) {}

  // After `refused` the connection can only be answered and closed.
  State feed(std::string_view octets);
  // Drops the request that is whole and looks at what came behind it.
  State nextRequest();

  // Valid until the next call, while whole.
  std::string_view head() const { return std::string_view(buffer_).substr(0, head_size_); }
  std::string_view body() const { return std::string_view(buffer_).substr(head_size_, body_size_); }
  std::string leftover() const { return buffer_.substr(head_size_ + body_size_); }
  Refusal refusal() const { return refusal_; }
  bool begun() const { return !buffer_.empty(); }
  // The head is there, the body not yet: what it will need.
  std::size_t bodySize() const { return body_size_; }
  // True once: the client waits for "100 Continue" before it sends the body.
  bool takeExpectation();

 private:
  State look();
  State readHead();
  State refuse(int status, const char* code);

  RequestLimits limits_;
  std::string buffer_;
  std::size_t scanned_ = 0;
  std::size_t head_size_ = 0;  // 0: not whole yet
  std::size_t body_size_ = 0;
  bool expects_continue_ = false;
  Refusal refusal_;
};

}  // namespace jackfield::gateway

#endif
