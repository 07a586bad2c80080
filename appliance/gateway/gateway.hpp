// SPDX-License-Identifier: Apache-2.0
// The room that knows HTTP: everything between a socket and the services.
#ifndef JACKFIELD_GATEWAY_GATEWAY_HPP
#define JACKFIELD_GATEWAY_GATEWAY_HPP

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "gateway/http/dispatcher.hpp"
#include "gateway/hub/hub.hpp"
#include "gateway/net/lobby.hpp"
#include "kernel/base/metrics.hpp"
#include "services/services.hpp"

namespace jackfield::gateway {

class Gateway {
 public:
  struct Options {
    Lobby::Options http;
    Hub::Options events;
    Dispatcher::Options limits;
    std::size_t streams_of_session = 32;
    unsigned threads = 16;
    bool plain = false;  // no TLS
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::filesystem::path self_signed_folder;  // of a certificate made here when the two files are missing
    std::filesystem::path web_folder;
    std::chrono::milliseconds certificate_check{5000};
  };

  // Listens at once, serves from start() on. `services` and `metrics` live longer. Throws Error: "http.listen",
  // "http.plain" (plain HTTP on an address that others can reach), "tls.*".
  Gateway(services::Services& services, kernel::Metrics& metrics, const Options& options);
  ~Gateway();

  void start();
  // In this order, until the deadline: no new connections, requests under way end, event streams close with 1001.
  void stop(std::chrono::milliseconds deadline);

  std::uint16_t port() const;
  std::size_t clients() const;
  // Reads the certificate again for connections to come. A bad one changes nothing; it is logged and an alarm.
  void reloadCertificate();
  // See Dispatcher::Observer. Before start().
  void observe(Dispatcher::Observer observer);
  // The table that openapi.yaml is held to.
  std::vector<Route> routes();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::gateway

#endif
