// SPDX-License-Identifier: Apache-2.0
// From an event to all browsers: fan_out [CLIENTS] [EVENTS_PER_SECOND] [SECONDS]. Latency from the call of send() on
// the publishing thread to the frame in the client's hands, and the most that goes through, plain and TLS. Counts and
// order are checked: every event once, in order, at every client.
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include <sys/epoll.h>

#include "bench/measure.hpp"
#include "bench/server_child.hpp"
#include "unit/gateway/sockets.hpp"

namespace {

using namespace jackfield;
using Clock = std::chrono::steady_clock;

struct Plan {
  std::size_t clients = 2000;
  std::size_t per_second = 20;
  std::size_t seconds = 10;
};

std::string event(std::size_t number) {
  // CLOCK_MONOTONIC is the same clock in all processes.
  std::string text = R"({"n":)" + std::to_string(number) + R"(,"at":)" +
                     std::to_string(Clock::now().time_since_epoch().count()) + R"(,"data":")";
  return text + std::string(98 > text.size() ? 98 - text.size() : 0, 'x') + "\"}";
}

void publish(tests::SmallServer& server, int commands, const Plan& plan) {
  char what = 0;
  while (::read(commands, &what, 1) > 0) {
    // The last handshake was answered a moment before its client is in the list.
    while (server.clients().size() < plan.clients) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto clients = server.clients();
    const std::size_t count = plan.per_second * plan.seconds;
    auto next = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      const auto frame = std::make_shared<const std::string>(event(i));
      for (const auto& client : clients) {
        // As fast as it goes: wait for room instead of cutting anybody.
        while (what == 'b' && !client->room()) std::this_thread::sleep_for(std::chrono::microseconds(200));
        client->send(frame);
      }
      if (what != 'p') continue;
      next += std::chrono::microseconds(1000000 / plan.per_second);
      std::this_thread::sleep_until(next);
    }
  }
}

struct Result {
  std::vector<double> latencies_ms;
  std::size_t received = 0;
  std::size_t wrong = 0;  // out of order, twice, or missing
  double seconds = 0;
};

Result collect(std::vector<std::unique_ptr<tests::WsClient>>& clients, std::size_t events) {
  Result result;
  result.latencies_ms.reserve(clients.size() * events);
  std::vector<std::size_t> next(clients.size(), 0);
  const int epoll = ::epoll_create1(0);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = i;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i]->socket.fd(), &interest);
  }
  const double start = bench::wallSeconds();
  std::array<epoll_event, 256> ready{};
  while (result.received < clients.size() * events) {
    const int count = ::epoll_wait(epoll, ready.data(), ready.size(), 10000);
    if (count <= 0) break;
    for (int k = 0; k < count; ++k) {
      const std::size_t i = ready[static_cast<std::size_t>(k)].data.u64;
      for (const auto& frame : clients[i]->available()) {
        if (frame.opcode == 8) ++result.wrong;
        if (frame.opcode != 1) continue;
        char* end = nullptr;
        const auto number = std::strtoul(frame.payload.c_str() + std::strlen(R"({"n":)"), &end, 10);
        const auto at = std::strtoll(end + std::strlen(R"(,"at":)"), nullptr, 10);
        if (number != next[i]++) ++result.wrong;
        ++result.received;
        result.latencies_ms.push_back(static_cast<double>(Clock::now().time_since_epoch().count() - at) / 1e6);
      }
    }
  }
  result.seconds = bench::wallSeconds() - start;
  result.wrong += clients.size() * events - std::min(clients.size() * events, result.received);
  ::close(epoll);
  return result;
}

bool run(bool tls, const Plan& plan) {
  bench::ServerChild server(tls, [&](auto& small, int commands) { publish(small, commands, plan); });
  std::vector<std::unique_ptr<tests::WsClient>> clients;
  for (std::size_t i = 0; i < plan.clients; ++i)
    clients.push_back(std::make_unique<tests::WsClient>(server.port(), "/ws", tls));
  const std::size_t events = plan.per_second * plan.seconds;
  const std::string name = std::string(tls ? "TLS, " : "plain, ") + std::to_string(plan.clients) + " clients: ";

  double cpu = bench::cpuSecondsOf(server.pid());
  server.command('p');
  const auto paced = collect(clients, events);
  cpu = bench::cpuSecondsOf(server.pid()) - cpu;
  const double messages = static_cast<double>(plan.clients * events);
  bench::line(name + std::to_string(plan.per_second) + " events/s, messages", messages / paced.seconds, "1/s");
  bench::line(name + "latency median", bench::percentile(paced.latencies_ms, 0.5), "ms");
  bench::line(name + "latency 99th percentile", bench::percentile(paced.latencies_ms, 0.99), "ms");
  bench::line(name + "latency worst", bench::percentile(paced.latencies_ms, 1), "ms");
  bench::line(name + "server CPU a message", cpu * 1e6 / messages, "us");
  bool holds = bench::line(name + "missing, repeated or out of order", static_cast<double>(paced.wrong), "frames", 0.5);

  server.command('b');
  const auto burst = collect(clients, events);
  bench::line(name + "as fast as it goes", messages / burst.seconds, "1/s");
  holds = bench::line(name + "of the design's 100,000/s", messages / burst.seconds / 100000, "ratio") && holds;
  return bench::line(name + "wrong in the burst", static_cast<double>(burst.wrong), "frames", 0.5) && holds;
}

}  // namespace

int main(int argc, char** argv) {
  bench::raiseDescriptorLimit();
  Plan plan;
  if (argc > 1) plan.clients = std::strtoul(argv[1], nullptr, 10);
  if (argc > 2) plan.per_second = std::strtoul(argv[2], nullptr, 10);
  if (argc > 3) plan.seconds = std::strtoul(argv[3], nullptr, 10);
  const bool plain = run(false, plan);
  const bool tls = run(true, plan);
  return plain && tls ? 0 : 1;
}
