// SPDX-License-Identifier: Apache-2.0
// Calls of phones that people watch in their browsers: calls_watched [CLIENTS] [CALLS_PER_SECOND] [SECONDS]. sipp is
// the call server that sends each call through Jackfield and the phone that answers; CLIENTS event streams are open
// over TLS, two for each person. Reported: from the call server's message to the frame in the browser. Counted: CPU
// time, and that each browser got each event of its person's calls once and in order.
#include <cstdlib>

#include "bench/measure.hpp"
#include "bench/sipp.hpp"
#include "bench/site.hpp"
#include "bench/streams.hpp"

namespace {

using namespace jackfield;
using namespace jackfield::bench;
using Times = std::unordered_map<std::string, std::int64_t>;

constexpr std::size_t each = 2;
constexpr std::size_t callers = 1000;  // the others only have their streams open
constexpr std::size_t talk_ms = 3000;
constexpr int ring_ms = 200;
constexpr double core_share = 1.0;
const Orders expected = {{"originated", "delivered", "established", "connectionCleared", "contactLog"}};

std::vector<std::size_t> firstPeople(std::size_t count) {
  std::vector<std::size_t> out;
  for (std::size_t i = 1; i <= count; ++i) out.push_back(i);
  return out;
}

// From what the call server said, by the number of the call or by Jackfield's id of it.
std::vector<double> latencies(const std::vector<Arrival>& arrivals, const std::string& event, const Times& said) {
  std::vector<double> out;
  for (const auto& a : arrivals) {
    if (a.event != event) continue;
    auto at = said.find(a.call);
    if (at == said.end()) at = said.find(std::to_string(a.number));
    if (at != said.end()) out.push_back(static_cast<double>(a.time_us - at->second) / 1000);
  }
  return out;
}

void report(const std::string& name, const std::vector<double>& ms) {
  line(name + ", median", percentile(ms, 0.5), "ms");
  line(name + ", 99th percentile", percentile(ms, 0.99), "ms");
}

bool run(int argc, char** argv) {
  const std::size_t clients = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10000;
  CallLoad calls;
  calls.per_second = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 200;
  calls.calls = calls.per_second * (argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 20);
  calls.talk_ms = talk_ms;
  const std::size_t people = clients / each;
  calls.users = firstPeople(std::min(callers, people));
  raiseDescriptorLimit();
  Streams streams;
  const Site site(people);
  const auto phones = startPhones(site, ring_ms);
  site.waitForCallServer();
  const double signing_in = wallSeconds();
  const auto tokens = site.signIn(people);
  line("sign-ins of " + std::to_string(people) + " people", static_cast<double>(people) / (wallSeconds() - signing_in),
       "1/s");
  const double connecting = wallSeconds();
  streams.connect(site.port(), tokens, each, site.folder());
  line("event streams opened", static_cast<double>(clients) / (wallSeconds() - connecting), "1/s");

  Meter meter(site);
  const auto caller = startCallers(site, calls);
  const bool done = caller->wait(std::chrono::seconds(120)) == 0;
  const std::string machine = load();
  site.waitForQuiet();
  const double host = meter.hostSeconds(), plugin = meter.pluginSeconds();
  const auto arrivals = streams.collect(site.folder());
  const auto order = judge(arrivals, expected);

  const auto count = static_cast<double>(calls.calls);
  const auto called = site.folder() / "called.log", calling = site.folder() / "caller.log";
  const std::string name = std::to_string(calls.per_second) + " calls/s, " + std::to_string(clients) + " browsers: ";
  bool good = line(name + "calls that failed at the call server", done ? 0 : 1, "", 0.5);
  line(name + "load of the machine", std::strtod(machine.c_str(), nullptr), "");
  line(name + "host CPU a call", host * 1e6 / count, "us");
  line(name + "plugin CPU a call", plugin * 1e6 / count, "us");
  good &= line(name + "host and plugin", (host + plugin) / count * static_cast<double>(calls.per_second) * 100,
               "% of a core", core_share * 100);
  report(name + "INVITE to frame", latencies(arrivals, "originated", timesOf(calling, "invite")));
  report(name + "180 to frame", latencies(arrivals, "delivered", timesOf(called, "ringing")));
  report(name + "200 to frame", latencies(arrivals, "established", timesOf(called, "answer")));
  report(name + "BYE to frame", latencies(arrivals, "connectionCleared", timesOf(calling, "bye")));
  line(name + "frames a call", static_cast<double>(order.frames) / count, "");
  good &= line(name + "events twice or out of order", static_cast<double>(order.disordered), "", 0.5);
  good &= line(name + "calls that a browser did not see whole",
               count * each - static_cast<double>(order.streams - order.incomplete), "", 0.5);
  good &= line(name + "calls lost", site.metric("jackfield_calls_lost_total"), "", 0.5);
  line(name + "host resident", meter.hostMegabytes(), "MB");
  line(name + "plugin resident", meter.pluginMegabytes(), "MB");
  order.tell();
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  return outcome([&] { return run(argc, argv); });
}
