// SPDX-License-Identifier: Apache-2.0
// One HTTP connection. It belongs to the lobby's thread, except while a worker serves the request that it brought.
#ifndef JACKFIELD_GATEWAY_NET_HTTP_CONNECTION_HPP
#define JACKFIELD_GATEWAY_NET_HTTP_CONNECTION_HPP

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/net/reactor.hpp"
#include "gateway/net/request_reader.hpp"
#include "gateway/net/transport.hpp"

namespace jackfield::gateway {

class Lobby;

// What goes out: the head and, shared among all who get it, the body.
struct Outgoing {
  std::string head;
  std::shared_ptr<const std::string> body;  // may be null
  bool close = false;
};

class HttpConnection : public Reactor::Handler, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(Lobby& lobby, Transport transport, std::string address);

  // --- [the worker that got it from Lobby::wait()] ---
  const RequestReader& request() const { return reader_; }
  const std::string& address() const { return address_; }
  bool secure() const { return transport_.secure(); }
  // Sends the answer as far as it goes at once. True: the client has sent its next request, which is whole already;
  // false: the connection is back in the lobby and must not be touched any more.
  bool answer(Outgoing outgoing);
  // Sends a short head and takes the connection out of the lobby for good. A closed one when it cannot be sent at once.
  struct Taken {
    Transport transport;
    std::string already_read;
  };
  Taken take(std::string_view head);

 private:
  friend class Lobby;
  using Clock = std::chrono::steady_clock;
  enum class State { handshake, reading, serving, writing, draining, gone };

  void onEvents(std::uint32_t events) override;
  void begin();
  void advance();
  bool shakeHands();
  bool readRequest();
  bool judge(RequestReader::State state);
  bool sendAnswer();
  bool discard();
  void refuse(int status, const std::string& code);
  void waitFor(std::uint32_t events);
  void expire(Clock::time_point now);
  void end();
  Transport::Result write();
  bool linger(RequestReader::State& next);
  void release();

  Lobby& lobby_;
  Transport transport_;
  std::string address_;
  RequestReader reader_;
  Outgoing outgoing_;
  std::size_t sent_ = 0;
  Reactor::Key key_ = 0;
  State state_ = State::handshake;
  bool timed_ = true;  // deadline_ counts for a request under way, not for idling
  std::size_t reserved_ = 0;
  Clock::time_point deadline_;
  Clock::time_point answer_by_;
};

}  // namespace jackfield::gateway

#endif
