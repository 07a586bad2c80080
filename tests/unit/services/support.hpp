// SPDX-License-Identifier: Apache-2.0
// A site for tests: real stores in a folder of its own, plugins that do what the test says, and a clock that stands
// still until it is moved.
#ifndef JACKFIELD_TESTS_SERVICES_SUPPORT_HPP
#define JACKFIELD_TESTS_SERVICES_SUPPORT_HPP

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/json.hpp>

#include "capabilities/plugin_port.hpp"
#include "services/services.hpp"
#include "support/process.hpp"

namespace jackfield::services::tests {

using Status = jackfield::Status;  // not the use case of the same name
using jackfield::tests::TemporaryFolder;
using jackfield::tests::waitFor;
using model::Permission;
using model::Principal;
using model::Problem;
using model::Role;

template <class Action>
std::string codeOf(Action action) {
  try {
    action();
  } catch (const Problem& problem) {
    return problem.code();
  }
  return {};
}

template <class Action>
std::vector<std::string> pointersOf(Action action) {
  std::vector<std::string> out;
  try {
    action();
  } catch (const Problem& problem) {
    for (const auto& field : problem.fields()) out.push_back(field.pointer);
  }
  return out;
}

kernel::Reply failed(Status status, const std::string& code, const std::string& text);

// Plugins as a test wants them: "ldap" (directory) with nested secrets, "sip" (telephony).
class FakePlugins : public capabilities::PluginPort {
 public:
  using Answer = std::function<kernel::Reply(const std::string& handle, const std::string& body)>;
  using Parts = std::function<void(const std::string& body, const std::function<void(kernel::Reply)>&)>;

  explicit FakePlugins(kernel::PluginEvents& events) : events_(events) {}
  ~FakePlugins() override { join(); }

  // The script.
  void answer(const std::string& name, Answer answer);
  void offer(const std::string& kind) {
    kinds_.push_back(kind);
  }  // a server type of that name; before any is asked for
  void stream(const std::string& name, Parts parts);
  void state(const std::string& handle, kernel::LifeState, server::LinkState, const std::string& reason = {},
             std::uint64_t restarts = 0);
  void memory(const std::string& handle, std::uint64_t used_mb, std::uint64_t limit_mb);
  std::vector<std::string> done() const;  // "start hq-ldap" ...
  boost::json::object settingsOf(const std::string& handle) const;
  std::vector<std::pair<std::string, std::string>> asked(const std::string& name) const;  // handle, body
  kernel::PluginEvents& events() { return events_; }

  std::vector<kernel::PluginInfo> plugins() const override;
  std::vector<capabilities::ServerType> serverTypes() const override;
  std::vector<model::FieldError> validate(const std::string& type, const boost::json::object&) const override;
  void add(const std::string& handle, const std::string& type, const boost::json::object&) override;
  void start(const std::string& handle) override;
  void suspend(const std::string& handle) override;
  void resume(const std::string& handle) override;
  void restart(const std::string& handle) override;
  void configure(const std::string& handle, const boost::json::object&) override;
  void remove(const std::string& handle) override;
  std::vector<kernel::InstanceStatus> instances() const override;
  std::uint64_t request(const std::string& handle, const std::string& name, std::string body, kernel::Channel,
                        std::chrono::milliseconds, std::function<void(kernel::Reply)> handler) override;
  void cancel(const std::string& handle, std::uint64_t id) override;
  kernel::Reply call(const std::string& handle, const std::string& name, std::string body, kernel::Channel,
                     std::chrono::milliseconds) override;
  server::TestResult test(const std::string& handle, const std::string& type, const boost::json::object&,
                          std::chrono::milliseconds) override;
  void shutdown() override;

 private:
  void note(const std::string& what, const std::string& handle);
  void join();

  kernel::PluginEvents& events_;
  mutable std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::map<std::string, Parts> streams_;
  std::map<std::string, kernel::InstanceStatus> instances_;
  std::map<std::string, boost::json::object> settings_;
  std::vector<std::string> kinds_;
  std::vector<std::string> done_;
  std::vector<std::tuple<std::string, std::string, std::string>> asked_;
  std::vector<std::thread> threads_;
};

// A reader of the event stream that keeps every frame.
class Reader : public EventSink {
 public:
  bool send(const std::shared_ptr<const std::string>& frame) override;
  bool accepting() override { return accepting_; }
  void close(const std::string& reason) override;

  std::vector<boost::json::object> frames() const;
  std::vector<std::string> types() const;  // without the hello
  std::string lastCursor() const;
  std::string closedFor() const;
  bool has(std::size_t events) const;  // so many after the hello
  void limit(std::size_t frames) { limit_ = frames; }
  void accepting(bool value) { accepting_ = value; }

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const std::string>> frames_;
  std::string closed_;
  std::atomic<std::size_t> limit_{1000000};
  std::atomic<bool> accepting_{true};
};

class Site : public testing::Test {
 protected:
  Site();

  // Begins again on the same stores, as after a restart.
  void restart();
  void kill() { services_.reset(); }
  Services& services() { return *services_; }
  FakePlugins& plugins() { return *plugins_; }

  // A directory server "hq-ldap" whose people sign in with the password "right".
  void addDirectory(const std::string& handle = "hq-ldap");
  void addTelephony(const std::string& handle = "hq-sip");
  void directoryHolds(std::vector<directory::Person> people) {
    const std::lock_guard lock(mutex_);
    people_ = std::move(people);
  }
  // A full synchronisation, waited for.
  store::SyncRunRecord synchronise(bool confirm = false, const std::string& expected = "done");
  void giveTelephony(const std::string& id, const std::string& server = "hq-sip");
  SignedIn signIn(const std::string& login) { return services().signIn().signIn(login, "right", "192.0.2.1"); }
  Principal principal(const std::string& login) {
    return services().signIn().fromCookie(signIn(login).token, "192.0.2.1");
  }

  static directory::Person person(const std::string& login, const std::string& extension,
                                  std::vector<std::string> roles = {"user"});
  // Rights without a session.
  Principal admin{{}, "root", "Root", {Role::administrator}, "s-admin", "192.0.2.9"};
  Principal auditor{{}, "eve", "Eve", {Role::auditor}, "s-auditor", "192.0.2.9"};
  Principal user{"id-alice", "alice", "Alice", {Role::user}, "s-user", "192.0.2.9"};

  // A call as the driver tells it.
  static call_control::Connection connection(const std::string& extension, call_control::Role,
                                             call_control::ConnectionState, bool served = true);
  static call_control::Call talk(const std::string& id, std::vector<call_control::Connection> connections);
  void tell(const call_control::Event& event, const std::string& server = "hq-sip",
            std::map<std::string, boost::json::value> keep = {});
  static call_control::Event event(call_control::EventType, call_control::Call);

  TemporaryFolder folder_{"services"};
  Limits limits_;
  std::atomic<std::int64_t> now_{1'800'000'000'000};
  std::mutex mutex_;
  std::vector<directory::Person> people_;
  FakePlugins* plugins_ = nullptr;
  std::unique_ptr<Services> services_;
};

}  // namespace jackfield::services::tests

#endif
