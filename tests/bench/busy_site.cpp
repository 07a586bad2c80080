// SPDX-License-Identifier: Apache-2.0
// A site at its busiest: busy_site [CLIENTS] [CALLS_PER_SECOND] [SECONDS]. CLIENTS event streams over TLS from two
// client processes, three for each person, while sipp starts the calls straight at Jackfield; then calls between people
// of the same site through Kamailio. Every event has to be at all browsers of its parties once and in order; a client
// that stops reading is cut at its queue limit, and its person's other browsers miss nothing.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "bench/kamailio.hpp"
#include "bench/measure.hpp"
#include "bench/sipp.hpp"
#include "bench/site.hpp"
#include "bench/streams.hpp"

namespace {

using namespace jackfield;
using namespace jackfield::bench;

constexpr std::size_t each = 3;
constexpr std::size_t talk_ms = 10000;
constexpr int ring_ms = 500;
constexpr std::size_t stalled_person = 3;  // calls far more than others, so that the stalled client's queue fills
constexpr std::size_t stalled_share = 10;  // one call in so many
constexpr std::size_t kamailio_first = 4;
constexpr std::size_t kamailio_pairs = 100;
constexpr double most_resident = 400;  // MB

const Orders watched = {{"originated", "delivered", "established", "connectionCleared", "contactLog"}};

// Both parties are served: the caller's and the called one's browsers.
const Orders both_served = {
    {"originated", "delivered", "established", "established", "connectionCleared", "contactLog", "connectionCleared"},
    {"delivered", "established", "established", "connectionCleared", "connectionCleared", "contactLog"}};

struct Clients {
  Streams first, second;

  void connect(const Site& site, const std::vector<std::string>& tokens) {
    const auto half = tokens.begin() + static_cast<std::ptrdiff_t>(tokens.size() / 2);
    std::jthread other([&] { second.connect(site.port(), {half, tokens.end()}, each, site.folder()); });
    first.connect(site.port(), {tokens.begin(), half}, each, site.folder());
  }
  std::vector<Arrival> collect(const Site& site) {
    auto all = first.collect(site.folder());
    std::size_t clients = 1;
    for (const auto& a : all) clients = std::max(clients, a.client + 1);
    for (auto& a : second.collect(site.folder())) {
      a.client += clients;
      all.push_back(std::move(a));
    }
    return all;
  }
};

CallLoad straight(std::size_t people, std::size_t per_second, std::size_t seconds) {
  CallLoad out;
  out.per_second = per_second;
  out.calls = per_second * seconds;
  out.talk_ms = talk_ms;
  for (std::size_t i = 0; i < people; ++i) out.users.push_back(i % stalled_share == 0 ? stalled_person : i + 1);
  return out;
}

// What both runs have in common: `wait` runs the calls to their end.
template <class Wait>
bool measure(const std::string& name, const Site& site, Clients& clients, const CallLoad& calls, std::size_t parties,
             const Orders& expected, const Wait& wait) {
  Meter meter(site);
  const double lost = site.metric("jackfield_calls_lost_total");
  double resident = 0;
  const bool done = wait([&] { resident = std::max(resident, meter.hostMegabytes()); });
  const std::string machine = load();
  site.waitForQuiet();
  resident = std::max(resident, meter.hostMegabytes());
  const auto count = static_cast<double>(calls.calls);
  const double host = meter.hostSeconds(), plugin = meter.pluginSeconds();
  const auto order = judge(clients.collect(site), expected);

  bool good = line(name + "calls that failed at the call server", done ? 0 : 1, "", 0.5);
  line(name + "calls", count, "");
  line(name + "talking time", static_cast<double>(calls.talk_ms) / 1000, "s");
  line(name + "load of the machine", std::strtod(machine.c_str(), nullptr), "");
  line(name + "frames a call", static_cast<double>(order.frames) / count, "");
  good &= line(name + "events twice or out of order", static_cast<double>(order.disordered), "", 0.5);
  good &= line(name + "calls that a browser did not see whole",
               count * static_cast<double>(each * parties) - static_cast<double>(order.streams - order.incomplete), "",
               0.5);
  good &= line(name + "calls lost", site.metric("jackfield_calls_lost_total") - lost, "", 0.5);
  good &= line(name + "host resident at most", resident, "MB", most_resident);
  line(name + "plugin resident", meter.pluginMegabytes(), "MB");
  line(name + "host CPU a call", host * 1e6 / count, "us");
  line(name + "plugin CPU a call", plugin * 1e6 / count, "us");
  order.tell();
  return good;
}

// Looks at the memory each second while the calls run.
template <class Look>
bool waitFor(tests::Process& caller, const Look& look) {
  for (int seconds = 0; seconds < 150; ++seconds) {
    look();
    if (const int code = caller.wait(std::chrono::seconds(1)); code >= 0) return code == 0;
  }
  return false;
}

// What a client may have been sent that does not read: the queue of the default configuration and what the kernel takes
// into the buffer of one socket.
double mostStalledKilobytes() {
  std::ifstream in("/proc/sys/net/ipv4/tcp_wmem");
  double least = 0, usual = 0, most = 0;
  in >> least >> usual >> most;
  return (262144 + most) / 1000;
}

bool cutAlone(const Site& site, Clients& clients) {
  const auto stalled = clients.first.readStalled();
  bool good = line("stalled client: streams cut", site.metric("jackfield_event_readers_cut_total"), "", 1);
  good &= line("stalled client: not cut", stalled.closed ? 0 : 1, "", 0.5);
  good &=
      line("stalled client: sent until then", static_cast<double>(stalled.octets) / 1000, "kB", mostStalledKilobytes());
  return good;
}

bool run(int argc, char** argv) {
  const std::size_t browsers = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 19500;
  const std::size_t per_second = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 300;
  const std::size_t seconds = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 30;
  raiseDescriptorLimit();
  Clients clients;
  const std::size_t people = browsers / each;
  const Site site(people);
  auto phones = startPhones(site, ring_ms);
  site.waitForCallServer();
  const auto tokens = site.signIn(people);
  const double idle = residentMegabytesOf(site.host());
  const double connecting = wallSeconds();
  clients.connect(site, tokens);
  line("browsers connected over TLS", static_cast<double>(people * each), "");
  line("browsers connected a second", static_cast<double>(people * each) / (wallSeconds() - connecting), "1/s");
  line("host before they came", idle, "MB");
  line("host with all of them idle", residentMegabytesOf(site.host()), "MB");
  clients.first.connectStalled(site.port(), tokens[stalled_person - 1], site.folder());

  const auto direct = straight(people, per_second, seconds);
  bool good = measure(std::to_string(per_second) + " calls/s: ", site, clients, direct, 1, watched,
                      [&](const auto& look) { return waitFor(*startCallers(site, direct), look); });
  good &= cutAlone(site, clients);

  phones.reset();
  const Kamailio kamailio(site, kamailio_first, kamailio_pairs, ring_ms);
  site.waitForCallServer();
  CallLoad through;
  through.per_second = 50;
  through.calls = 50 * seconds / 2;
  through.talk_ms = 1000;
  good &= measure("50 calls/s through Kamailio: ", site, clients, through, 2, both_served,
                  [&](const auto& look) { return waitFor(*kamailio.startCallers(through), look); });
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  return outcome([&] { return run(argc, argv); });
}
