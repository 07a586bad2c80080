// SPDX-License-Identifier: Apache-2.0
// What the benches share: clocks, memory, percentiles, and a table line with its bound.
#ifndef JACKFIELD_BENCH_MEASURE_HPP
#define JACKFIELD_BENCH_MEASURE_HPP

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

namespace jackfield::bench {

inline double secondsOf(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

inline double cpuSeconds() {
  return secondsOf(CLOCK_PROCESS_CPUTIME_ID);
}
inline double threadCpuSeconds() {
  return secondsOf(CLOCK_THREAD_CPUTIME_ID);
}

inline double wallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of any process, by its folder in /proc.
inline double residentMegabytesIn(const std::filesystem::path& process) {
  std::ifstream in(process / "statm");
  long all = 0;
  long resident = 0;
  in >> all >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}
inline double residentMegabytes() {
  return residentMegabytesIn("/proc/self");
}
inline double residentMegabytesOf(pid_t pid) {
  return residentMegabytesIn("/proc/" + std::to_string(pid));
}

inline std::vector<pid_t> childrenOf(pid_t pid) {
  std::vector<pid_t> out;
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  // Each thread has the children that it started.
  for (const auto& thread : std::filesystem::directory_iterator(process / "task")) {
    std::ifstream in(thread.path() / "children");
    for (pid_t child = 0; in >> child;) out.push_back(child);
  }
  return out;
}

// What the machine did besides, to be printed with latencies.
inline std::string load() {
  std::ifstream in("/proc/loadavg");
  std::string minute;
  in >> minute;
  return minute;
}

// CPU time of any process.
inline double cpuSecondsOf(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(in, text);
  // The name, which may hold blanks, ends with the last parenthesis; user and system time are fields 14 and 15.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

inline double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

// Prints "name  value unit"; with a bound also whether it holds. Gives false when it does not.
inline bool line(const std::string& name, double value, const std::string& unit, double bound = 0) {
  const bool holds = bound == 0 || value <= bound;
  std::printf("%-58s %12.2f %-10s", name.c_str(), value, unit.c_str());
  if (bound != 0) std::printf(" (at most %g: %s)", bound, holds ? "ok" : "MISSED");
  std::printf("\n");
  std::fflush(stdout);
  return holds;
}

inline void raiseDescriptorLimit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// The exit code of a bench: 0 when run() gives true. What it throws is told after all that it started has ended.
template <class Run>
int outcome(const Run& run) {
  try {
    return run() ? 0 : 1;
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "%s\n", failed.what());
    return 2;
  }
}

}  // namespace jackfield::bench

#endif
