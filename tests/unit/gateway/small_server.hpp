// SPDX-License-Identifier: Apache-2.0
// The lobby and the hub without any services: "/ws" becomes a WebSocket, every other request is answered with its own
// body. For tests and benches of what lies below the services.
#ifndef JACKFIELD_TESTS_UNIT_GATEWAY_SMALL_SERVER_HPP
#define JACKFIELD_TESTS_UNIT_GATEWAY_SMALL_SERVER_HPP

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/hub/hub.hpp"
#include "gateway/net/lobby.hpp"

namespace jackfield::tests {

class SmallServer {
 public:
  explicit SmallServer(gateway::Lobby::Options lobby_options = {}, gateway::Hub::Options hub_options = {},
                       const gateway::TlsServer* tls = nullptr)
      : hub(hub_options), lobby(lobby_options, tls, [](int status, const std::string& code) {
          return "HTTP/1.1 " + std::to_string(status) +
                 " Refused\r\nConnection: close\r\nContent-Length: " + std::to_string(code.size()) + "\r\n\r\n" + code;
        }) {
    hub.start();
    lobby.start();
    for (int i = 0; i < 4; ++i) workers_.emplace_back([this] { work(); });
  }
  ~SmallServer() {
    lobby.dismiss();
    for (auto& worker : workers_) worker.join();
    lobby.stop();
    hub.stop(std::chrono::seconds(1));
  }

  std::uint16_t port() const { return lobby.port(); }
  std::vector<std::shared_ptr<gateway::WebSocketClient>> clients() {
    const std::lock_guard lock(mutex_);
    return clients_;
  }
  std::function<void()> while_serving = [] {};

  gateway::Hub hub;
  gateway::Lobby lobby;

 private:
  void work() {
    while (const auto connection = lobby.wait())
      while (serve(*connection)) continue;
  }
  bool serve(gateway::HttpConnection& connection) {
    while_serving();
    const std::string head(connection.request().head());
    if (head.starts_with("GET /ws")) {
      auto taken = connection.take(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
      if (taken.transport.fd() < 0) return false;
      auto client = hub.adopt(std::move(taken.transport), std::move(taken.already_read));
      client->caughtUp();
      const std::lock_guard lock(mutex_);
      clients_.push_back(std::move(client));
      return false;
    }
    auto body = std::make_shared<const std::string>(connection.request().body());
    const bool close = head.find("Connection: close") != std::string::npos;
    return connection.answer(
        {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body->size()) + "\r\n\r\n", body, close});
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<gateway::WebSocketClient>> clients_;
  std::vector<std::thread> workers_;
};

}  // namespace jackfield::tests

#endif
