// SPDX-License-Identifier: Apache-2.0
// Counters and gauges of the services, for /metrics. Names are Prometheus names without the prefix "jackfield_".
#ifndef JACKFIELD_SERVICES_METRICS_HPP
#define JACKFIELD_SERVICES_METRICS_HPP

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace jackfield::services {

struct Metric {
  std::string name;     // "sign_ins_total"
  std::string help;     // one sentence
  std::string labels;   // "result=\"refused\"" or empty
  bool counter = true;  // else a gauge
  double value = 0;
};

// Any thread. Counting is one atomic addition.
class Metrics {
 public:
  using Counter = std::atomic<std::uint64_t>;
  Counter sign_ins{0};
  Counter sign_ins_refused{0};
  Counter sign_ins_locked{0};
  Counter capacity_refusals{0};  // CAP-013
  Counter call_events{0};
  Counter calls_ended{0};
  Counter calls_lost{0};
  Counter call_commands{0};
  Counter call_commands_refused{0};
  Counter events_published{0};
  Counter frames_sent{0};
  Counter readers_cut{0};
  Counter sync_runs{0};
  Counter sync_failures{0};
  Counter alarms_raised{0};

  // A value that is asked for when the metrics are read.
  void gauge(std::string name, std::string help, std::function<double()>);
  std::vector<Metric> snapshot() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<Metric, std::function<double()>>> gauges_;
};

}  // namespace jackfield::services

#endif
