// SPDX-License-Identifier: Apache-2.0
// The ways to the call server: each is asked by OPTIONS, the first in the list that answers is used.
#ifndef JACKFIELD_CALL_SERVER_LINK_LINKS_HPP
#define JACKFIELD_CALL_SERVER_LINK_LINKS_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <jackfield/server.hpp>

#include "../b2bua/exchange.hpp"

namespace jackfield::calls {

// Why a peer that answered OPTIONS like this to us at `self` is not to be used; empty when it is (INT-067).
std::string refusalOf(const sip::Message& response, const std::string& self);

class Links {
 public:
  struct Config {
    std::vector<Target> targets;
    std::string domain;
    std::chrono::milliseconds interval{5000};
    std::chrono::milliseconds patience{2500};  // for one answer
  };

  // `changed` gets the state whenever it or its reason changes, at the first time included; `came_up` is called when
  // there is a way again after there was none.
  Links(sip::Agent& agent, Config config, std::function<void(const server::State&)> changed,
        std::function<void()> came_up);

  bool up() const { return active_ >= 0; }
  Target active() const { return up() ? links_[static_cast<std::size_t>(active_)].target : Target{"", 0, ""}; }

 private:
  enum class Answer { none, yes, no };
  struct Link {
    Target target;
    Answer answer = Answer::none;
    std::string reason;
    std::shared_ptr<sip::Outbound> asked;
    std::unique_ptr<sip::Timer> next, patience;
  };

  void ask(std::size_t at);
  void answered(std::size_t at, bool fits, const std::string& reason);
  void choose();

  sip::Agent& agent_;
  Config config_;
  std::function<void(const server::State&)> changed_;
  std::function<void()> came_up_;
  std::vector<Link> links_;
  int active_ = -1;
  server::State told_;
  bool told_any_ = false;
};

}  // namespace jackfield::calls

#endif
