// SPDX-License-Identifier: Apache-2.0
// GET of the same 200 octets from jackfieldd and from nginx, keep-alive, from the same client, one after the other:
// http_get JACKFIELDD [CONNECTIONS] [SECONDS]. The ratio is what counts; the machine's load falls on both.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include <sys/epoll.h>

#include "bench/measure.hpp"
#include "bench/server_child.hpp"
#include "support/process.hpp"
#include "unit/gateway/sockets.hpp"

namespace {

namespace fs = std::filesystem;
using namespace jackfield;

struct Result {
  double per_second = 0;
  double cpu_us = 0;  // of the server, a request
};

double cpuOf(const std::vector<pid_t>& pids) {
  double sum = 0;
  for (const pid_t pid : pids) sum += bench::cpuSecondsOf(pid);
  return sum;
}

Result load(std::uint16_t port, const std::vector<pid_t>& servers, std::size_t connections, double seconds) {
  const std::string request = "GET /file.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::vector<std::unique_ptr<tests::Socket>> sockets;
  const int epoll = ::epoll_create1(0);
  std::vector<std::size_t> left(connections, 0);
  tests::HttpClient sample(port);
  sample.socket.send(request);
  const auto answer = sample.read();
  if (answer.status != 200 || answer.body.size() != 200)
    throw std::runtime_error("unexpected answer: " + std::to_string(answer.status));
  tests::Socket measured(port);
  measured.send(request);
  const std::size_t size = measured.receive().size();
  for (std::size_t i = 0; i < connections; ++i) {
    sockets.push_back(std::make_unique<tests::Socket>(port));
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = i;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, sockets[i]->fd(), &interest);
    sockets[i]->send(request);
    left[i] = size;
  }
  const double start = bench::wallSeconds(), cpu = cpuOf(servers);
  std::size_t done = 0;
  std::array<epoll_event, 128> ready{};
  while (bench::wallSeconds() - start < seconds) {
    const int count = ::epoll_wait(epoll, ready.data(), ready.size(), 1000);
    for (int k = 0; k < count; ++k) {
      const std::size_t i = ready[static_cast<std::size_t>(k)].data.u64;
      const std::size_t got = sockets[i]->receive().size();
      if (got == 0) throw std::runtime_error("a connection was closed");
      left[i] -= std::min(left[i], got);
      if (left[i] > 0) continue;
      ++done;
      left[i] = size;
      sockets[i]->send(request);
    }
  }
  const double took = bench::wallSeconds() - start;
  ::close(epoll);
  return {static_cast<double>(done) / took, (cpuOf(servers) - cpu) * 1e6 / static_cast<double>(done)};
}

void awaitPort(std::uint16_t port) {
  const bool up = tests::waitFor(std::chrono::seconds(20), [&] {
    try {
      tests::Socket probe(port);
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  });
  if (!up) throw std::runtime_error("nobody listens on port " + std::to_string(port));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: http_get JACKFIELDD [CONNECTIONS] [SECONDS]\n");
    return 2;
  }
  const std::size_t connections = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 16;
  const double seconds = argc > 3 ? std::strtod(argv[3], nullptr) : 5;
  const tests::TemporaryFolder folder("http-get");
  const fs::path& at = folder.path();
  fs::create_directories(at / "web");
  fs::create_directories(at / "plugins");
  fs::create_directories(at / "tmp");
  std::ofstream(at / "web/file.txt") << std::string(200, 'x');

  const auto nginx_port = static_cast<std::uint16_t>(tests::freePort());
  // Root's nginx would give its workers to an account that may not read the folder.
  const std::string account = ::geteuid() == 0 ? "user root; " : "";
  std::ofstream(at / "nginx.conf") << account << "daemon off; worker_processes 2; pid " << (at / "nginx.pid").string()
                                   << "; error_log stderr;\nevents { worker_connections 4096; }\n"
                                   << "http { access_log off; keepalive_requests 1000000000; client_body_temp_path "
                                   << (at / "tmp").string() << "; sendfile on; open_file_cache max=10;\n"
                                   << "server { listen 127.0.0.1:" << nginx_port << "; root " << (at / "web").string()
                                   << "; } }\n";
  tests::Process nginx({"/usr/sbin/nginx", "-c", (at / "nginx.conf").string(), "-p", at.string()}, at / "nginx.log");
  awaitPort(nginx_port);
  auto workers = bench::childrenOf(nginx.pid());
  workers.push_back(nginx.pid());
  const auto theirs = load(nginx_port, workers, connections, seconds);
  nginx.signal(SIGTERM);

  const auto port = static_cast<std::uint16_t>(tests::freePort());
  std::ofstream(at / "jackfield.conf") << "data.folder = data\nplugins.folder = plugins\nplugins.hosting = inHost\n"
                                       << "log.target = stderr\nhttp.plain = true\nhttp.port = " << port
                                       << "\nweb.folder = web\n";
  tests::Process host({argv[1], "--config=" + (at / "jackfield.conf").string()}, at / "host.log");
  awaitPort(port);
  const auto ours = load(port, {host.pid()}, connections, seconds);

  const std::string name = "GET 200 octets, " + std::to_string(connections) + " connections: ";
  bench::line(name + "nginx", theirs.per_second, "1/s");
  bench::line(name + "jackfieldd", ours.per_second, "1/s");
  bench::line(name + "jackfieldd of nginx", ours.per_second / theirs.per_second, "ratio");
  bench::line(name + "nginx CPU a request", theirs.cpu_us, "us");
  bench::line(name + "jackfieldd CPU a request", ours.cpu_us, "us");
  return 0;
}
