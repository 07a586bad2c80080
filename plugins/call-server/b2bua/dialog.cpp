// SPDX-License-Identifier: Apache-2.0
// What comes inside the two dialogs of a passage and goes on to the other one.
#include <algorithm>

#include "span.hpp"

namespace jackfield::calls {
namespace {

const std::vector<sip::Header>& allowed() {
  static const std::vector<sip::Header> header = {
      {"Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK, REFER, NOTIFY, MESSAGE"}};
  return header;
}

bool relayed(const std::string& method) {
  static const std::vector<std::string> methods = {"INFO", "MESSAGE", "REFER", "NOTIFY", "SUBSCRIBE", "PRACK"};
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

}  // namespace

void Span::request(Side side, std::shared_ptr<sip::Inbound> inbound) {
  const auto& message = inbound->request();
  if (message.method == "BYE") {
    inbound->reply(200);
    hungUp(side, message);
  } else if (ended_) {
    inbound->reply(481);
  } else if (message.method == "OPTIONS") {
    inbound->reply(200, {}, {allowed(), {}, {}});  // each leg is probed by itself
  } else if (message.method == "INVITE") {
    reinvited(side, std::move(inbound));
  } else if (message.method == "UPDATE") {
    updated(side, std::move(inbound));
  } else if (message.method == "REFER" && answered() && !user.empty() && party(side) == user &&
             events_->spanRefers(*this, inbound)) {
    return;
  } else if (relayed(message.method)) {
    relay(side, std::move(inbound));
  } else {
    inbound->reply(405, {}, {allowed(), {}, {}});
  }
}

void Span::hungUp(Side side, const sip::Message& bye) {
  if (ended_) return;
  Leg& to = leg(other(side));
  std::vector<sip::Header> headers;
  if (!bye.q850.empty()) headers.push_back({"Reason", bye.q850});
  if (to.answered)
    to.bye(headers);
  else if (to.invite_out)
    to.invite_out->cancel(headers);
  end(answered() ? causeOf(bye) : cc::Cause::cancelled, cc::Source::device);
}

bool Span::watchHold(Side side, const std::string& offer) {
  return !held_ && events_->spanDeviceHold(*this, side, sdp::holds(offer));
}

void Span::reinvited(Side side, std::shared_ptr<sip::Inbound> inbound) {
  Leg& from = leg(side);
  Leg& to = leg(other(side));
  const auto& message = inbound->request();
  if (from.inviting() || to.inviting() || !answered()) {
    // RFC 3261 14.2: glare with a re-INVITE of ours or of the other side.
    inbound->reply(491);
    return;
  }
  if (from.tooShort(message)) {
    inbound->reply(422, "Session Interval Too Small", {{{"Min-SE", std::to_string(exchange_.rules.min_se)}}, {}, {}});
    return;
  }
  from.learn(message);
  from.dialog->establish(message);
  from.invite_in = inbound;
  inbound->onAck([this, side](const sip::Message* ack) { acked(side, ack); });
  inbound->onCancel([this, side](const sip::Message&) {
    leg(side).invite_in.reset();
    if (auto& out = leg(other(side)).invite_out) out->cancel({});
  });
  const bool offered = sdp::isSdp(message.content_type);
  auto content = passOn(message, side);
  to.offerSession(content);
  to.invite_out = to.dialog->send("INVITE", content, [this, side, offered](const sip::Message& response) {
    if (response.final()) reinviteAnswered(side, offered, response);
  });
  if (!to.invite_out) {
    inbound->reply(500);
    from.invite_in.reset();
  }
}

void Span::reinviteAnswered(Side side, bool offered, const sip::Message& response) {
  Leg& from = leg(side);
  Leg& to = leg(other(side));
  const auto inbound = from.invite_in;
  if (response.success()) {
    to.dialog->establish(response);
    to.learn(response);
    if (offered || ended_ || !inbound) {
      to.dialog->ack(response.cseq, {});
      to.invite_out.reset();
    } else {
      to.owed_ack = response.cseq;
    }
    if (ended_ || !inbound) {
      drained();
      return;
    }
    to.startSession(response);
    auto content = passOn(response, other(side));
    from.answerSession(content, inbound->request());
    inbound->reply(response.status, response.phrase, content);
    if (!offered || !watchHold(side, inbound->request().body)) events_->spanChanged(*this);
    return;
  }
  to.invite_out.reset();
  if (inbound) {
    inbound->reply(response.status, response.phrase, passOn(response, other(side)));
    from.invite_in.reset();
  }
  if (ended_)
    drained();
  else if (response.status == 481 || (response.status == 408 && !response.local))
    clear(other(side), cc::Cause::lost, cc::Source::server);  // RFC 3261 14.1: the dialog is gone
}

void Span::updated(Side side, std::shared_ptr<sip::Inbound> inbound) {
  Leg& from = leg(side);
  const auto& message = inbound->request();
  if (from.tooShort(message)) {
    inbound->reply(422, "Session Interval Too Small", {{{"Min-SE", std::to_string(exchange_.rules.min_se)}}, {}, {}});
    return;
  }
  from.learn(message);
  from.dialog->establish(message);
  if (sdp::isSdp(message.content_type)) {
    if (held_ || (answered() && leg(other(side)).inviting())) {
      inbound->reply(491);
      return;
    }
    relay(side, std::move(inbound));
    return;
  }
  sip::Content content;  // a session refresh concerns this leg alone
  from.answerSession(content, message);
  inbound->reply(200, {}, content);
}

void Span::relay(Side side, std::shared_ptr<sip::Inbound> inbound) {
  Leg& to = leg(other(side));
  const auto& message = inbound->request();
  if (!to.dialog || !to.dialog->established()) {
    inbound->reply(message.method == "UPDATE" ? 504 : 481);
    return;
  }
  auto content = passOn(message, side);
  auto relay = relays_.insert(relays_.end(), Relay{inbound, nullptr});
  relay->to = to.dialog->send(message.method, content, [this, side, relay](const sip::Message& response) {
    if (response.provisional()) return;
    if (ended_) return;  // the list is empty already
    const auto from = relay->from;
    auto answer = passOn(response, other(side));
    const auto& asked = from->request();
    if (response.success() && asked.method == "UPDATE") {
      leg(other(side)).dialog->establish(response);
      leg(side).answerSession(answer, asked);
    }
    from->reply(response.status, response.phrase, answer);
    relays_.erase(relay);
    if (asked.method == "UPDATE" && !(response.success() && watchHold(side, asked.body))) events_->spanChanged(*this);
  });
  if (!relay->to) {
    inbound->reply(500);
    relays_.erase(relay);
  }
}

}  // namespace jackfield::calls
