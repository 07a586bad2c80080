// SPDX-License-Identifier: Apache-2.0
// A plugin manager on the zoo, in both hosting modes, that records what it is told.
#ifndef JACKFIELD_TESTS_PLUGINS_FIXTURE_HPP
#define JACKFIELD_TESTS_PLUGINS_FIXTURE_HPP

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/json.hpp>

#include "kernel/plugins.hpp"

namespace jackfield::kernel::testing {

using namespace std::chrono_literals;

struct Event {
  std::string handle, name, body;
};

class Recorder final : public PluginEvents {
 public:
  void onEvent(const std::string& handle, std::string_view name, std::string_view body) override {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 60s, [&] { return !blocked_ || handle != blocked_handle_; });
    events_.push_back({handle, std::string(name), std::string(body)});
    ++counts_[std::string(name)];
    changed_.notify_all();
  }
  void onState(const InstanceStatus& status) override {
    const std::lock_guard lock(mutex_);
    states_.push_back(status);
    changed_.notify_all();
  }
  void onRequest(const std::string&, std::string_view name, std::string_view body,
                 std::function<void(Reply)> reply) override {
    if (name != "storage/1.load") return;  // dropped: the manager answers
    const auto prefix = std::string(parseJson(body).at("prefix").as_string());
    if (prefix == "throw") throw std::runtime_error("storage is broken");
    for (int i = 0; i < 40; ++i)
      reply({Status::ok, R"({"records":{")" + prefix + std::to_string(i) + R"(":1}})", {}, true});
    reply({Status::ok, R"({"records":{}})", {}, false});
  }
  void log(const LogRecord& record) {
    const std::lock_guard lock(mutex_);
    logs_.push_back(record);
    changed_.notify_all();
  }

  // While blocked, the receiver of this instance's events does not return.
  void block(const std::string& handle, bool blocked) {
    const std::lock_guard lock(mutex_);
    blocked_handle_ = handle;
    blocked_ = blocked;
    changed_.notify_all();
  }

  template <class F>
  bool wait(F ready, std::chrono::milliseconds limit = 20s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, ready);
  }
  bool waitState(const std::string& handle, LifeState state, std::chrono::milliseconds limit = 20s) {
    return wait([&] { return !lastState(handle).empty() && lastState(handle) == nameOf(state); }, limit);
  }
  // So many times in this state since the beginning.
  bool waitTimes(const std::string& handle, LifeState state, std::ptrdiff_t times,
                 std::chrono::milliseconds limit = 20s) {
    return wait(
        [&] {
          return std::count_if(states_.begin(), states_.end(),
                               [&](const auto& s) { return s.handle == handle && s.state == state; }) >= times;
        },
        limit);
  }
  bool waitReason(const std::string& handle, const std::string& beginning, std::chrono::milliseconds limit = 20s) {
    return wait(
        [&] {
          return std::any_of(states_.begin(), states_.end(),
                             [&](const auto& s) { return s.handle == handle && s.reason.starts_with(beginning); });
        },
        limit);
  }
  bool waitEvent(const std::string& name, std::size_t count = 1, std::chrono::milliseconds limit = 20s) {
    return wait([&] { return counts_[name] >= count; }, limit);
  }
  bool waitLog(const std::string& code, std::chrono::milliseconds limit = 20s) {
    return wait([&] { return std::any_of(logs_.begin(), logs_.end(), [&](const auto& l) { return l.code == code; }); },
                limit);
  }

  std::vector<Event> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  std::vector<LogRecord> logs() const {
    const std::lock_guard lock(mutex_);
    return logs_;
  }
  std::vector<InstanceStatus> states(const std::string& handle) const {
    std::vector<InstanceStatus> out;
    const std::lock_guard lock(mutex_);
    for (const auto& s : states_)
      if (s.handle == handle) out.push_back(s);
    return out;
  }

 private:
  std::string lastState(const std::string& handle) const {
    const auto found =
        std::find_if(states_.rbegin(), states_.rend(), [&](const auto& state) { return state.handle == handle; });
    return found != states_.rend() ? nameOf(found->state) : std::string();
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
  std::map<std::string, std::size_t> counts_;  // by name
  std::vector<InstanceStatus> states_;
  std::vector<LogRecord> logs_;
  std::string blocked_handle_;
  bool blocked_ = false;
};

struct Zoo {
  explicit Zoo(Hosting hosting, PluginOptions options = {}, const std::string& folder = ZOO_FOLDER,
               const std::string& program = PLUGIN_HOST)
      : manager(folder, program, hosting, recorder, prepare(std::move(options))) {}
  ~Zoo() { manager.shutdown(); }

  // Adds and starts; a handle is the server type unless it says otherwise.
  void start(const std::string& type, boost::json::object settings = {}, const std::string& handle = {}) {
    const std::string name = handle.empty() ? type : handle;
    if (type == "good" && !settings.contains("host")) settings["host"] = "far.test";
    manager.add({name, type, std::move(settings), std::nullopt});
    manager.start(name);
  }
  void startGood() {
    start("good");
    ASSERT_TRUE(recorder.waitState("good", LifeState::running));
  }
  Reply call(const std::string& handle, const std::string& name, const std::string& text = "",
             std::chrono::milliseconds timeout = 20s, Channel channel = Channel::client) {
    return manager.call(handle, name, boost::json::serialize(boost::json::object{{"text", text}}), channel, timeout);
  }
  std::string textOf(const Reply& reply) {
    return reply.status == Status::ok ? std::string(parseJson(reply.body).at("text").as_string()) : reply.body;
  }
  // The neighbour and the host still work.
  void expectGoodNeighbour() { EXPECT_EQ(textOf(call("good", "zoo/1.echo", "still here")), "still here"); }

  PluginOptions prepare(PluginOptions options) {
    options.capabilities.emplace_back("zoo/1");
    options.log = [this](const LogRecord& record) { recorder.log(record); };
    return options;
  }

  Recorder recorder;
  PluginManager manager;
};

// Every test of a class derived from it runs inside the host and in processes of their own.
class BothModes : public ::testing::TestWithParam<Hosting> {};

inline std::string modeName(const ::testing::TestParamInfo<Hosting>& info) {
  return nameOf(info.param);
}

#define JACKFIELD_BOTH_MODES(Suite) \
  INSTANTIATE_TEST_SUITE_P(Modes, Suite, ::testing::Values(Hosting::inHost, Hosting::ownProcess), modeName)

}  // namespace jackfield::kernel::testing

#endif
