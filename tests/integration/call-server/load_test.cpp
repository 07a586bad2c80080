// SPDX-License-Identifier: Apache-2.0
// Two hundred calls a second from sipp through the switchboard: none lost, within a share of one core.
#include <sys/resource.h>

#include <jackfield/json.hpp>

#include "sipp_rig.hpp"

namespace jackfield::calls {
namespace {

using namespace std::chrono_literals;

double threadSeconds() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

TEST(Load, TwoHundredCallsASecondLoseNoneAndStayUnderOneCore) {
  constexpr std::size_t calls = 2000;
  const std::string count = std::to_string(calls);
  std::size_t ended = 0, established = 0, octets = 0;
  SippRig rig([&](const cc::EventMessage& message) {
    octets += toJsonText(message).size();
    for (const auto& event : message.events) {
      ended += event.call.ended > 0;
      established += event.event == cc::EventType::established;
    }
  });
  rig.startCalled("called", {"-d", "100", "-m", count});
  rig.startCaller("caller", {"-r", "200", "-d", "5000", "-m", count});
  rig.until([&] { return ended >= calls; }, 60s);
  const double seconds = threadSeconds();
  EXPECT_EQ(established, calls);
  EXPECT_EQ(ended, calls);
  EXPECT_EQ(rig.caller().wait(10s), 0) << rig.caller().output().substr(0, 2000);
  const double per_call = seconds * 1e6 / static_cast<double>(calls);
  std::printf("%.0f us of one core and %zu octets of events a call\n", per_call, octets / calls);
  // 5,000 us are one core at 200 calls a second; the bound leaves room for unoptimised builds and sanitizers.
  EXPECT_LT(per_call, 4000.0);
}

}  // namespace
}  // namespace jackfield::calls
