// SPDX-License-Identifier: Apache-2.0
// What a plugin call costs, in the host and across the process boundary: one request at a time (round trip), and many
// at once (throughput, CPU of this process). Arguments: the zoo's plugin folder, jackfield-plugin-host.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <semaphore>
#include <string>

#include <sys/resource.h>

#include "kernel/plugins.hpp"

namespace {

using namespace jackfield::kernel;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int calls = 20000;
constexpr int together = 256;

class Waiter final : public PluginEvents {
 public:
  void onEvent(const std::string&, std::string_view, std::string_view) override {}
  void onState(const InstanceStatus& status) override {
    if (status.state == LifeState::running) running.release();
  }
  void onRequest(const std::string&, std::string_view, std::string_view, std::function<void(Reply)>) override {}
  std::counting_semaphore<> running{0};
};

double cpuMicroseconds() {
  rusage self{};
  ::getrusage(RUSAGE_SELF, &self);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
  return of(self.ru_utime) + of(self.ru_stime);
}

double microseconds(Clock::duration d) {
  return std::chrono::duration<double, std::micro>(d).count();
}

// False: an answer was missing or wrong.
bool measure(const char* name, Hosting hosting, const std::string& zoo, const std::string& program) {
  Waiter waiter;
  PluginOptions options;
  options.capabilities.emplace_back("zoo/1");
  PluginManager manager(zoo, program, hosting, waiter, options);
  manager.add({"good", "good", {{"host", "far.test"}}, std::nullopt});
  manager.start("good");
  if (!waiter.running.try_acquire_for(30s)) return false;
  const std::string body = R"({"text":")" + std::string(200, 'x') + R"("})";

  int right = 0;
  auto begun = Clock::now();
  for (int i = 0; i < calls; ++i) right += manager.call("good", "zoo/1.echo", body, Channel::client, 10s).body == body;
  const double round_trip = microseconds(Clock::now() - begun) / calls;

  std::counting_semaphore<> room(together);
  std::atomic<int> answered{0};
  const double cpu = cpuMicroseconds();
  begun = Clock::now();
  for (int i = 0; i < calls; ++i) {
    room.acquire();
    manager.request("good", "zoo/1.echo", body, Channel::client, 10s, [&](Reply reply) {
      answered += reply.body == body;
      room.release();
    });
  }
  for (int i = 0; i < together; ++i) room.acquire();
  const double seconds = microseconds(Clock::now() - begun) / 1e6;
  std::printf("%-14s %10.1f us %12.0f /s %14.1f us\n", name, round_trip, calls / seconds,
              (cpuMicroseconds() - cpu) / calls);
  manager.shutdown();
  return right == calls && answered == calls;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("bench_plugin_calls ZOO_FOLDER PLUGIN_HOST\n", stderr), 2;
  std::printf("%-14s %13s %14s %17s\n", "hosting", "round trip", "at once", "host CPU a call");
  const bool inside = measure("in the host", Hosting::inHost, argv[1], argv[2]);
  const bool apart = measure("own process", Hosting::ownProcess, argv[1], argv[2]);
  return inside && apart ? 0 : 1;
}
