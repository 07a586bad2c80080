// SPDX-License-Identifier: Apache-2.0
// A passage: its first INVITE from one leg to the other, its end, and its stored form.
#include "span.hpp"

#include <algorithm>

#include <strings.h>

namespace jackfield::calls {
namespace {

constexpr auto drain_time = std::chrono::seconds(40);  // longer than timers B, F and H (64 x T1)

bool isSet(const std::string& value) {
  return !value.empty();
}

}  // namespace

cc::Cause causeOf(const sip::Message& message) {
  const auto& reason = message.q850;
  const auto says = [&](const char* text) { return reason.find(text) != std::string::npos; };
  if (isSet(reason)) {
    const bool sip = strncasecmp(reason.c_str(), "SIP", 3) == 0;
    if (sip && says("cause=200")) return cc::Cause::answeredElsewhere;
    if (sip && says("cause=603")) return cc::Cause::refused;
    if (sip && (says("cause=486") || says("cause=600"))) return cc::Cause::busy;
    if (!sip && says("cause=17")) return cc::Cause::busy;
    if (!sip && says("cause=21")) return cc::Cause::refused;
    if (!sip && says("cause=26")) return cc::Cause::answeredElsewhere;
  }
  if (message.request()) return message.method == "CANCEL" ? cc::Cause::cancelled : cc::Cause::normal;
  switch (message.status) {
    case 486:
    case 600:
      return cc::Cause::busy;
    case 401:
    case 403:
    case 407:
    case 603:
    case 606:
      return cc::Cause::refused;
    case 408:
      return message.local ? cc::Cause::unreachable : cc::Cause::noAnswer;
    case 480:
      return cc::Cause::noAnswer;
    case 487:
      return cc::Cause::cancelled;
    case 404:
    case 410:
    case 484:
    case 604:
      return cc::Cause::notFound;
    case 481:
      return cc::Cause::lost;
    case 502:
    case 503:
    case 504:
      return cc::Cause::unreachable;
    default:
      return message.status < 400 ? cc::Cause::redirected : cc::Cause::serverError;
  }
}

Span::Span(Exchange& exchange, SpanEvents& events, Passed number, Phase phase, bool made)
    : exchange_(exchange),
      events_(&events),
      name_(std::move(number)),
      phase_(phase),
      made_(made),
      a_(std::make_unique<Leg>(exchange, made)),
      b_(std::make_unique<Leg>(exchange, true)) {}

std::string& Span::party(char leg) {
  if (leg == 'n') return next_ ? next_party_ : party(next_side_);
  return party(leg == 'a' ? Side::a : Side::b);
}

void Span::bind(Side side) {
  leg(side).dialog->onRequest([this, side](std::shared_ptr<sip::Inbound> inbound) { request(side, inbound); });
  leg(side).onDead([this, side](cc::Cause cause) { clear(side, cause, cc::Source::jackfield); });
}

std::string Span::passDescription(const std::string& description, Side from) {
  Leg& to = leg(other(from));
  if (held_) return to.sent.own(sdp::withDirection(description, sdp::Direction::inactive));
  leg(from).received = description;
  return to.sent.pass(description);
}

sip::Content Span::passOn(const sip::Message& message, Side from) {
  sip::Content content{message.headers, message.content_type, message.body};
  if (sdp::isSdp(message.content_type)) content.body = passDescription(message.body, from);
  return content;
}

void Span::open(std::shared_ptr<sip::Inbound> invite) {
  first_ = invite->request();
  if (a_->tooShort(first_)) {
    invite->reply(422, "Session Interval Too Small", {{{"Min-SE", std::to_string(exchange_.rules.min_se)}}, {}, {}});
    end(cc::Cause::serverError, cc::Source::jackfield);
    return;
  }
  invite->reply(100);
  a_->invite_in = invite;
  a_->dialog = exchange_.agent.acceptDialog(*invite);
  a_->learn(first_);
  bind(Side::a);
  invite->onCancel([this](const sip::Message& cancel) { callerCancelled(cancel); });
  invite->onAck([this](const sip::Message* ack) { acked(Side::a, ack); });
  b_->dialog = exchange_.agent.createDialog(sip::formatAddress(first_.from.display, first_.from.uri),
                                            sip::formatAddress(first_.to.display, first_.to.uri));
  bind(Side::b);
  offered_ = sdp::isSdp(first_.content_type);
  sendInvite(0);
}

void Span::sendInvite(unsigned session_expires) {
  auto content = passOn(first_, Side::a);
  content.headers.push_back({"X-Jackfield-Call", exchange_.correlation.sign(passed('b'))});
  if (session_expires) first_.min_se = session_expires;
  b_->offerSession(content, &first_);
  std::string proxy;
  if (first_.routes.empty()) {
    const Target target = exchange_.outbound();
    if (!target.host.empty()) proxy = target.uri();
  }
  b_->invite_out = b_->dialog->invite(first_.uri, first_.routes, proxy, content, first_.max_forwards - 1,
                                      [this, asked = b_.get()](const sip::Message& response) {
                                        asked == b_.get() ? invited(response) : leftBehind(response);
                                      });
  if (b_->invite_out) return;
  a_->invite_in->reply(500, "Request Cannot Be Sent On");
  end(cc::Cause::serverError, cc::Source::jackfield);
}

void Span::invited(const sip::Message& response) {
  if (response.provisional()) {
    if (!ended_) relayProvisional(response);
    return;
  }
  if (response.success()) {
    connected(response);
    return;
  }
  // The interval that we put in ourselves is too short for the far side: once more with its own (RFC 4028 7.3).
  if (response.status == 422 && response.min_se > first_.min_se && !first_.session_expires && !ended_) {
    sendInvite(response.min_se);
    return;
  }
  b_->invite_out.reset();
  if (ended_) {
    drained();
    return;
  }
  auto content = passOn(response, Side::b);
  if (response.status < 400 && !response.contact.empty())
    content.headers.push_back({"Contact", "<" + response.contact + ">"});
  a_->invite_in->reply(response.status, response.phrase, content);
  end(causeOf(response), cc::Source::device);
}

void Span::relayProvisional(const sip::Message& response) {
  const auto content = passOn(response, Side::b);
  ringsAt(*b_, response);
  if (response.rseq) {
    b_->invite_out->acknowledged(response.rseq);
    const bool reliable = a_->invite_in->replyReliably(
        response.status, response.phrase, content,
        [this, response](std::shared_ptr<sip::Inbound> from) { prack(Side::b, response, std::move(from)); });
    if (!reliable) {
      a_->invite_in->reply(response.status, response.phrase, content);
      prack(Side::b, response, nullptr);
    }
  } else {
    a_->invite_in->reply(response.status, response.phrase, content);
  }
  rang_ = true;
  events_->spanProgress(*this, Side::b, response.status);
}

void Span::prack(Side to, const sip::Message& response, std::shared_ptr<sip::Inbound> from) {
  sip::Content content;
  if (from) content = passOn(from->request(), other(to));
  content.headers.push_back({"RAck", std::to_string(response.rseq) + " " + std::to_string(response.cseq) + " INVITE"});
  auto relay = relays_.insert(relays_.end(), Relay{std::move(from), nullptr});
  relay->to = leg(to).dialog->send("PRACK", content, [this, to, relay](const sip::Message& answer) {
    if (answer.provisional() || ended_) return;
    if (relay->from) relay->from->reply(answer.status, answer.phrase, passOn(answer, to));
    relays_.erase(relay);
  });
}

void Span::connected(const sip::Message& response) {
  b_->dialog->establish(response);
  if (ended_ || a_->invite_in->answered()) {  // the caller's CANCEL and this 2xx have crossed
    b_->dialog->ack(response.cseq, {});
    b_->bye();
    b_->invite_out.reset();
    drained();
    return;
  }
  b_->learn(response);
  b_->startSession(response);
  if (offered_) {
    b_->dialog->ack(response.cseq, {});
    b_->invite_out.reset();
  } else {
    b_->owed_ack = response.cseq;  // the answer comes with the caller's ACK
  }
  auto content = passOn(response, Side::b);
  a_->answerSession(content, first_);
  a_->invite_in->reply(response.status, response.phrase, content);
  a_->answered = b_->answered = true;
  events_->spanAnswered(*this);
}

void Span::callerCancelled(const sip::Message& cancel) {
  if (ended_) return;
  a_->invite_in.reset();
  if (b_->invite_out) {
    std::vector<sip::Header> headers;
    if (!cancel.q850.empty()) headers.push_back({"Reason", cancel.q850});
    b_->invite_out->cancel(headers);
  }
  end(causeOf(cancel), cc::Source::device);
}

void Span::acked(Side side, const sip::Message* ack) {
  Leg& from = leg(side);
  Leg& to = leg(other(side));
  from.invite_in.reset();
  if (ended_) {
    drained();
    return;
  }
  if (!ack) {  // RFC 3261 13.3.1.4: no ACK, no session
    clear(side, cc::Cause::timeout, cc::Source::jackfield);
    return;
  }
  if (!to.owed_ack) return;
  sip::Content content;
  if (sdp::isSdp(ack->content_type)) {
    content.content_type = ack->content_type;
    content.body = passDescription(ack->body, side);
  }
  to.dialog->ack(to.owed_ack, content);
  to.owed_ack = 0;
  to.invite_out.reset();
  events_->spanChanged(*this);
}

void Span::clear(Side who, cc::Cause cause, cc::Source source) {
  if (ended_) return;
  const bool declined = !answered() && who == Side::b;
  const std::vector<sip::Header> reason = {
      {"Reason", declined ? "SIP;cause=603;text=\"Declined\"" : "SIP;cause=487;text=\"Request Terminated\""}};
  for (Leg* leg : {a_.get(), b_.get()}) {
    if (leg->answered) {
      leg->bye(answered() ? std::vector<sip::Header>{} : reason);
    } else if (leg->invite_out) {
      leg->invite_out->cancel(reason);
    } else if (leg->invite_in) {
      // Not 603: it would end the search of every other device of the called (RFC 3261 21.6.2).
      leg->invite_in->reply(declined ? 480 : 487, {}, {reason, {}, {}});
      leg->invite_in.reset();
    }
  }
  end(cause, source);
}

void Span::end(cc::Cause cause, cc::Source source) {
  if (ended_) return;
  ended_ = true;
  report_ = nullptr;
  talk_.reset();
  dropSuccessor();
  for (Leg* leg : {a_.get(), b_.get()}) {
    leg->quiet();
    if (leg->invite_in && !leg->invite_in->answered()) leg->invite_in->reply(487);
    leg->invite_in.reset();
    if (leg->answered && leg->invite_out && !leg->owed_ack) leg->invite_out.reset();
  }
  relays_.clear();
  guard_ = exchange_.agent.after(drain_time, [this] {
    a_->invite_out.reset();
    b_->invite_out.reset();
    next_.reset();
    gone_.reset();
    drained();
  });
  events_->spanEnded(*this, cause, source);
  drained();
}

bool Span::idle() const {
  return ended_ && !a_->invite_out && !b_->invite_out && !next_ && !(gone_ && gone_->invite_out);
}

void Span::drained() {
  if (idle()) events_->spanDrained(*this);
}

void Span::probe(std::function<void()> done) {
  auto waiting = std::make_shared<int>(2);
  for (const Side side : {Side::a, Side::b}) {
    leg(side).probe([this, side, waiting, done](bool alive) {
      if (ended_) return;
      if (!alive)
        clear(side, cc::Cause::lost, cc::Source::server);
      else if (--*waiting == 0)
        done();
    });
  }
}

KeptSpan Span::kept() const {
  return {user,          made_ ? "made" : phase_ == Phase::originating ? "originating" : "terminating",
          party_[0],     party_[1],
          a_->kept(*b_), b_->kept(*a_)};
}

KeptRinging Span::keptRinging() const {
  KeptRinging out;
  if (a_->invite_in) out.refuse = a_->invite_in->leftover();
  for (const Leg* leg : {a_.get(), b_.get()}) {
    if (!leg->answered && leg->invite_out) out.cancel = leg->invite_out->leftover();
  }
  if (a_->answered)
    out.hang_up = a_->kept(*b_);
  else if (b_->answered)
    out.hang_up = b_->kept(*a_);
  return out;
}

void Span::endRinging(sip::Agent& agent, const KeptRinging& kept) {
  agent.cancel(kept.cancel);
  agent.refuse(kept.refuse, 500);
  if (kept.hang_up) agent.restoreDialog(Leg::dialogOf(*kept.hang_up))->send("BYE", {}, nullptr);
}

void Span::restore(const KeptSpan& kept, bool held) {
  held_ = held;
  user = kept.user;
  party_ = {kept.party_a, kept.party_b};
  a_->restore(kept.a, kept.b);
  b_->restore(kept.b, kept.a);
  bind(Side::a);
  bind(Side::b);
}

}  // namespace jackfield::calls
