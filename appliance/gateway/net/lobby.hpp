// SPDX-License-Identifier: Apache-2.0
// Where HTTP connections wait: accepts, shakes hands, reads requests and writes answers without ever holding a thread,
// so that clients which dribble, idle or do not read cost a descriptor and some memory, bounded, for a bounded time.
// A connection leaves for a worker only with a whole request in hand.
#ifndef JACKFIELD_GATEWAY_NET_LOBBY_HPP
#define JACKFIELD_GATEWAY_NET_LOBBY_HPP

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "gateway/net/http_connection.hpp"
#include "gateway/net/reactor.hpp"
#include "gateway/net/tls.hpp"

namespace jackfield::gateway {

class Lobby {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    RequestLimits limits{};
    std::size_t connections = 8192;            // in the lobby; event streams are not
    std::size_t connections_of_address = 256;  // the same of one address
    std::size_t buffered = 64 * 1024 * 1024;   // bodies of requests that are not whole yet, of all
    std::chrono::milliseconds request{15000};  // from the first octet to the last, handshake included
    std::chrono::milliseconds idle{20000};     // between two requests of a connection
    std::chrono::milliseconds stalled{20000};  // an answer of which nothing is taken
    std::chrono::milliseconds answer{300000};  // for an answer to be taken whole
  };
  struct Counters {
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused{0};  // too many connections
    std::atomic<std::uint64_t> slow{0};     // requests cut off by time
    std::atomic<std::uint64_t> handshakes_failed{0};
  };
  // Renders the answer to a request that never was one. [reactor thread]
  using RefusalText = std::function<std::string(int status, const std::string& code)>;

  // `tls` null: plain. Listens at once, accepts from start() on. Throws Error(unreachable, "http.listen").
  Lobby(const Options& options, const TlsServer* tls, RefusalText refusal_text);
  ~Lobby();

  void start();
  std::uint16_t port() const noexcept { return port_; }
  const Counters& counters() const noexcept { return counters_; }
  std::size_t connections() const noexcept { return count_; }

  // The next connection with a whole request; null after dismiss(). Any worker.
  std::shared_ptr<HttpConnection> wait();
  bool busy() const noexcept { return ready_count_ > 0; }

  // No new connections, idle ones closed; then waits for requests under way, at the latest until the deadline.
  void drain(std::chrono::milliseconds deadline);
  // wait() gives null from now on; the workers end.
  void dismiss();
  // Ends the thread and closes what is left. The workers must be gone.
  void stop();

 private:
  friend class HttpConnection;
  class Door;

  void accept();
  void admit(int fd, std::string address);
  void ready(std::shared_ptr<HttpConnection> connection);
  void forget(HttpConnection& connection);
  void tick();
  void noteDrained();

  const Options options_;
  const TlsServer* tls_;
  RefusalText refusal_text_;
  Counters counters_;
  std::uint16_t port_ = 0;
  int listening_ = -1;
  Reactor::Key door_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<HttpConnection>> ready_;
  bool stopped_ = false;
  std::atomic<std::size_t> ready_count_{0};
  std::atomic<bool> draining_{false};
  std::atomic<std::size_t> count_{0};

  // The reactor thread's.
  std::unordered_set<std::shared_ptr<HttpConnection>> all_;
  std::map<std::string, std::size_t> of_address_;
  std::size_t buffered_ = 0;
  bool door_closed_ = false;
  std::array<char, 16384> scratch_{};
  Reactor reactor_;
};

}  // namespace jackfield::gateway

#endif
