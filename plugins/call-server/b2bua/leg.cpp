// SPDX-License-Identifier: Apache-2.0
// Session timers, glare, probes and the stored form of a leg.
#include "leg.hpp"

#include <algorithm>
#include <chrono>

#include <strings.h>

#include <jackfield/error.hpp>

namespace jackfield::calls {
namespace {

constexpr int most_tries = 6;

void addOption(sip::Content& content, const std::string& name, const std::string& option) {
  for (auto& header : content.headers) {
    if (strcasecmp(header.name.c_str(), name.c_str()) == 0) {
      header.value += (header.value.empty() ? "" : ", ") + option;
      return;
    }
  }
  content.headers.push_back({name, option});
}

// Whether a comma separated list holds that token.
bool names(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    auto one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(one.size() + 1, list.size()));
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one.size() == token.size() && strncasecmp(one.data(), token.data(), token.size()) == 0) return true;
  }
  return false;
}

}  // namespace

std::int64_t nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string Target::uri(const std::string& user) const {
  const std::string where = host.find(':') != std::string::npos && host.front() != '[' ? "[" + host + "]" : host;
  return "sip:" + (user.empty() ? "" : user + "@") + where + ":" + std::to_string(port) + ";transport=" + transport +
         ";lr";
}

void Leg::learn(const sip::Message& message) {
  if (!message.allow.empty())
    updates_ = std::any_of(message.allow.begin(), message.allow.end(),
                           [](const std::string& method) { return strcasecmp(method.c_str(), "UPDATE") == 0; });
  if (message.supports_timer || message.session_expires) timer_ = true;
  for (const auto& header : message.headers) {
    if (header.name == "Allow-Events") talks_ = names(header.value, "talk");
  }
}

bool Leg::tooShort(const sip::Message& request) const {
  return request.session_expires && request.session_expires->seconds < exchange_.rules.min_se;
}

void Leg::offerSession(sip::Content& content, const sip::Message* passed) const {
  const unsigned min_se = std::max(exchange_.rules.min_se, passed ? passed->min_se : 0);
  unsigned seconds = interval_ ? interval_ : exchange_.rules.session_expires;
  if (passed && passed->session_expires) seconds = std::min(seconds, passed->session_expires->seconds);
  seconds = std::max(seconds, min_se);
  addOption(content, "Supported", "timer");
  content.headers.push_back({"Session-Expires", std::to_string(seconds) + (answered ? ";refresher=uac" : "")});
  content.headers.push_back({"Min-SE", std::to_string(min_se)});
}

void Leg::answerSession(sip::Content& content, const sip::Message& request) {
  interval_ = exchange_.rules.session_expires;
  refresher_ = true;
  if (request.session_expires) {
    interval_ = std::max(std::min(interval_, request.session_expires->seconds), request.min_se);
    refresher_ = request.session_expires->refresher != "uac";
  }
  if (request.supports_timer || request.session_expires) {
    timer_ = true;
    addOption(content, "Supported", "timer");
    if (!refresher_) addOption(content, "Require", "timer");
    content.headers.push_back(
        {"Session-Expires", std::to_string(interval_) + (refresher_ ? ";refresher=uas" : ";refresher=uac")});
  }
  arm();
}

void Leg::startSession(const sip::Message& response) {
  interval_ = interval_ ? interval_ : exchange_.rules.session_expires;
  refresher_ = true;
  if (response.session_expires && response.session_expires->seconds > 0) {
    timer_ = true;
    interval_ = response.session_expires->seconds;
    refresher_ = response.session_expires->refresher != "uas";
  }
  arm();
}

void Leg::arm() {
  refreshed_ = nowMs();
  // RFC 4028 section 10: the refresher halfway, the other side a little before the end.
  const unsigned seconds = refresher_ ? interval_ / 2 : interval_ - std::min(32u, interval_ / 3);
  session_ = exchange_.agent.after(std::chrono::seconds(seconds), [this] {
    if (refresher_)
      refresh();
    else if (dead_)
      dead_(cc::Cause::timeout);
  });
}

std::shared_ptr<sip::Outbound> Leg::ask(const Done& done, int tries) {
  const auto when_final = [done](const sip::Message& response) {
    if (!response.provisional()) done(response);
  };
  if (updates_) {
    sip::Content content;
    if (timer_) offerSession(content);
    return dialog->send("UPDATE", content, when_final);
  }
  if (sent.last().empty()) return dialog->send("OPTIONS", {}, when_final);
  queue({sent.last(), done, tries});
  return nullptr;
}

void Leg::refresh() {
  refreshing_ = ask([this](const sip::Message& response) { refreshed(response); }, most_tries);
}

bool Leg::gone(const sip::Message& response) const {
  // A time-out of ours says nothing about the dialog while the call server itself is away.
  return response.status == 481 || (response.status == 408 && (!response.local || exchange_.link_up()));
}

