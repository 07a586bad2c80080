// SPDX-License-Identifier: Apache-2.0
// Calls that people make, and end, through the API: calls_controlled [CALLS_PER_SECOND] [SECONDS]. Each POST /calls
// rings the own phone and then the other one, both are sipp; after a while the call is dropped by another request.
// Counted: CPU time of the host and of the plugin for a call, the events of each call at its person's browser, the rows
// of the contact logs. Reported: how long from the request to the INVITE at the phone.
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <queue>
#include <thread>

#include "bench/measure.hpp"
#include "bench/sipp.hpp"
#include "bench/site.hpp"
#include "bench/streams.hpp"

namespace {

using namespace jackfield;
using namespace jackfield::bench;
using Clock = std::chrono::steady_clock;

constexpr std::size_t people = 1000;
constexpr std::size_t connections = 8;
constexpr auto talk = std::chrono::seconds(3);
constexpr int ring_ms = 100;
constexpr double core_share = 1.0;
const Orders expected = {{"serviceInitiated", "serviceInitiated", "originated", "delivered", "established",
                          "connectionCleared", "contactLog"}};

struct Asked {
  std::int64_t at_us = 0;
  double answered_ms = 0;
};

std::int64_t nowMicroseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

// Requests in the order of their time, sent by some connections.
class Program {
 public:
  Program(const Site& site, std::vector<std::string> tokens) : site_(site), tokens_(std::move(tokens)) {}

  void run(std::size_t per_second, std::size_t calls) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < calls; ++i)
      tasks_.push({begin + std::chrono::microseconds(i * 1000000 / per_second), i % people, {}});
    left_ = 2 * calls;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < connections; ++i) threads.emplace_back([this] { work(); });
  }

  std::unordered_map<std::string, Asked> asked;  // by the id of the call
  std::vector<double> drops_ms;
  std::size_t refused = 0;
  std::string first_refusal;

 private:
  struct Task {
    Clock::time_point due;
    std::size_t person;
    std::string call;  // empty: make one
    bool operator<(const Task& other) const { return due > other.due; }
  };

  void work() {
    ApiConnection api(site_.port());
    std::unique_lock lock(mutex_);
    while (left_ > 0) {
      if (tasks_.empty() || tasks_.top().due > Clock::now()) {
        const auto until = tasks_.empty() ? Clock::now() + std::chrono::milliseconds(20) : tasks_.top().due;
        changed_.wait_until(lock, until);
        continue;
      }
      const Task task = tasks_.top();
      tasks_.pop();
      lock.unlock();
      const auto began = Clock::now();
      const auto at = nowMicroseconds();
      const auto reply = ask(api, task);
      const double took = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
      lock.lock();
      note(task, reply, {at, took});
    }
    changed_.notify_all();
  }
  Reply ask(ApiConnection& api, const Task& task) const {
    const auto& token = tokens_[task.person];
    if (!task.call.empty()) return api.ask("POST", "/calls/" + task.call + "/drop", token, boost::json::object{});
    const std::size_t other = (task.person + people / 2) % people + 1;
    return api.ask("POST", "/calls", token, {{"to", Site::extension(other)}});
  }
  void note(const Task& task, const Reply& reply, const Asked& when) {
    --left_;
    if (reply.status != 202) {
      if (task.call.empty()) --left_;
      if (++refused == 1) first_refusal = boost::json::serialize(reply.body);
    } else if (task.call.empty()) {
      const std::string call(reply.body.at("call").as_string());
      asked.emplace(call, when);
      tasks_.push({Clock::now() + talk, task.person, call});
      changed_.notify_one();
    } else {
      drops_ms.push_back(when.answered_ms);
    }
  }

  const Site& site_;
  const std::vector<std::string> tokens_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<Task> tasks_;
  std::size_t left_ = 0;
};

std::size_t contactLogRows(const Site& site, const std::vector<std::string>& tokens) {
  ApiConnection api(site.port());
  std::size_t rows = 0;
  for (const auto& token : tokens)
    rows += api.ask("GET", "/contact-log?limit=200", token).body.at("entries").as_array().size();
  return rows;
}

bool run(int argc, char** argv) {
  const std::size_t per_second = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200;
  const std::size_t calls = per_second * (argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 20);
  raiseDescriptorLimit();
  Streams streams;
  const Site site(people);
  const auto phones = startPhones(site, ring_ms);
  site.waitForCallServer();
  const auto tokens = site.signIn(people);
  streams.connect(site.port(), tokens, 1, site.folder());

  Program program(site, tokens);
  Meter meter(site);
  const double began = wallSeconds();
  program.run(per_second, calls);
  const double took = wallSeconds() - began;
  site.waitForQuiet();
  const double host = meter.hostSeconds(), plugin = meter.pluginSeconds();

  const auto order = judge(streams.collect(site.folder()), expected);
  std::vector<double> to_invite, answers;
  for (const auto& [call, at] : timesOf(site.folder() / "called.log", "invite"))
    if (const auto found = program.asked.find(call); found != program.asked.end())
      to_invite.push_back(static_cast<double>(at - found->second.at_us) / 1000);
  for (const auto& [call, when] : program.asked) answers.push_back(when.answered_ms);

  const auto count = static_cast<double>(calls);
  const std::string name = std::to_string(per_second) + " calls/s made and dropped by the API: ";
  line(name + "calls", count, "");
  line(name + "load of the machine", std::strtod(load().c_str(), nullptr), "");
  bool good = line(name + "refused requests", static_cast<double>(program.refused), "", 0.5);
  line(name + "host CPU a call", host * 1e6 / count, "us");
  line(name + "plugin CPU a call", plugin * 1e6 / count, "us");
  good &= line(name + "host and plugin", (host + plugin) / count * static_cast<double>(per_second) * 100, "% of a core",
               core_share * 100);
  line(name + "request to INVITE at the phone, median", percentile(to_invite, 0.5), "ms");
  line(name + "request to INVITE at the phone, 99th percentile", percentile(to_invite, 0.99), "ms");
  line(name + "request to answer, 99th percentile", percentile(answers, 0.99), "ms");
  line(name + "drop to answer, 99th percentile", percentile(program.drops_ms, 0.99), "ms");
  good &= line(name + "calls without an INVITE", count - static_cast<double>(to_invite.size()), "", 0.5);
  line(name + "events a call", static_cast<double>(order.frames) / count, "");
  good &= line(name + "events twice or out of order", static_cast<double>(order.disordered), "", 0.5);
  good &= line(name + "calls that a browser did not see whole",
               count - static_cast<double>(order.streams - order.incomplete), "", 0.5);
  good &=
      line(name + "missing in the contact logs", count - static_cast<double>(contactLogRows(site, tokens)), "", 0.5);
  line(name + "host resident", meter.hostMegabytes(), "MB");
  line(name + "plugin resident", meter.pluginMegabytes(), "MB");
  line(name + "seconds", took, "s");
  if (!program.first_refusal.empty()) std::printf("refused: %s\n", program.first_refusal.c_str());
  order.tell();
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  return outcome([&] { return run(argc, argv); });
}
