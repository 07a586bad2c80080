// SPDX-License-Identifier: Apache-2.0
// The registry of metrics and its text format. prometheus-cpp is not used: it brings libcurl, which cannot be
// installed beside libetpan.
#include "kernel/base/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <variant>

#include <Poco/String.h>

namespace jackfield::kernel {

namespace {

constexpr std::size_t mostSeries = 1000;

bool isName(const std::string& name, bool colon) {
  const auto letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colon && c == ':');
  };
  return !name.empty() && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string escaped(std::string text, bool quotes) {
  Poco::replaceInPlace(text, "\\", "\\\\");
  Poco::replaceInPlace(text, "\n", "\\n");
  if (quotes) Poco::replaceInPlace(text, "\"", "\\\"");
  return text;
}

std::string shown(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.15g", value);
  return buffer;
}

std::string labelText(const Metrics::Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels)
    text += (text.empty() ? "" : ",") + name + "=\"" + escaped(value, true) + "\"";
  return text;
}

std::string line(const std::string& name, const std::string& labels, const std::string& value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
}

std::string bucketLines(const std::string& name, const std::string& labels, const Histogram& histogram) {
  const auto counts = histogram.cumulative();
  const std::string before = labels.empty() ? "" : labels + ",";
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::string bound = i < histogram.bounds().size() ? shown(histogram.bounds()[i]) : "+Inf";
    text += line(name + "_bucket", before + "le=\"" + bound + "\"", std::to_string(counts[i]));
  }
  return text + line(name + "_sum", labels, shown(histogram.sum())) +
         line(name + "_count", labels, std::to_string(counts.back()));
}

using Series = std::variant<Counter, Gauge, std::unique_ptr<Histogram>, std::function<double()>>;

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), buckets_(new std::atomic<std::uint64_t>[bounds_.size() + 1]()) {
  if (!std::ranges::is_sorted(bounds_)) throw std::invalid_argument("the bounds of a histogram must ascend");
}

void Histogram::observe(double value) noexcept {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::uint64_t> Histogram::cumulative() const {
  std::vector<std::uint64_t> out;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) out.push_back(total += buckets_[i].load(std::memory_order_relaxed));
  return out;
}

struct Metrics::Family {
  std::string help;
  std::string type;
  std::map<std::string, Series> series;  // by label text; nodes never move

  template <class T, class... Args>
  Series& at(const Labels& labels, Args&&... args) {
    for (const auto& [name, value] : labels)
      if (!isName(name, false)) throw std::invalid_argument("\"" + name + "\" is not a label name of Prometheus");
    std::string key = labelText(labels);
    if (series.size() >= mostSeries && !series.contains(key)) key = "overflow=\"true\"";
    return series.try_emplace(key, std::in_place_type<T>, std::forward<Args>(args)...).first->second;
  }
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Metrics::Family& Metrics::family(const std::string& name, const std::string& help, const char* type) {
  if (!isName(name, true)) throw std::invalid_argument("\"" + name + "\" is not a metric name of Prometheus");
  auto& family = families_[name];
  if (!family) family = std::make_unique<Family>(Family{help, type, {}});
  if (family->type != type) throw std::invalid_argument(name + " is a " + family->type + " already");
  return *family;
}

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return std::get<Counter>(family(name, help, "counter").at<Counter>(labels));
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Series& series = family(name, help, "gauge").at<Gauge>(labels);
  if (auto* gauge = std::get_if<Gauge>(&series)) return *gauge;
  throw std::invalid_argument(name + " is read by a function already");
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                              const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return *std::get<std::unique_ptr<Histogram>>(
      family(name, help, "histogram").at<std::unique_ptr<Histogram>>(labels, std::make_unique<Histogram>(bounds)));
}

void Metrics::observed(const std::string& name, const std::string& help, std::function<double()> read,
                       const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Series& series = family(name, help, "gauge").at<std::function<double()>>(labels, read);
  if (auto* known = std::get_if<std::function<double()>>(&series))
    *known = std::move(read);
  else
    throw std::invalid_argument(name + " is a gauge that is set already");
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + escaped(family->help, false) + "\n# TYPE " + name + " " + family->type + "\n";
    for (const auto& [labels, series] : family->series) {
      if (const auto* counter = std::get_if<Counter>(&series))
        out += line(name, labels, std::to_string(counter->value()));
      else if (const auto* gauge = std::get_if<Gauge>(&series))
        out += line(name, labels, shown(gauge->value()));
      else if (const auto* read = std::get_if<std::function<double()>>(&series))
        out += line(name, labels, shown((*read)()));
      else
        out += bucketLines(name, labels, *std::get<std::unique_ptr<Histogram>>(series));
    }
  }
  return out;
}

}  // namespace jackfield::kernel
