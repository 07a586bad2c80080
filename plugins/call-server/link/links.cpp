// SPDX-License-Identifier: Apache-2.0
// Probing and choosing.
#include "links.hpp"

#include <algorithm>

namespace jackfield::calls {

std::string refusalOf(const sip::Message& response, const std::string& self) {
  if (response.local) return response.status == 408 ? "no answer" : "cannot be reached (" + response.phrase + ")";
  if (response.status == 403 || response.status == 503)
    return "is not accepting SIP messages from this appliance at " + self + " (" + std::to_string(response.status) +
           " " + response.phrase + ")";
  return {};
}

Links::Links(sip::Agent& agent, Config config, std::function<void(const server::State&)> changed,
             std::function<void()> came_up)
    : agent_(agent), config_(std::move(config)), changed_(std::move(changed)), came_up_(std::move(came_up)) {
  for (const auto& target : config_.targets) {
    links_.emplace_back();
    links_.back().target = target;
  }
  for (std::size_t i = 0; i < links_.size(); ++i) ask(i);
}

void Links::ask(std::size_t at) {
  auto& link = links_[at];
  const std::string uri = "sip:" + config_.domain;
  const std::string here = agent_.address(link.target.transport);
  const std::string self = "<sip:jackfield@" + here + ">";
  link.patience = agent_.after(config_.patience, [this, at] {
    links_[at].asked.reset();
    answered(at, false, "no answer");
  });
  link.asked = agent_.send("OPTIONS", uri, self, "<" + uri + ">", link.target.uri(), {},
                           [this, at, here](const sip::Message& response) {
                             if (response.provisional()) return;
                             const std::string refusal = refusalOf(response, here);
                             answered(at, refusal.empty(), refusal);
                           });
  if (!link.asked) answered(at, false, "cannot be reached (the address is not usable)");
}

void Links::answered(std::size_t at, bool fits, const std::string& reason) {
  auto& link = links_[at];
  link.patience.reset();
  link.answer = fits ? Answer::yes : Answer::no;
  link.reason = reason;
  link.next = agent_.after(config_.interval, [this, at] { ask(at); });
  choose();
}

void Links::choose() {
  const auto first = std::find_if(links_.begin(), links_.end(), [](const Link& l) { return l.answer == Answer::yes; });
  const bool was_up = up();
  active_ = first == links_.end() ? -1 : static_cast<int>(first - links_.begin());
  server::State state;
  for (const auto& link : links_) {
    if (link.answer != Answer::no) continue;
    state.reason += (state.reason.empty() ? "" : "; ") + link.target.host + ":" + std::to_string(link.target.port) +
                    " " + link.reason;
  }
  if (active_ == 0)
    state = {server::LinkState::connected, {}};
  else if (up())
    state.state = server::LinkState::degraded;
  else if (std::all_of(links_.begin(), links_.end(), [](const Link& l) { return l.answer == Answer::no; }))
    state.state = server::LinkState::disconnected;
  else
    state.state = server::LinkState::connecting;
  if (!told_any_ || state.state != told_.state || state.reason != told_.reason) {
    told_ = state;
    told_any_ = true;
    changed_(state);
  }
  if (up() && !was_up) came_up_();
}

}  // namespace jackfield::calls
