// SPDX-License-Identifier: Apache-2.0
// All WebSockets on one thread: frames out to tens of thousands of clients, none of which can slow another.
#ifndef JACKFIELD_GATEWAY_HUB_HUB_HPP
#define JACKFIELD_GATEWAY_HUB_HUB_HPP

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "gateway/hub/client.hpp"

namespace jackfield::gateway {

class Hub {
 public:
  struct Options {
    std::size_t max_clients = 20000;
    std::size_t queue_bytes = 256 * 1024;           // that may wait for one client
    std::size_t catch_up_bytes = 16 * 1024 * 1024;  // the same within a page of what it has missed
    std::size_t max_message = 4096;                 // of a client
    std::uint8_t max_texts = 50;                    // of a client, a second
    std::chrono::seconds ping_every{30};
    std::chrono::seconds silence{75};  // without a sign of life for so long: gone
    std::chrono::seconds linger{2};    // for the closing handshake
  };
  struct Counters {
    std::atomic<std::uint64_t> frames{0};
    std::atomic<std::uint64_t> octets{0};
    std::atomic<std::uint64_t> cut{0};     // at their queue limit
    std::atomic<std::uint64_t> faults{0};  // protocol errors of clients
    std::atomic<std::uint64_t> silent{0};  // gone without a word
  };

  explicit Hub(const Options& options);
  ~Hub();  // stop() without time to say goodbye

  void start();
  // Closes every client with 1001 and ends the thread, at the latest after `deadline`.
  void stop(std::chrono::milliseconds deadline);

  bool full() const noexcept { return count_ >= options_.max_clients; }
  std::size_t clients() const noexcept { return count_; }
  const Counters& counters() const noexcept { return counters_; }
  // Takes over a connection on which the 101 has been sent. `already_read`: what the client sent behind its request.
  std::shared_ptr<WebSocketClient> adopt(Transport transport, std::string already_read);

 private:
  friend class WebSocketClient;
  using Mail = std::pair<std::shared_ptr<WebSocketClient>, WebSocketClient::Frame>;

  void deliver(std::shared_ptr<WebSocketClient> client, const WebSocketClient::Frame& text);
  void emptyMailbox();
  void tick();
  void remove(WebSocketClient& client);

  const Options options_;
  Counters counters_;
  std::mutex mutex_;  // mailbox and attachments
  std::condition_variable empty_;
  std::vector<Mail> mailbox_;
  std::vector<Mail> delivering_;  // the reactor thread's; kept for its capacity
  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint32_t> now_s_{0};
  std::unordered_set<std::shared_ptr<WebSocketClient>> clients_;  // the reactor thread's
  std::array<char, 16384> scratch_{};                             // the reactor thread's
  Reactor reactor_;
};

}  // namespace jackfield::gateway

#endif
