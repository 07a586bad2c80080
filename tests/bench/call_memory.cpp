// SPDX-License-Identifier: Apache-2.0
// Memory that calls leave behind: call_memory [CALLS] [CALLS_PER_SECOND]. After as many calls as the bounded memories
// of host and plugin hold (10,000 ended calls, 10,000 answers, 4,096 requests), the growth over the rest is measured
// and stated for 100,000 calls; with 112000 as argument it is measured over as many.
#include <cstdlib>
#include <thread>

#include "bench/measure.hpp"
#include "bench/sipp.hpp"
#include "bench/site.hpp"

namespace {

using namespace jackfield;
using namespace jackfield::bench;

constexpr std::size_t people = 500;
constexpr std::size_t warm_up = 12000;
constexpr std::size_t fewest_samples = 10;  // one a second
constexpr double most_growth = 20;          // MB in 100,000 calls, below what 200 octets a call would be

struct Sample {
  double calls, host, plugin;
};

// Least squares: memory in MB over calls, for 100,000 of them.
double slope(const std::vector<Sample>& samples, double Sample::*memory) {
  double x = 0, y = 0, xx = 0, xy = 0;
  const auto n = static_cast<double>(samples.size());
  for (const auto& s : samples) {
    x += s.calls;
    y += s.*memory;
    xx += s.calls * s.calls;
    xy += s.calls * s.*memory;
  }
  return (n * xy - x * y) / (n * xx - x * x) * 100000;
}

bool run(int argc, char** argv) {
  CallLoad load;
  load.calls = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 30000;
  load.per_second = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 300;
  load.talk_ms = 500;
  for (std::size_t i = 1; i <= people; ++i) load.users.push_back(i);
  const Site site(people);
  const auto phones = startPhones(site, 20);
  site.waitForCallServer();
  const Meter meter(site);
  const double host_idle = meter.hostMegabytes(), plugin_idle = meter.pluginMegabytes();
  const auto caller = startCallers(site, load);
  std::vector<Sample> samples;
  while (caller->running()) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const Sample now{site.metric("jackfield_calls_ended_total"), meter.hostMegabytes(), meter.pluginMegabytes()};
    if (now.calls > warm_up) samples.push_back(now);
  }
  const bool done = caller->wait(std::chrono::seconds(10)) == 0;
  site.waitForQuiet();

  if (samples.size() < fewest_samples) {
    std::printf("too few calls: more than %zu are needed\n", warm_up);
    return false;
  }
  const std::string name = std::to_string(load.calls) + " calls, " + std::to_string(load.per_second) + " a second: ";
  bool good = line(name + "calls that failed at the call server", done ? 0 : 1, "", 0.5);
  good &= line(name + "calls without an end",
               static_cast<double>(load.calls) - site.metric("jackfield_calls_ended_total"), "", 0.5);
  line(name + "host before", host_idle, "MB");
  line(name + "host after", meter.hostMegabytes(), "MB");
  good &= line(name + "host grows in 100,000 calls", slope(samples, &Sample::host), "MB", most_growth);
  line(name + "plugin before", plugin_idle, "MB");
  line(name + "plugin after", meter.pluginMegabytes(), "MB");
  good &= line(name + "plugin grows in 100,000 calls", slope(samples, &Sample::plugin), "MB", most_growth);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  return outcome([&] { return run(argc, argv); });
}
