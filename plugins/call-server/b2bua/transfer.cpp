// SPDX-License-Identifier: Apache-2.0
// A party of an answered passage gives its place to another: the other party's leg stays, with its dialog and the
// history of its descriptions, and gets a new one as its partner.
#include "span.hpp"

namespace jackfield::calls {

// The party leaves only when the destination rings or answers: what is busy or unknown costs nobody the call.
void Span::transfer(Side side, const MadeCall& plan) {
  plan_ = plan;
  next_side_ = side;
  next_party_ = sip::addressOfRecord(plan.destination);
  next_ = std::make_unique<Leg>(exchange_, true);
  const bool sent = call(*next_, 'n', leg(other(side)).received,
                         [this](const sip::Message& response) { successorAnswers(response); });
  if (!sent) {
    next_.reset();
    reported(500, "Request Cannot Be Sent");
    commandDone(false);
  }
}

void Span::release() {
  auto& place = next_side_ == Side::a ? a_ : b_;
  const std::string device = party(next_side_);
  reported(200, "OK");
  place->quiet();
  place->dialog->onRequest([](std::shared_ptr<sip::Inbound> late) {
    late->reply(late->request().method == "BYE" ? 200 : 481);  // both have hung up at the same moment
  });
  place->bye();
  gone_ = std::move(place);
  place = std::move(next_);
  party(next_side_) = next_party_;
  user.clear();
  held_ = false;
  rang_ = true;
  bind(next_side_);
  guard_ = exchange_.agent.after(std::chrono::seconds(exchange_.rules.ring_seconds), [this] {
    if (!answered()) clear(next_side_, cc::Cause::noAnswer, cc::Source::jackfield);
  });
  events_->spanReleased(*this, device);
}

void Span::successorAnswers(const sip::Message& response) {
  if (response.provisional()) {
    if (ended_ || response.status == 100) return;
    if (next_) release();
    if (response.rseq) {
      Leg& ringing = leg(next_side_);
      ringing.dialog->establish(response);
      ringing.invite_out->acknowledged(response.rseq);
      prack(next_side_, response, nullptr);
    }
    events_->spanProgress(*this, next_side_, response.status);
    return;
  }
  Leg& successor = next_ ? *next_ : leg(next_side_);
  if (response.success()) {
    successor.dialog->establish(response);
    successor.dialog->ack(response.cseq, {});
  }
  successor.invite_out.reset();
  if (ended_) {
    if (response.success()) successor.bye();
    next_.reset();
    drained();
    return;
  }
  if (!response.success()) {
    if (next_) {
      next_.reset();
      reported(response.status, response.phrase);
      commandDone(false);
    } else {
      clear(next_side_, causeOf(response), cc::Source::device);
    }
    return;
  }
  if (next_) release();
  guard_.reset();
  Leg& now = leg(next_side_);
  now.learn(response);
  now.startSession(response);
  now.received = response.body;
  now.answered = true;
  events_->spanAnswered(*this);
  join(other(next_side_), true);
}

void Span::deflect(const MadeCall& plan) {
  b_->invite_out->cancel({{"Reason", "SIP;cause=302;text=\"Call Deflected\""}});
  gone_ = std::exchange(b_, std::make_unique<Leg>(exchange_, true));
  gone_->quiet();
  gone_->dialog->onRequest([](std::shared_ptr<sip::Inbound> late) { late->reply(481); });
  relays_.clear();
  party(Side::b) = sip::addressOfRecord(plan.destination);
  user.clear();
  first_.uri = plan.destination;
  first_.routes.clear();
  if (const Target target = exchange_.outbound(); !exchange_.rules.continue_originating.empty())
    first_.routes.push_back("<" + target.uri(exchange_.rules.continue_originating) + ">");
  first_.headers.push_back({"Diversion", sip::formatAddress({}, plan.first) + ";reason=deflection"});
  b_->dialog = exchange_.agent.createDialog(sip::formatAddress(first_.from.display, first_.from.uri),
                                            sip::formatAddress({}, plan.destination));
  bind(Side::b);
  sendInvite(first_.session_expires ? 0 : first_.min_se);
}

// The phone that was called before a deflection: 487 as a rule, unless it has just answered.
void Span::leftBehind(const sip::Message& response) {
  if (!response.final()) return;
  if (response.success()) {
    gone_->dialog->establish(response);
    gone_->dialog->ack(response.cseq, {});
    gone_->bye();
  }
  gone_->invite_out.reset();
  drained();
}

bool Span::exchange(Side side, Span& another, Side its_side) {
  for (const Span* span : {this, &another}) {
    if (!span->answered() || span->a_->inviting() || span->b_->inviting() || span->next_ || !span->relays_.empty())
      return false;
  }
  auto& ours = side == Side::a ? a_ : b_;
  auto& theirs = its_side == Side::a ? another.b_ : another.a_;
  std::swap(ours, theirs);
  std::swap(party(side), another.party(other(its_side)));
  user.clear();
  held_ = another.held_ = false;
  for (const Side each : {Side::a, Side::b}) {
    bind(each);
    another.bind(each);
  }
  return true;
}

void Span::move(SpanEvents& events, Passed number) {
  events_ = &events;
  name_ = std::move(number);
}

bool Span::is(Side side, const Replaces& dialog) const {
  const auto& leg = side == Side::a ? *a_ : *b_;
  return !ended_ && leg.dialog && leg.dialog->callId() == dialog.call_id && leg.dialog->localTag() == dialog.to_tag &&
         leg.dialog->remoteTag() == dialog.from_tag;
}

void Span::report(Side side) {
  report_ = [dialog = leg(side).dialog.get()](int status, const std::string& phrase) {
    sip::Content content;
    content.headers = {{"Event", "refer"},
                       {"Subscription-State", status < 200 ? "active;expires=60" : "terminated;reason=noresource"}};
    content.content_type = "message/sipfrag;version=2.0";
    content.body = "SIP/2.0 " + std::to_string(status) + " " + sip::headerSafe(phrase) + "\r\n";
    dialog->send("NOTIFY", content, nullptr);
  };
  report_(100, "Trying");
}

void Span::reported(int status, const std::string& phrase) {
  if (const auto tell = std::exchange(report_, nullptr)) tell(status, phrase);
}

// The passage has ended before the successor rang.
void Span::dropSuccessor() {
  if (!next_) return;
  if (next_->invite_out)
    next_->invite_out->cancel({});  // its final response ends it
  else
    next_.reset();
}

}  // namespace jackfield::calls