void Leg::refreshed(const sip::Message& response) {
  if (gone(response)) {
    if (dead_) dead_(cc::Cause::lost);
    return;
  }
  if (response.success() || !response.local) {
    startSession(response);
    return;
  }
  if (nowMs() - refreshed_ > static_cast<std::int64_t>(interval_) * 1000) {
    if (dead_) dead_(cc::Cause::timeout);
    return;
  }
  session_ = exchange_.agent.after(std::chrono::seconds(std::max(interval_ / 10, 1u)), [this] { refresh(); });
}

void Leg::reinvite(std::string description, Done done) {
  queue({std::move(description), std::move(done), most_tries});
}

void Leg::queue(Reinvite next) {
  reinvites_.push_back(std::move(next));
  if (reinvites_.size() == 1) sendFirst();
}

void Leg::sendFirst() {
  sip::Message glare;
  glare.status = 491;
  glare.local = true;
  if (inviting()) return waitOut(glare);
  sip::Content content;
  if (const auto& description = reinvites_.front().description; !description.empty()) {
    content.content_type = "application/sdp";
    content.body = description;
  }
  if (timer_) offerSession(content);
  invite_out = dialog->send("INVITE", content, [this](const sip::Message& response) {
    if (response.provisional()) return;
    if (response.success()) {
      dialog->establish(response);
      dialog->ack(response.cseq, {});
      learn(response);
      startSession(response);
    }
    invite_out.reset();
    if (response.status == 491)
      waitOut(response);
    else
      finishFirst(response);
  });
  if (!invite_out) finishFirst(glare);
}

void Leg::waitOut(const sip::Message& glare) {
  if (reinvites_.front().tries-- == 0) return finishFirst(glare);
  // RFC 3261 14.1: the owner of the Call-ID waits longer, so that the two never meet again.
  const int low = caller_ ? 2100 : 0, high = caller_ ? 4000 : 2000;
  const int wait = std::uniform_int_distribution<int>(low / 10, high / 10)(exchange_.random) * 10;
  retry_ = exchange_.agent.after(std::chrono::milliseconds(wait), [this] { sendFirst(); });
}

void Leg::finishFirst(const sip::Message& response) {
  const Done done = std::move(reinvites_.front().done);
  reinvites_.pop_front();
  if (!reinvites_.empty()) sendFirst();
  done(response);  // last, it may end the leg
}

void Leg::probe(std::function<void(bool)> done) {
  // Glare is an answer too: the peer has the dialog, and uses it.
  probing_ = ask(
      [this, done](const sip::Message& response) {
        if (gone(response))
          done(false);
        else if (!response.local || response.status == 491)
          done(true);
      },
      0);
}

void Leg::bye(const std::vector<sip::Header>& headers) {
  sip::Content content;
  content.headers = headers;
  if (dialog) dialog->send("BYE", content, nullptr);  // the library repeats it by itself
}

void Leg::quiet() {
  session_.reset();
  retry_.reset();
  refreshing_.reset();
  probing_.reset();
  if (!reinvites_.empty()) reinvites_.resize(1);  // what is on its way has its answer awaited
  dead_ = nullptr;
}

KeptLeg Leg::kept(const Leg& other) const {
  const auto state = dialog->state();
  KeptLeg out;
  out.call_id = state.call_id;
  out.local = state.local;
  out.remote = state.remote;
  out.target = state.target;
  out.transport = state.transport;
  out.routes = state.routes;
  out.local_seq = state.local_seq;
  out.remote_seq = state.remote_seq;
  out.received = received;
  if (sent.last() != other.received) out.sent = sent.last();
  out.restamps = sent.restamps();
  out.caller = caller_;
  out.updates = updates_;
  out.timer = timer_;
  out.refresher = refresher_;
  out.interval = interval_;
  return out;
}

sip::DialogState Leg::dialogOf(const KeptLeg& kept) {
  sip::DialogState state;
  state.call_id = kept.call_id;
  state.local = kept.local;
  state.remote = kept.remote;
  state.target = kept.target;
  state.transport = kept.transport;
  state.routes = kept.routes;
  // Requests since the record was written (refreshes) have used some numbers: gaps are allowed, repeats are not.
  state.local_seq = kept.local_seq + 1000;
  state.remote_seq = kept.remote_seq;
  return state;
}

void Leg::restore(const KeptLeg& kept, const KeptLeg& other) {
  dialog = exchange_.agent.restoreDialog(dialogOf(kept));
  received = kept.received;
  sent.restore(kept.sent.empty() ? other.received : kept.sent, kept.restamps);
  caller_ = kept.caller;
  updates_ = kept.updates;
  timer_ = kept.timer;
  refresher_ = kept.refresher;
  interval_ = kept.interval ? kept.interval : exchange_.rules.session_expires;
  answered = true;
  arm();
}

}  // namespace jackfield::calls
