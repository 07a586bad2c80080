// SPDX-License-Identifier: Apache-2.0
// The registry and Prometheus' text format.
#include "kernel/base/metrics.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jackfield::kernel {
namespace {

using testing::HasSubstr;

TEST(Metrics, WritesCountersAndGaugesWithHelpTypeAndLabels) {
  Metrics metrics;
  metrics.counter("jackfield_requests_total", "Requests served.", {{"method", "GET"}, {"code", "200"}}).add(3);
  metrics.gauge("jackfield_sessions", "People signed in.").set(2.5);
  EXPECT_EQ(metrics.text(),
            "# HELP jackfield_requests_total Requests served.\n"
            "# TYPE jackfield_requests_total counter\n"
            "jackfield_requests_total{code=\"200\",method=\"GET\"} 3\n"
            "# HELP jackfield_sessions People signed in.\n"
            "# TYPE jackfield_sessions gauge\n"
            "jackfield_sessions 2.5\n");
}

TEST(Metrics, WritesHistogramsCumulatively) {
  Metrics metrics;
  auto& histogram = metrics.histogram("jackfield_seconds", "Time.", {0.1, 1}, {{"route", "x"}});
  for (const double value : {0.05, 0.1, 0.5, 7.0}) histogram.observe(value);
  EXPECT_THAT(metrics.text(), HasSubstr("jackfield_seconds_bucket{route=\"x\",le=\"0.1\"} 2\n"
                                        "jackfield_seconds_bucket{route=\"x\",le=\"1\"} 3\n"
                                        "jackfield_seconds_bucket{route=\"x\",le=\"+Inf\"} 4\n"
                                        "jackfield_seconds_sum{route=\"x\"} 7.65\n"
                                        "jackfield_seconds_count{route=\"x\"} 4\n"));
}

TEST(Metrics, GivesTheSameSeriesForTheSameLabels) {
  Metrics metrics;
  auto& first = metrics.counter("c_total", "h", {{"a", "1"}});
  EXPECT_EQ(&first, &metrics.counter("c_total", "h", {{"a", "1"}}));
  EXPECT_NE(&first, &metrics.counter("c_total", "h", {{"a", "2"}}));
}

TEST(Metrics, EscapesLabelValuesAndHelp) {
  Metrics metrics;
  metrics.counter("c_total", "two\nlines", {{"a", "quote\" back\\ line\n"}}).add();
  EXPECT_THAT(metrics.text(), HasSubstr(R"(c_total{a="quote\" back\\ line\n"} 1)"));
  EXPECT_THAT(metrics.text(), HasSubstr(R"(# HELP c_total two\nlines)"));
}

TEST(Metrics, RefusesNamesThatPrometheusWouldRefuse) {
  Metrics metrics;
  EXPECT_THROW(metrics.counter("has space", "h"), std::invalid_argument);
  EXPECT_THROW(metrics.counter("c_total", "h", {{"le-x", "1"}}), std::invalid_argument);
  metrics.counter("c_total", "h");
  EXPECT_THROW(metrics.gauge("c_total", "h"), std::invalid_argument);
}

TEST(Metrics, ReadsObservedGaugesWhenThePageIsAskedFor) {
  Metrics metrics;
  double value = 1;
  metrics.observed("g", "h", [&] { return value; });
  value = 42;
  EXPECT_THAT(metrics.text(), HasSubstr("g 42\n"));
}

TEST(Metrics, BoundsTheSeriesOfOneName) {
  Metrics metrics;
  for (int i = 0; i < 5000; ++i) metrics.counter("c_total", "h", {{"who", std::to_string(i)}}).add();
  const std::string text = metrics.text();
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 1010);
  EXPECT_THAT(text, HasSubstr("c_total{overflow=\"true\"} 4000\n"));
}

TEST(Metrics, LosesNoCountAmongThreads) {
  Metrics metrics;
  auto& histogram = metrics.histogram("seconds", "h", {1});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 10000; ++i) {
        metrics.counter("c_total", "h").add();
        histogram.observe(0.5);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(metrics.text(), HasSubstr("c_total 40000\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("seconds_sum 20000\n"));
}

}  // namespace
}  // namespace jackfield::kernel
