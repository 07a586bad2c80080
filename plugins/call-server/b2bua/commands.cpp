// SPDX-License-Identifier: Apache-2.0
// What Jackfield itself does with a passage: hold, retrieve, and calls of its own.
#include "span.hpp"

namespace jackfield::calls {

using sdp::Direction;

void Span::commandDone(bool done) {
  if (!ended_) events_->spanCommandDone(*this, done);
}

// The far party first: it must stop sending before the phone on this side is told. Both get "inactive"; what the
// phones said last stays in `received`, to be offered again by retrieve().
void Span::hold(Side side) {
  Leg& near = leg(side);
  Leg& far = leg(other(side));
  held_ = true;
  far.reinvite(far.sent.own(sdp::withDirection(near.received, Direction::inactive)),
               [this, &near, &far](const sip::Message& response) {
                 if (ended_) return;
                 if (!response.success()) {
                   held_ = false;
                   commandDone(false);
                   return;
                 }
                 near.reinvite(near.sent.own(sdp::withDirection(far.received, Direction::inactive)),
                               [this](const sip::Message&) { commandDone(true); });
               });
}

// Offer to the far party what the near one has, its answer to the near one; should that one now use other media, the
// far party is told once more.
void Span::retrieve(Side side) {
  Leg& near = leg(side);
  Leg& far = leg(other(side));
  held_ = false;
  const auto offer = sdp::withDirection(near.received, Direction::sendrecv);
  far.reinvite(far.sent.own(offer), [this, &near, &far](const sip::Message& answer) {
    if (ended_) return;
    if (!answer.success()) {
      held_ = true;
      commandDone(false);
      return;
    }
    if (!answer.body.empty()) far.received = answer.body;
    near.reinvite(near.sent.own(far.received), [this, &near, &far](const sip::Message& second) {
      if (ended_) return;
      if (!second.success() || second.body.empty() || sdp::sameMedia(second.body, near.received)) {
        if (second.success() && !second.body.empty()) near.received = second.body;
        commandDone(second.success());
        return;
      }
      near.received = second.body;
      far.reinvite(far.sent.own(near.received), [this, &far](const sip::Message& third) {
        if (third.success() && !third.body.empty()) far.received = third.body;
        commandDone(true);
      });
    });
  });
}

bool Span::rings(Side side) const {
  const Leg& phone = constLeg(side);
  return rang_ && !ended_ && !phone.answered && phone.invite_out;
}

bool Span::talks(Side side) const {
  const Leg& phone = constLeg(side);
  return rings(side) && phone.talks() && phone.dialog->established();
}

void Span::ringsAt(Leg& phone, const sip::Message& response) {
  phone.learn(response);
  if (response.rseq || (phone.talks() && !response.to.tag.empty() && !response.contact.empty()))
    phone.dialog->establish(response);
}

// A NOTIFY without subscription, as phones with this function want it.
void Span::answer(Side side) {
  talk_ = leg(side).dialog->send("NOTIFY", {{{"Event", "talk"}, {"Subscription-State", "active"}}, {}, {}},
                                 [this](const sip::Message& response) {
                                   if (response.final() && !response.success()) commandDone(false);
                                 });
  if (!talk_) commandDone(false);
}

// RFC 3725: the first phone is offered inactive audio and its 2xx acknowledged at once, so that the second may ring
// for as long as it likes; then each gets the other's description.
void Span::make(const MadeCall& call) {
  plan_ = call;
  a_->dialog = exchange_.agent.createDialog(sip::formatAddress(call.destination_name, call.destination),
                                            sip::formatAddress({}, call.first));
  bind(Side::a);
  const Target target = exchange_.outbound();
  std::vector<std::string> routes;
  if (!exchange_.rules.continue_terminating.empty())
    routes.push_back("<" + target.uri(exchange_.rules.continue_terminating) + ">");
  sip::Content content;
  content.headers.push_back({"X-Jackfield-Call", exchange_.correlation.sign(passed('a'))});
  a_->offerSession(content);
  content.content_type = "application/sdp";
  content.body = a_->sent.own(sdp::inactiveOffer(exchange_.agent.address(target.transport), exchange_.random()));
  a_->invite_out = a_->dialog->invite(call.first, routes, target.uri(), content, 70,
                                      [this](const sip::Message& response) { firstAnswered(response); });
  if (!a_->invite_out) {
    end(cc::Cause::serverError, cc::Source::jackfield);
    return;
  }
  guard_ = exchange_.agent.after(std::chrono::seconds(exchange_.rules.ring_seconds), [this] {
    if (!a_->answered) clear(Side::a, cc::Cause::noAnswer, cc::Source::jackfield);
  });
}

void Span::firstAnswered(const sip::Message& response) {
  if (response.provisional()) {
    rang_ = true;
    if (!ended_) ringsAt(*a_, response);
    if (!ended_) events_->spanProgress(*this, Side::a, response.status);
    return;
  }
  if (response.success()) {
    a_->dialog->establish(response);
    a_->dialog->ack(response.cseq, {});
  }
  a_->invite_out.reset();
  if (ended_) {
    if (response.success()) a_->bye();
    drained();
  } else if (response.success()) {
    a_->learn(response);
    a_->startSession(response);
    a_->received = response.body;
    a_->answered = rang_ = true;
    events_->spanOriginated(*this);
    callDestination();
  } else {
    end(causeOf(response), cc::Source::device);
  }
}

void Span::callDestination() {
  const bool sent =
      call(*b_, 'b', a_->received, [this](const sip::Message& response) { destinationAnswered(response); });
  if (!sent) {
    a_->bye();
    end(cc::Cause::serverError, cc::Source::jackfield);
    return;
  }
  bind(Side::b);
}

// The plan's destination, offered what the other party described; false when the request cannot be sent.
bool Span::call(Leg& leg, char name, const std::string& description, Leg::Done done) {
  leg.dialog = exchange_.agent.createDialog(sip::formatAddress(plan_.caller_name, plan_.caller),
                                            sip::formatAddress({}, plan_.destination));
  const Target target = exchange_.outbound();
  std::vector<std::string> routes;
  if (!exchange_.rules.continue_originating.empty())
    routes.push_back("<" + target.uri(exchange_.rules.continue_originating) + ">");
  sip::Content content;
  content.headers.push_back({"X-Jackfield-Call", exchange_.correlation.sign(passed(name))});
  content.headers.push_back({"P-Asserted-Identity", sip::formatAddress(plan_.caller_name, plan_.caller)});
  if (name == 'n') content.headers.push_back({"Referred-By", sip::formatAddress({}, plan_.first)});
  leg.offerSession(content);
  content.content_type = "application/sdp";
  content.body = leg.sent.own(sdp::withDirection(description, Direction::sendrecv));
  leg.invite_out = leg.dialog->invite(plan_.destination, routes, target.uri(), content, 70, std::move(done));
  return leg.invite_out != nullptr;
}

void Span::destinationAnswered(const sip::Message& response) {
  if (response.provisional()) {
    if (ended_) return;
    if (response.rseq) {
      b_->dialog->establish(response);
      b_->invite_out->acknowledged(response.rseq);
      prack(Side::b, response, nullptr);
    }
    events_->spanProgress(*this, Side::b, response.status);
    return;
  }
  if (response.success()) {
    b_->dialog->establish(response);
    b_->dialog->ack(response.cseq, {});
  }
  b_->invite_out.reset();
  if (ended_) {
    if (response.success()) b_->bye();
    drained();
  } else if (response.success()) {
    b_->learn(response);
    b_->startSession(response);
    b_->received = response.body;
    b_->answered = true;
    guard_.reset();
    events_->spanAnswered(*this);
    join(Side::a, true);
  } else {
    a_->bye({{"Reason", "SIP;cause=" + std::to_string(response.status)}});
    end(causeOf(response), cc::Source::device);
  }
}

// Each party gets the other's description, `first` first.
void Span::join(Side first, bool known) {
  Leg& one = leg(first);
  const auto offer = sdp::withDirection(leg(other(first)).received, Direction::sendrecv);
  one.reinvite(one.sent.own(offer), [this, first, known](const sip::Message& response) {
    if (ended_) return;
    if (!response.success() || response.body.empty()) {
      clear(first, causeOf(response), cc::Source::device);
      return;
    }
    Leg& joined = leg(first);
    const bool same = sdp::sameMedia(response.body, joined.received);
    joined.received = response.body;
    if (known && same) {
      events_->spanChanged(*this);
      return;
    }
    Leg& far = leg(other(first));
    far.reinvite(far.sent.own(joined.received), [this, first](const sip::Message& second) {
      if (ended_) return;
      if (second.success() && !second.body.empty()) leg(other(first)).received = second.body;
      events_->spanChanged(*this);
    });
  });
}

}  // namespace jackfield::calls
