// SPDX-License-Identifier: Apache-2.0
// A lobby and a hub in a process of their own, so that its memory and CPU time can be told from the clients'. The
// machine allows 20,000 descriptors for each process: client and server hold 19,900 sockets each.
#ifndef JACKFIELD_BENCH_SERVER_CHILD_HPP
#define JACKFIELD_BENCH_SERVER_CHILD_HPP

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "bench/measure.hpp"
#include "gateway/net/tls.hpp"
#include "unit/gateway/small_server.hpp"

namespace jackfield::bench {

class ServerChild {
 public:
  using Work = std::function<void(tests::SmallServer&, int commands)>;

  // Forks before this process has any thread or has used OpenSSL. `work` runs in the child, with a pipe on which the
  // parent sends a byte for each thing that it wants.
  ServerChild(bool tls, const Work& work) {
    int port_pipe[2], command_pipe[2];
    if (::pipe(port_pipe) != 0 || ::pipe(command_pipe) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(command_pipe[1]);
      serve(tls, work, port_pipe[1], command_pipe[0]);
      std::_Exit(0);
    }
    ::close(command_pipe[0]);
    commands_ = command_pipe[1];
    if (::read(port_pipe[0], &port_, sizeof port_) != sizeof port_)
      throw std::runtime_error("the server did not start");
  }
  ~ServerChild() {
    ::close(commands_);
    ::waitpid(pid_, nullptr, 0);
  }

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  void command(char what) { [[maybe_unused]] const auto sent = ::write(commands_, &what, 1); }

 private:
  static void serve(bool tls, const Work& work, int port_pipe, int commands) {
    const auto folder = std::filesystem::temp_directory_path() / ("jackfield-bench-" + std::to_string(::getpid()));
    std::unique_ptr<gateway::TlsServer> certificate;
    if (tls) {
      gateway::makeSelfSigned(folder / "c.pem", folder / "k.pem");
      certificate = std::make_unique<gateway::TlsServer>(folder / "c.pem", folder / "k.pem");
      std::filesystem::remove_all(folder);
    }
    gateway::Lobby::Options lobby;
    lobby.connections = lobby.connections_of_address = 30000;
    gateway::Hub::Options hub;
    hub.queue_bytes = 1 << 20;
    tests::SmallServer server(lobby, hub, certificate.get());
    const std::uint16_t port = server.port();
    [[maybe_unused]] const auto sent = ::write(port_pipe, &port, sizeof port);
    work(server, commands);
  }

  pid_t pid_ = -1;
  int commands_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace jackfield::bench

#endif
