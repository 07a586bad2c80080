// SPDX-License-Identifier: Apache-2.0
// Counters, gauges and histograms in Prometheus' text format (exposition format 0.0.4). Updating takes one atomic
// operation; any thread. The references stay valid as long as the Metrics object.
#ifndef JACKFIELD_KERNEL_BASE_METRICS_HPP
#define JACKFIELD_KERNEL_BASE_METRICS_HPP

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace jackfield::kernel {

class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(double n) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  // `bounds`: upper ends of the buckets, ascending; +Inf is added.
  explicit Histogram(std::vector<double> bounds);
  void observe(double value) noexcept;

  const std::vector<double>& bounds() const noexcept { return bounds_; }
  std::vector<std::uint64_t> cumulative() const;  // one more than bounds
  double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;
  std::atomic<double> sum_{0};
};

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The series of this name and these labels, made at the first call. `help` is taken from the first call of a name.
  // Throws std::invalid_argument for a name or label that Prometheus would refuse, or a name that has another type
  // already. Beyond 1,000 label sets of one name, further ones share a series labelled overflow="true": a label must
  // never take values from outside without bound, and if one does, memory stays bounded.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                       const Labels& labels = {});
  // A gauge that is read when the page is asked for. `read` must be quick and is called on the asking thread.
  void observed(const std::string& name, const std::string& help, std::function<double()> read,
                const Labels& labels = {});

  // The page for /metrics: content type "text/plain; version=0.0.4".
  std::string text() const;

 private:
  struct Family;
  Family& family(const std::string& name, const std::string& help, const char* type);

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>> families_;
};

}  // namespace jackfield::kernel

#endif
