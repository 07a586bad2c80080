// SPDX-License-Identifier: Apache-2.0
// Two hundred calls a second from sipp through the switchboard: none lost, within a share of one core.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <jackfield/json.hpp>

#include "b2bua/switchboard.hpp"
#include "support/process.hpp"

namespace jackfield::calls {
namespace {

using namespace std::chrono_literals;
using tests::freePort;
using tests::Process;
using tests::TemporaryFolder;

double threadSeconds() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

TEST(Load, TwoHundredCallsASecondLoseNoneAndStayUnderOneCore) {
  constexpr std::size_t calls = 2000;
  const TemporaryFolder folder("load");
  const int port = freePort(), called_port = freePort(), caller_port = freePort();
  sip::AgentConfig config;
  config.listen = {{"127.0.0.1", static_cast<unsigned>(port), "udp"}};
  sip::Agent agent(config);
  Rules rules;
  rules.domain = "site.test";
  rules.trusted = TrustedPeers({"127.0.0.1"});
  std::size_t ended = 0, established = 0, octets = 0;
  Sink sink;
  sink.emit = [&](const cc::EventMessage& message) {
    octets += toJsonText(message).size();
    for (const auto& event : message.events) {
      ended += event.call.ended > 0;
      established += event.event == cc::EventType::established;
    }
    return true;
  };
  sink.warn = [](const std::string& code, const auto&) { ADD_FAILURE() << code; };
  Switchboard board(
      agent, rules, sink,
      [] {
        return Target{"127.0.0.1", 9, "udp"};
      },
      [] { return true; });
  board.open();
  agent.onRequest([&](std::shared_ptr<sip::Inbound> inbound) { board.receive(std::move(inbound)); });

  const std::string peers = JACKFIELD_PEERS, address = "127.0.0.1:";
  Process called({"sipp", "-sf", peers + "/sipp/called.xml", "127.0.0.1", "-i", "127.0.0.1", "-p",
                  std::to_string(called_port), "-t", "u1", "-nostdin", "-d", "100", "-m", std::to_string(calls)},
                 folder.path() / "called.out");
  Process caller({"sipp",
                  "-sf",
                  peers + "/sipp/caller.xml",
                  address + std::to_string(port),
                  "-i",
                  "127.0.0.1",
                  "-p",
                  std::to_string(caller_port),
                  "-t",
                  "u1",
                  "-nostdin",
                  "-r",
                  "200",
                  "-d",
                  "5000",
                  "-m",
                  std::to_string(calls),
                  "-key",
                  "next",
                  address + std::to_string(called_port)},
                 folder.path() / "caller.out");
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while (ended < calls && std::chrono::steady_clock::now() < limit) agent.step(100ms);
  const double seconds = threadSeconds();
  EXPECT_EQ(established, calls);
  EXPECT_EQ(ended, calls);
  EXPECT_EQ(caller.wait(10s), 0) << caller.output().substr(0, 2000);
  const double per_call = seconds * 1e6 / static_cast<double>(calls);
  std::printf("%.0f us of one core and %zu octets of events a call\n", per_call, octets / calls);
  // 5,000 us are one core at 200 calls a second; the bound leaves room for unoptimised builds and sanitizers.
  EXPECT_LT(per_call, 4000.0);
}

}  // namespace
}  // namespace jackfield::calls
