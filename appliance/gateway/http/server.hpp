// SPDX-License-Identifier: Apache-2.0
// The workers between the lobby and the dispatcher.
#ifndef JACKFIELD_GATEWAY_HTTP_SERVER_HPP
#define JACKFIELD_GATEWAY_HTTP_SERVER_HPP

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "gateway/http/dispatcher.hpp"
#include "gateway/net/lobby.hpp"

namespace jackfield::gateway {

class Server {
 public:
  // Listens at once; serves from start() on. Throws as Lobby does.
  Server(const Lobby::Options& options, const TlsServer* tls, Dispatcher& dispatcher, unsigned threads);
  ~Server();

  void start();
  // Lets requests under way end, until the deadline; then closes what is left.
  void stop(std::chrono::milliseconds deadline);
  std::uint16_t port() const noexcept { return lobby_.port(); }
  const Lobby& lobby() const noexcept { return lobby_; }

 private:
  void work();
  bool serve(HttpConnection& connection);

  Dispatcher& dispatcher_;
  unsigned threads_;
  Lobby lobby_;
  std::vector<std::thread> workers_;
};

}  // namespace jackfield::gateway

#endif
