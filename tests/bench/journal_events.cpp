// SPDX-License-Identifier: Apache-2.0
// The journal under calls: each of 8 events with a record, a live call and, at the end, two log rows. First 200 calls
// a second for some seconds, then as many as it takes.
// usage: bench_journal_events [SECONDS]
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include <sys/resource.h>

#include "measure.hpp"
#include "store/journal.hpp"

using namespace jackfield::store;
using namespace jackfield::bench;

namespace {

constexpr int events_per_call = 8;

// The disk's part is the kernel's: how dear a flush is depends on the machine.
double userSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) / 1e6;
}

JournalBatch eventOf(long call, int step) {
  const std::string id = "call-" + std::to_string(call);
  const std::string from = "00000000-0000-4000-8000-" + std::to_string(100000000000 + call % 4000);
  const std::string to = "00000000-0000-4000-8000-" + std::to_string(100000000000 + (call * 7 + 1) % 4000);
  JournalBatch batch;
  batch.events.push_back({"call", "{\"id\":\"" + id + "\",\"body\":\"" + std::string(900, 'x') + "\"}", {from, to}});
  batch.server = "pbx";
  const bool last = step == events_per_call - 1;
  if (last)
    batch.keep["call/" + id] = std::nullopt;
  else
    batch.keep["call/" + id] = std::string(1200, 'k');
  batch.live_calls = {{"pbx", id, last ? std::string() : std::string(900, 'l')}};
  if (last)
    for (const auto& user : {from, to}) {
      ContactLogEntry entry;
      entry.user_id = user;
      entry.call = id;
      entry.number = "+49891234567";
      entry.name = "Somebody";
      entry.started = 1'700'000'000'000;
      batch.contact_log.push_back(entry);
    }
  return batch;
}

}  // namespace

int main(int argc, char** argv) {
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 10;
  const auto folder = std::filesystem::temp_directory_path() / ("jackfield-bench-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  bool good = true;
  {
    Journal journal(folder / "journal.db", {});
    std::atomic<long> committed{0};
    std::atomic<long> disorder{0};
    std::uint64_t last = 0;
    std::vector<double> latency;
    const auto append = [&](long call, int step) {
      const double began = wallSeconds();
      journal.append(eventOf(call, step), [&, began](std::vector<StoredEvent> events, std::vector<ContactLogEntry>) {
        if (events.at(0).sequence <= last) ++disorder;
        last = events.at(0).sequence;
        latency.push_back((wallSeconds() - began) * 1000);
        ++committed;
      });
    };
    const auto wait = [&](long until) {
      while (committed < until) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };

    // 200 calls a second, each call's events a second apart.
    const long calls = 200L * seconds;
    double cpu = cpuSeconds();
    double user = userSeconds();
    const double began = wallSeconds();
    for (long tick = 0; tick < calls + 200L * events_per_call; ++tick) {
      for (int step = 0; step < events_per_call; ++step) {
        const long call = tick - 200L * step;
        if (call >= 0 && call < calls) append(call, step);
      }
      const double due = began + static_cast<double>(tick) / 200;
      if (const double early = due - wallSeconds(); early > 0)
        std::this_thread::sleep_for(std::chrono::duration<double>(early));
    }
    wait(calls * events_per_call);
    const auto steady = static_cast<double>(calls * events_per_call);
    line("200 calls/s: events", steady, "");
    good &= line("  CPU per event, user (whole process)", (userSeconds() - user) * 1e6 / steady, "us", 100);
    line("  CPU per event, with the kernel's flushes", (cpuSeconds() - cpu) * 1e6 / steady, "us");
    line("  until on disk: 50th percentile", percentile(latency, 0.5), "ms");
    line("  until on disk: 99th percentile", percentile(latency, 0.99), "ms");

    const long burst = 50'000;
    cpu = cpuSeconds();
    user = userSeconds();
    const double from = wallSeconds();
    for (long i = 0; i < burst; ++i) {
      while (i - (committed - calls * events_per_call) > 2000)
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      append(calls + i / events_per_call, static_cast<int>(i % events_per_call));
    }
    wait(calls * events_per_call + burst);
    line("as fast as it goes: events/s", static_cast<double>(burst) / (wallSeconds() - from), "");
    line("  CPU per event, user", (userSeconds() - user) * 1e6 / static_cast<double>(burst), "us");
    line("  CPU per event, with the kernel's flushes", (cpuSeconds() - cpu) * 1e6 / static_cast<double>(burst), "us");
    good &= disorder == 0;
    line("resident", residentMegabytes(), "MB");
  }
  std::filesystem::remove_all(folder);
  return good ? 0 : 1;
}
