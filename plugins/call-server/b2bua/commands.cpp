// SPDX-License-Identifier: Apache-2.0
// What Jackfield itself does with a passage: hold, retrieve, and calls of its own.
#include "span.hpp"

namespace jackfield::calls {

using sdp::Direction;

void Span::commandDone(bool done) {
  if (!ended_) events_.spanCommandDone(*this, done);
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

// RFC 3725: the first phone is offered inactive audio and its 2xx acknowledged at once, so that the second may ring
// for as long as it likes; then each gets the other's description.
void Span::make(const MadeCall& call) {
  plan_ = call;
  a_.dialog = exchange_.agent.createDialog(sip::formatAddress(call.destination_name, call.destination),
                                           sip::formatAddress({}, call.first));
  bind(Side::a);
  const Target target = exchange_.outbound();
  std::vector<std::string> routes;
  if (!exchange_.rules.continue_terminating.empty())
    routes.push_back("<" + target.uri(exchange_.rules.continue_terminating) + ">");
  sip::Content content;
  content.headers.push_back({"X-Jackfield-Call", exchange_.correlation.sign(call_id_)});
  a_.offerSession(content);
  content.content_type = "application/sdp";
  content.body = a_.sent.own(sdp::inactiveOffer(exchange_.agent.address(target.transport), exchange_.random()));
  a_.invite_out = a_.dialog->invite(call.first, routes, target.uri(), content, 70,
                                    [this](const sip::Message& response) { firstAnswered(response); });
  if (!a_.invite_out) {
    end(cc::Cause::serverError, cc::Source::jackfield);
    return;
  }
  guard_ = exchange_.agent.after(std::chrono::seconds(exchange_.rules.ring_seconds), [this] {
    if (!a_.answered) clear(Side::a, cc::Cause::noAnswer, cc::Source::jackfield);
  });
}

void Span::firstAnswered(const sip::Message& response) {
  if (response.provisional()) {
    rang_ = true;
    if (!ended_) events_.spanProgress(*this, response.status);
    return;
  }
  if (response.success()) {
    a_.dialog->establish(response);
    a_.dialog->ack(response.cseq, {});
  }
  a_.invite_out.reset();
  if (ended_) {
    if (response.success()) a_.bye();
    drained();
  } else if (response.success()) {
    a_.learn(response);
    a_.startSession(response);
    a_.received = response.body;
    a_.answered = rang_ = true;
    events_.spanOriginated(*this);
    callDestination();
  } else {
    end(causeOf(response), cc::Source::device);
  }
}

void Span::callDestination() {
  b_.dialog = exchange_.agent.createDialog(sip::formatAddress(plan_.caller_name, plan_.caller),
                                           sip::formatAddress({}, plan_.destination));
  bind(Side::b);
  const Target target = exchange_.outbound();
  std::vector<std::string> routes;
  if (!exchange_.rules.continue_originating.empty())
    routes.push_back("<" + target.uri(exchange_.rules.continue_originating) + ">");
  sip::Content content;
  content.headers.push_back({"X-Jackfield-Call", exchange_.correlation.sign(call_id_)});
  content.headers.push_back({"P-Asserted-Identity", sip::formatAddress(plan_.caller_name, plan_.caller)});
  b_.offerSession(content);
  content.content_type = "application/sdp";
  content.body = b_.sent.own(sdp::withDirection(a_.received, Direction::sendrecv));
  b_.invite_out = b_.dialog->invite(plan_.destination, routes, target.uri(), content, 70,
                                    [this](const sip::Message& response) { destinationAnswered(response); });
  if (!b_.invite_out) {
    a_.bye();
    end(cc::Cause::serverError, cc::Source::jackfield);
  }
}

void Span::destinationAnswered(const sip::Message& response) {
  if (response.provisional()) {
    if (ended_) return;
    if (response.rseq) {
      b_.dialog->establish(response);
      b_.invite_out->acknowledged(response.rseq);
      prack(response, nullptr);
    }
    events_.spanProgress(*this, response.status);
    return;
  }
  if (response.success()) {
    b_.dialog->establish(response);
    b_.dialog->ack(response.cseq, {});
  }
  b_.invite_out.reset();
  if (ended_) {
    if (response.success()) b_.bye();
    drained();
  } else if (response.success()) {
    b_.learn(response);
    b_.startSession(response);
    b_.received = response.body;
    b_.answered = true;
    guard_.reset();
    events_.spanAnswered(*this);
    joinFirst();
  } else {
    a_.bye({{"Reason", "SIP;cause=" + std::to_string(response.status)}});
    end(causeOf(response), cc::Source::device);
  }
}

void Span::joinFirst() {
  a_.reinvite(a_.sent.own(b_.received), [this](const sip::Message& response) {
    if (ended_) return;
    if (!response.success() || response.body.empty()) {
      clear(Side::a, causeOf(response), cc::Source::device);
      return;
    }
    const bool same = sdp::sameMedia(response.body, a_.received);
    a_.received = response.body;
    if (same) {
      events_.spanChanged(*this);
      return;
    }
    b_.reinvite(b_.sent.own(a_.received), [this](const sip::Message& second) {
      if (ended_) return;
      if (second.success() && !second.body.empty()) b_.received = second.body;
      events_.spanChanged(*this);
    });
  });
}

}  // namespace jackfield::calls
