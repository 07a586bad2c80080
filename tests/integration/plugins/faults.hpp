// SPDX-License-Identifier: Apache-2.0
// Faults at random in plugins at work, beside a neighbour that must not notice.
#ifndef JACKFIELD_TESTS_PLUGINS_FAULTS_HPP
#define JACKFIELD_TESTS_PLUGINS_FAULTS_HPP

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <random>
#include <thread>

#include "fixture.hpp"

namespace jackfield::kernel::testing {

class RandomFaults {
 public:
  // So many faults in `instances` plugins at the same time. Seconds from each fault to the next answer, sorted.
  std::vector<double> run(std::size_t faults, std::size_t instances = 4) {
    zoo_.startGood();
    std::atomic<bool> over{false};
    std::thread neighbour([&] {
      for (; !over; std::this_thread::sleep_for(10ms)) tellNeighbour();
    });
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < instances; ++i)
      workers.emplace_back(
          [this, i, share = faults / instances] { breakRepeatedly("faulty-" + std::to_string(i), share, i); });
    for (auto& worker : workers) worker.join();
    over = true;
    neighbour.join();
    std::sort(times_.begin(), times_.end());
    return times_;
  }

  // Every event of the neighbour came, once and in order.
  void expectNothingMissed() {
    ASSERT_TRUE(zoo_.recorder.waitEvent("zoo/1.event", static_cast<std::size_t>(told_)));
    int next = 0;
    for (const auto& event : zoo_.recorder.events())
      if (event.handle == "good" && event.name == "zoo/1.event") {
        ASSERT_EQ(event.body, "{\"text\":\"" + std::to_string(next++) + "\"}");
      }
    EXPECT_EQ(next, told_);
  }

 private:
  static PluginOptions options() {
    PluginOptions out;
    out.hang_limit = 300ms;
    // Otherwise so many faults would be what they look like, and the plugin quarantined.
    out.crash_limit = 1'000'000;
    out.crash_window = 1ms;
    return out;
  }

  void tellNeighbour() {
    EXPECT_EQ(zoo_.call("good", "zoo/1.emit", std::to_string(told_)).status, Status::ok);
    ++told_;
  }

  void breakRepeatedly(const std::string& handle, std::size_t times, std::size_t seed) {
    static constexpr std::array kinds = {"crash",  "kill",   "freeze",      "hang",    "abort",   "exit",
                                         "thread", "memory", "descriptors", "garbage", "silence", "close"};
    std::mt19937 random(static_cast<unsigned>(seed));
    zoo_.start("faulty", {}, handle);
    ASSERT_TRUE(zoo_.recorder.waitState(handle, LifeState::running));
    for (std::size_t i = 0; i < times; ++i) {
      const std::string kind = kinds[random() % kinds.size()];
      const auto begun = std::chrono::steady_clock::now();
      const auto restarts = zoo_.manager.instance(handle).restarts;
      const auto answer = zoo_.call(handle, "zoo/1.fault", kind);  // ends with the process at the latest
      // A plugin at its limit of memory (where it has no thread to give either) or of descriptors fails what needs more
      // and goes on; every other fault ends it.
      const bool survives = kind == "descriptors" || answer.status == Status::internal;
      const auto ended = [&] { return survives || zoo_.manager.instance(handle).restarts > restarts; };
      while (!ended() || zoo_.call(handle, "zoo/1.echo", "back", 200ms).status != Status::ok) {
        const auto waited = std::chrono::steady_clock::now() - begun;
        ASSERT_LT(waited, 30s) << handle << " does not come back after: " << kind;
        std::this_thread::sleep_for(5ms);
      }
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
      const std::lock_guard lock(mutex_);
      times_.push_back(took.count());
    }
  }

  Zoo zoo_{Hosting::ownProcess, options()};
  int told_ = 0;
  std::mutex mutex_;
  std::vector<double> times_;
};

// Figures for the record; what a machine manages is no matter for a test.
inline void tellTimes(const std::vector<double>& sorted) {
  const auto at = [&](double part) {
    return sorted.at(static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1)));
  };
  std::printf("%zu faults; serves again after %.3f s (median), %.3f s (99th percentile), %.3f s (longest)\n",
              sorted.size(), at(0.5), at(0.99), at(1));
}

}  // namespace jackfield::kernel::testing

#endif
