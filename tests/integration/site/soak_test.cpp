// SPDX-License-Identifier: Apache-2.0
// Calls for minutes: once the host has warmed up, it and its plugin processes grow no more.
#include <algorithm>
#include <fstream>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "load.hpp"
#include "site.hpp"

namespace jackfield::tests {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Use {
  long memory_kib = 0;  // anonymous: what the process itself has asked for
  long descriptors = 0;
};

Use useOf(const fs::path& process) {
  Use use;
  std::ifstream status(process / "status");
  for (std::string word; status >> word;)
    if (word == "RssAnon:") status >> use.memory_kib;
  use.descriptors = std::distance(fs::directory_iterator(process / "fd"), fs::directory_iterator());
  return use;
}

// The host and the processes of its plugins, by name.
std::map<std::string, Use> useOfAll(pid_t host) {
  const fs::path proc = "/proc";
  std::map<std::string, Use> all{{"host", useOf(proc / std::to_string(host))}};
  for (const auto& thread : fs::directory_iterator(proc / std::to_string(host) / "task")) {
    std::ifstream children(thread.path() / "children");
    for (int child; children >> child;)
      all["plugin process " + std::to_string(child)] = useOf(proc / std::to_string(child));
  }
  return all;
}

long median(std::vector<long> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

TEST(Soak, CallsLeaveNeitherMemoryNorDescriptorsBehind) {
  constexpr int rate = 40, samples = 120;
  constexpr long slack_kib = 1024;  // a leak of 350 octets a call is more
  Site site;
  const ApiClient alice = site.person("alice");
  EventStream stream(alice);
  const CallLoad load(site, rate, 200ms);
  std::this_thread::sleep_for(60s);  // caches and pools fill

  std::map<std::string, std::vector<long>> memory, descriptors;
  const auto frames_before = stream.frames().size();
  for (int second = 0; second < samples; ++second) {
    for (const auto& [name, use] : useOfAll(site.host().process().pid())) {
      memory[name].push_back(use.memory_kib);
      descriptors[name].push_back(use.descriptors);
    }
    std::this_thread::sleep_for(1s);
  }
  EXPECT_GT(stream.frames().size() - frames_before, std::size_t{rate} * samples) << "several events a call came";
  EXPECT_GE(memory.size(), 3U) << "the host and its two plugins";
  for (const auto& [name, values] : memory) {
    ASSERT_EQ(values.size(), std::size_t{samples}) << name << " is not the process that it was";
    constexpr long third = samples / 3;
    const auto growth = [](const std::vector<long>& of) {
      return median({of.end() - third, of.end()}) - median({of.begin(), of.begin() + third});
    };
    std::printf("%-28s %6ld KiB %+5ld, %3ld descriptors %+ld, in %d calls\n", name.c_str(), values.back(),
                growth(values), descriptors[name].back(), growth(descriptors[name]), rate * samples * 2 / 3);
    EXPECT_LE(growth(values), slack_kib) << name;
    EXPECT_LE(growth(descriptors[name]), 2) << name;
  }
}

}  // namespace
}  // namespace jackfield::tests
