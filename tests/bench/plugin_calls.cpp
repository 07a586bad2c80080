// SPDX-License-Identifier: Apache-2.0
// What the plugin boundary costs, in the host and across processes: a request at a time (round trip), many at once
// (throughput, CPU of this process) and a burst of events of 256 octets; beside a bare socket pair between two
// processes. Arguments: the zoo's plugin folder, jackfield-plugin-host.
#include <atomic>
#include <semaphore>
#include <string>

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/plugins.hpp"
#include "measure.hpp"

namespace {

using namespace jackfield::kernel;
using namespace jackfield::bench;
using namespace std::chrono_literals;

constexpr int calls = 20000;
constexpr int together = 256;
constexpr int events = 2'000'000;
constexpr std::size_t event_size = 256;

class Receiver final : public PluginEvents {
 public:
  void onEvent(const std::string&, std::string_view name, std::string_view body) override {
    if (name != "zoo/1.event" || body.size() != event_size) return;
    if (++received == events) all.release();
  }
  void onState(const InstanceStatus& status) override {
    if (status.state == LifeState::running) running.release();
  }
  void onRequest(const std::string&, std::string_view, std::string_view, std::function<void(Reply)>) override {}
  std::counting_semaphore<> running{0};
  std::counting_semaphore<> all{0};
  int received = 0;  // on the instance's channel thread
};

// A message to another process and back, with poll() and recv() on both sides and nothing else.
double bareRoundTrip(std::size_t size) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return 0;
  const auto receive = [size](int from, std::string& into) {
    for (std::size_t got = 0; got < size;) {
      pollfd polled{from, POLLIN, 0};
      ::poll(&polled, 1, -1);
      const auto count = ::recv(from, into.data() + got, size - got, 0);
      if (count <= 0) return false;
      got += static_cast<std::size_t>(count);
    }
    return true;
  };
  std::string message(size, 'x');
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    while (receive(ends[1], message)) ::send(ends[1], message.data(), size, MSG_NOSIGNAL);
    ::_exit(0);
  }
  ::close(ends[1]);
  const double begun = wallSeconds();
  for (int i = 0; i < calls; ++i) {
    ::send(ends[0], message.data(), size, MSG_NOSIGNAL);
    receive(ends[0], message);
  }
  const double seconds = wallSeconds() - begun;
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return seconds / calls * 1e6;
}

// Microseconds a request, each asked by the handler of the last: no thread is woken only to ask for the next.
double chained(PluginManager& manager, const std::string& body, int& right) {
  std::binary_semaphore done(0);
  int left = calls;
  std::function<void()> ask = [&] {
    manager.request("good", "zoo/1.echo", body, Channel::client, 10s, [&](const Reply& reply) {
      right += reply.body == body;
      if (--left > 0) return ask();
      done.release();
    });
  };
  const double begun = wallSeconds();
  ask();
  done.acquire();
  return (wallSeconds() - begun) / calls * 1e6;
}

// False: an answer or an event was missing or wrong.
bool measure(const std::string& where, Hosting hosting, const char* const* arguments, double bare) {
  Receiver receiver;
  PluginOptions options;
  options.capabilities.emplace_back("zoo/1");
  PluginManager manager(arguments[1], arguments[2], hosting, receiver, options);
  manager.add({"good", "good", {{"host", "far.test"}}, std::nullopt});
  manager.start("good");
  if (!receiver.running.try_acquire_for(30s)) return false;
  const std::string body = R"({"text":")" + std::string(200, 'x') + R"("})";

  int right = 0;
  double begun = wallSeconds();
  for (int i = 0; i < calls; ++i) right += manager.call("good", "zoo/1.echo", body, Channel::client, 10s).body == body;
  const double round_trip = (wallSeconds() - begun) / calls * 1e6;
  line(where + ": round trip of a request, to a thread that waits", round_trip, "us");
  line("  times that of the bare socket pair", round_trip / bare, "");
  const double to_handler = chained(manager, body, right);
  line(where + ": round trip of a request, to its handler", to_handler, "us");
  line("  times that of the bare socket pair", to_handler / bare, "");

  std::counting_semaphore<> room(together);
  std::atomic<int> answered{0};
  const double cpu = cpuSeconds();
  begun = wallSeconds();
  for (int i = 0; i < calls; ++i) {
    room.acquire();
    manager.request("good", "zoo/1.echo", body, Channel::client, 10s, [&](Reply reply) {
      answered += reply.body == body;
      room.release();
    });
  }
  for (int i = 0; i < together; ++i) room.acquire();
  line("  requests a second, " + std::to_string(together) + " at once", calls / (wallSeconds() - begun), "/s");
  line("  CPU of the host for one of them", (cpuSeconds() - cpu) / calls * 1e6, "us");

  begun = wallSeconds();
  manager.call("good", "zoo/1.burst", R"({"number":)" + std::to_string(events) + "}", Channel::client, 10s);
  const bool complete = receiver.all.try_acquire_for(60s);
  line("  events of 256 octets a second", events / (wallSeconds() - begun), "/s");
  manager.shutdown();
  return right == 2 * calls && answered == calls && complete;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("bench_plugin_calls ZOO_FOLDER PLUGIN_HOST\n", stderr), 2;
  const double bare = bareRoundTrip(event_size);
  line("a bare socket pair, 256 octets: round trip", bare, "us");
  const bool inside = measure("in the host", Hosting::inHost, argv, bare);
  const bool apart = measure("own process", Hosting::ownProcess, argv, bare);
  return inside && apart ? 0 : 1;
}
