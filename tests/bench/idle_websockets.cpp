// SPDX-License-Identifier: Apache-2.0
// Memory of idle WebSockets: idle_websockets [COUNT]. Plain and TLS, one after the other.
#include <cstdlib>
#include <memory>
#include <sstream>
#include <vector>

#include "bench/measure.hpp"
#include "bench/server_child.hpp"
#include "unit/gateway/sockets.hpp"

namespace {

using namespace jackfield;

// Measured with the design before this was built: 18 MB plain, 299 MB TLS for 19,900.
constexpr double plainKilobytes = 0.9, tlsKilobytes = 15.0, allowance = 1.5;

bool run(bool tls, std::size_t count) {
  bench::ServerChild server(tls, [](tests::SmallServer&, int commands) {
    char ignored = 0;
    while (::read(commands, &ignored, 1) > 0) continue;
  });
  const double before = bench::residentMegabytesOf(server.pid());
  const double start = bench::wallSeconds();
  std::vector<std::unique_ptr<tests::WsClient>> clients;
  clients.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    clients.push_back(std::make_unique<tests::WsClient>(server.port(), "/ws", tls));
  const double connecting = bench::wallSeconds() - start;
  const double cpu_connecting = bench::cpuSecondsOf(server.pid());
  const double grown = bench::residentMegabytesOf(server.pid()) - before;
  // A full round of pings, answered by nobody: what idling costs.
  const double idle_cpu = bench::cpuSecondsOf(server.pid());
  ::sleep(10);
  const double idling = (bench::cpuSecondsOf(server.pid()) - idle_cpu) / 10;

  const std::string name = std::string(tls ? "TLS, " : "plain, ") + std::to_string(count) + " idle: ";
  const double each = grown * 1000 / static_cast<double>(count);
  bench::line(name + "resident memory", grown, "MB");
  const bool holds = bench::line(name + "memory each", each, "kB", allowance * (tls ? tlsKilobytes : plainKilobytes));
  bench::line(name + "of the design's figure", each / (tls ? tlsKilobytes : plainKilobytes), "ratio");
  bench::line(name + "server CPU to connect one", cpu_connecting * 1e6 / static_cast<double>(count), "us");
  bench::line(name + "connected a second", static_cast<double>(count) / connecting, "1/s");
  bench::line(name + "CPU while idle", idling * 100, "% of a core");
  return holds;
}

}  // namespace

int main(int argc, char** argv) {
  bench::raiseDescriptorLimit();
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 19900;
  const bool plain = run(false, count);
  const bool tls = run(true, count);
  return plain && tls ? 0 : 1;
}
