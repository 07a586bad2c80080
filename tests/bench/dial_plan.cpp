// SPDX-License-Identifier: Apache-2.0
// A million numbers through a table of 100 rules, by expression and by pattern, beside sed with the same expressions.
// usage: bench_dial_plan [NUMBERS] (bounds hold for a release build)
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "bench/measure.hpp"
#include "model/dial_plan/converter.hpp"
#include "support/process.hpp"
#include "unit/model/seed_plan.hpp"

namespace {

using namespace jackfield;
using namespace jackfield::bench;

constexpr int rules = 100;
constexpr double most_seconds = 1;  // for a million

std::string areaOf(int rule) {
  return std::to_string(200 + rule);
}

// One rule an area code, the last for everything else.
model::DialPlan plan(model::RuleKind kind) {
  auto out = model::seedPlan();
  out.dialable.kind = kind;
  for (int i = 1; i < rules; ++i) {
    out.dialable.pattern_rules.push_back({i, 12, 12, "+1" + areaOf(i), 5, "9"});
    out.dialable.regex_rules.push_back({i, "\\+1" + areaOf(i) + "(\\d{7})", "9$1"});
  }
  out.dialable.pattern_rules.push_back({rules, 8, std::nullopt, "+", 1, "9011"});
  out.dialable.regex_rules.push_back({rules, "\\+(\\d{7,})", "9011$1"});
  return out;
}

std::string sedScript() {
  std::string out;
  for (int i = 1; i < rules; ++i) out += "s/^\\+1" + areaOf(i) + "([0-9]{7})$/9\\1/;t\n";
  return out + "s/^\\+([0-9]{7,})$/9011\\1/\n";
}

std::vector<std::string> makeNumbers(std::size_t count) {
  std::mt19937 random(3);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back("+1" + areaOf(1 + static_cast<int>(random() % rules)) + std::to_string(2000000 + random() % 8000000));
  return out;
}

// Seconds of CPU; `digest` tells whether all gave the same.
double convert(const model::DialPlan& with, const std::vector<std::string>& numbers, std::size_t& digest) {
  const model::Converter converter(with);
  digest = 0;
  const double begin = threadCpuSeconds();
  for (const auto& number : numbers)
    digest = digest * 31 + std::hash<std::string>()(converter.convert(model::Direction::dialable, number).output);
  return threadCpuSeconds() - begin;
}

double sed(const std::vector<std::string>& numbers, std::size_t& digest) {
  const tests::TemporaryFolder folder("dial-plan");
  {
    std::ofstream list(folder / "numbers");
    for (const auto& number : numbers) list << number << "\n";
    std::ofstream(folder / "script") << sedScript();
  }
  const double begin = wallSeconds();
  tests::run({"sed", "-E", "-f", folder / "script", folder / "numbers"}, folder / "out", std::chrono::minutes(5));
  const double seconds = wallSeconds() - begin;
  digest = 0;
  std::ifstream out(folder / "out");
  for (std::string text; std::getline(out, text);) digest = digest * 31 + std::hash<std::string>()(text);
  return seconds;
}

bool run(std::size_t count) {
  const auto numbers = makeNumbers(count);
  std::size_t by_regex = 0, by_pattern = 0, by_sed = 0;
  const double regex = convert(plan(model::RuleKind::regex), numbers, by_regex);
  const double pattern = convert(plan(model::RuleKind::pattern), numbers, by_pattern);
  const double peer = sed(numbers, by_sed);
  const double million = 1e6 / static_cast<double>(count);
  bool good = line("a million numbers, 100 expressions", regex * million, "s of CPU", most_seconds);
  good &= line("a million numbers, 100 patterns", pattern * million, "s of CPU", most_seconds);
  line("a million numbers, sed with the same expressions", peer * million, "s");
  line("expressions, of sed", regex / peer, "ratio");
  if (by_regex == by_pattern && by_regex == by_sed) return good;
  std::printf("they did not give the same numbers\n");
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  return outcome([&] { return run(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000000); });
}
