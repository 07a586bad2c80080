// SPDX-License-Identifier: Apache-2.0
// The switchboard in the test's own thread between two sipp: the one is the call server with the caller behind it, the
// other the called phone.
#ifndef JACKFIELD_TESTS_INTEGRATION_CALL_SERVER_SIPP_RIG_HPP
#define JACKFIELD_TESTS_INTEGRATION_CALL_SERVER_SIPP_RIG_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "b2bua/switchboard.hpp"
#include "support/process.hpp"

namespace jackfield::calls {

class SippRig {
 public:
  // `emit` gets what the switchboard tells the host.
  explicit SippRig(std::function<void(const cc::EventMessage&)> emit) : agent_(endpoint(port_)) {
    Rules rules;
    rules.domain = "site.test";
    rules.trusted = TrustedPeers({"127.0.0.1"});
    Sink sink;
    sink.emit = [emit = std::move(emit)](const cc::EventMessage& message) {
      emit(message);
      return true;
    };
    sink.warn = [](const std::string& code, const auto&) { ADD_FAILURE() << code; };
    board_ = std::make_unique<Switchboard>(
        agent_, rules, sink,
        [] {
          return Target{"127.0.0.1", 9, "udp"};
        },
        [] { return true; });
    board_->open();
    agent_.onRequest([this](std::shared_ptr<sip::Inbound> inbound) { board_->receive(std::move(inbound)); });
  }

  void startCalled(const std::string& scenario, std::vector<std::string> more) {
    called_ = start(scenario, called_port_, {}, std::move(more));
  }
  // The served user is the caller, 1000, or the called, 2000 (phase "term").
  void startCaller(const std::string& scenario, std::vector<std::string> more, const std::string& phase = "orig") {
    more.insert(more.end(), {"-key", "phase", phase, "-key", "served", phase == "orig" ? "1000" : "2000", "-key",
                             "next", "127.0.0.1:" + std::to_string(called_port_)});
    caller_ = start(scenario, caller_port_, "127.0.0.1:" + std::to_string(port_), std::move(more));
  }
  // Turns the loop until it holds; false after the limit.
  bool until(const std::function<bool()>& holds, std::chrono::seconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!holds() && std::chrono::steady_clock::now() < end) agent_.step(std::chrono::milliseconds(20));
    return holds();
  }
  Switchboard& board() { return *board_; }
  tests::Process& caller() { return *caller_; }
  tests::Process& called() { return *called_; }

 private:
  static sip::AgentConfig endpoint(int port) {
    sip::AgentConfig config;
    config.listen = {{"127.0.0.1", static_cast<unsigned>(port), "udp"}};
    return config;
  }
  std::unique_ptr<tests::Process> start(const std::string& scenario, int port, const std::string& target,
                                        std::vector<std::string> more) {
    std::vector<std::string> command = {"sipp", "-sf", std::string(JACKFIELD_PEERS) + "/sipp/" + scenario + ".xml"};
    command.push_back(target.empty() ? "127.0.0.1" : target);
    for (const auto& word : {"-i", "127.0.0.1", "-p"}) command.emplace_back(word);
    command.push_back(std::to_string(port));
    for (const auto& word : {"-t", "u1", "-nostdin"}) command.emplace_back(word);
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<tests::Process>(command, folder_.path() / (scenario + ".out"));
  }

  const tests::TemporaryFolder folder_{"sipp"};
  const int port_ = tests::freePort(), called_port_ = tests::freePort(), caller_port_ = tests::freePort();
  sip::Agent agent_;
  std::unique_ptr<Switchboard> board_;
  std::unique_ptr<tests::Process> called_, caller_;
};

}  // namespace jackfield::calls

#endif
