// SPDX-License-Identifier: Apache-2.0
// From passages to connections: who takes part, what state each is in, what is told.
#include "call.hpp"

#include <algorithm>

#include <jackfield/error.hpp>
#include <jackfield/json.hpp>

namespace jackfield::calls {

using cc::Cause;
using cc::ConnectionState;
using cc::EventType;
using cc::Role;

namespace {

constexpr std::size_t longest_name = 256;  // octets of a display name; what is cut in the middle becomes U+FFFD

bool failure(Cause cause) {
  return cause != Cause::normal && cause != Cause::cancelled && cause != Cause::answeredElsewhere;
}

std::size_t alive(const std::vector<std::unique_ptr<Span>>& spans) {
  return static_cast<std::size_t>(
      std::count_if(spans.begin(), spans.end(), [](const auto& span) { return !span->ended(); }));
}

}  // namespace

Call::Call(Exchange& exchange, CallEvents& events, std::string id) : exchange_(exchange), events_(events) {
  document_.id = std::move(id);
  document_.created = nowMs();
}

std::size_t Call::addParty(const std::string& uri, const std::string& name, Role role, bool served) {
  cc::Connection party;
  party.device = sip::addressOfRecord(uri);
  party.number = sip::userOf(uri);
  party.name = name.substr(0, longest_name);
  party.role = role;
  party.served = served;
  party.state = ConnectionState::initiated;
  party.since = nowMs();
  document_.connections.push_back(std::move(party));
  return document_.connections.size() - 1;
}

cc::Connection* Call::find(const std::string& device) {
  const auto found = std::find_if(document_.connections.begin(), document_.connections.end(),
                                  [&](const auto& party) { return party.device == device; });
  return found == document_.connections.end() ? nullptr : &*found;
}

// The party next to that leg. A leg between two passages of this call has none.
cc::Connection* Call::partyAt(Span& span, Side side) {
  const auto& device = span.party(side);
  return device.empty() ? nullptr : find(device);
}

Span& Call::addSpan(Phase phase, bool made) {
  return *spans_.emplace_back(
      std::make_unique<Span>(exchange_, *this, Passed{document_.id, ++last_span_}, phase, made));
}

Span* Call::spanOf(const std::string& device) const {
  for (const auto& span : spans_) {
    if (span->user == device && !span->ended()) return span.get();
  }
  return nullptr;
}

std::vector<Span*> Call::presentSpans() const {
  std::vector<Span*> out;
  out.reserve(spans_.size());
  for (const auto& span : spans_) out.push_back(span.get());
  return out;
}

bool Call::loops(const ServedUser& served) const {
  const std::string user = sip::addressOfRecord(served.uri);
  return spans_.size() >= 12 || std::any_of(spans_.begin(), spans_.end(), [&](const auto& span) {
           return !span->ended() && span->phase() == served.phase && span->user == user;
         });
}

// A further called user while another one has not answered: the call went on from the one to the other.
void Call::divert(const Span& newcomer) {
  for (const auto& span : spans_) {
    if (span.get() == &newcomer || span->phase() != Phase::terminating || span->ended() || span->answered()) continue;
    if (auto* party = find(span->user); party && party->state != ConnectionState::null) {
      enter(*party, ConnectionState::null, Cause::redirected);
      say(EventType::diverted, party->device, Cause::redirected, cc::Source::server);
    }
  }
}

void Call::pass(std::shared_ptr<sip::Inbound> invite, const ServedUser& served, const std::optional<Passed>& from) {
  const auto& message = invite->request();
  if (loops(served)) {
    invite->reply(482, "Loop Detected");
    if (spans_.empty()) events_.callFinished(*this);
    return;
  }
  const bool first = document_.connections.empty();
  const bool originating = served.phase == Phase::originating;
  Span& span = addSpan(served.phase, false);
  span.user = sip::addressOfRecord(served.uri);
  span.party(sideOf(span)) = span.user;
  if (first) {
    addParty(originating ? served.uri : message.from.uri, message.from.display, Role::originating, originating);
    addParty(originating ? message.uri : served.uri, originating ? message.to.display : served.name, Role::terminating,
             !originating);
    span.party(other(sideOf(span))) = document_.connections[originating ? 1 : 0].device;
  } else {
    joins(span, served, from);
  }
  if (first) say(EventType::originated, document_.connections.front().device);
  span.open(std::move(invite));
}

// Behind the leg by which the request left there is now this passage, and no party any more.
void Call::joins(Span& span, const ServedUser& served, const std::optional<Passed>& from) {
  const auto parent =
      std::find_if(spans_.begin(), spans_.end(), [&](const auto& s) { return from && s->number() == from->span; });
  const std::string reached = parent == spans_.end() ? "" : std::exchange((*parent)->party(from->leg), {});
  if (served.phase == Phase::originating) {
    span.party(Side::b) = reached;
    return;
  }
  // The called user turns out to be served: the entry that stood for the dialled number becomes this one.
  std::erase_if(document_.connections,
                [&](const auto& party) { return party.device == reached && !party.served && party.answered == 0; });
  addParty(served.uri, served.name, Role::terminating, true);
  divert(span);
}

void Call::make(const cc::MakeCall& request, const MadeCall& plan) {
  document_.request_id = request.request_id;
  addParty(plan.first, request.caller_name, Role::originating, true);
  addParty(plan.destination, plan.destination_name, Role::terminating, false);
  auto& span = addSpan(Phase::originating, true);
  span.user = document_.connections.front().device;
  span.party(Side::a) = span.user;
  span.party(Side::b) = document_.connections.back().device;
  say(EventType::serviceInitiated, span.user, Cause::normal, cc::Source::jackfield);
  span.make(plan);
}

void Call::enter(cc::Connection& party, ConnectionState state, Cause cause) {
  if (party.state == state) return;
  party.state = state;
  party.cause = cause;
  party.since = nowMs();
}

// The state that an answered party is in, from who holds.
void Call::settle(cc::Connection& party) {
  if (party.state == ConnectionState::null) return;
  const bool held = held_by_device_.contains(party.device) || held_by_jackfield_.contains(party.device);
  enter(party, held ? ConnectionState::held : ConnectionState::connected);
}

// The record of a ringing call holds what ends it; a passage that told no event of its own is added here.
void Call::spanProgress(Span& span, Side side, int status) {
  progress(span, side, status);
  if (ringing_on_disk_ != ringing()) send({});
}

std::size_t Call::ringing() const {
  return static_cast<std::size_t>(
      std::count_if(spans_.begin(), spans_.end(), [](const auto& span) { return span->ringing(); }));
}

void Call::progress(Span& span, Side side, int status) {
  if (span.made() && document_.connections.front().answered == 0 &&
      document_.connections.front().state != ConnectionState::connected) {
    // The first phone of a made call rings; it takes part only once it has answered.
    auto& party = document_.connections.front();
    if (status == 183 || party.state == ConnectionState::alerting) return;
    enter(party, ConnectionState::alerting);
    say(EventType::serviceInitiated, party.device);
    return;
  }
  auto* party = partyAt(span, side);
  if (!party || party->state != ConnectionState::initiated) return;
  if (status == 180) {
    enter(*party, ConnectionState::alerting);
    say(EventType::delivered, party->device);
  } else if (status == 182) {
    enter(*party, ConnectionState::queued);
    say(EventType::queued, party->device);
  } else if (status == 183 && !party->served) {
    say(EventType::networkReached, party->device);
  }
}

void Call::spanOriginated(Span& span) {
  if (command_ && command_->verb == Verb::answer) command_.reset();
  if (auto* party = find(span.user)) enter(*party, ConnectionState::connected);
  say(EventType::originated, span.user);
}

// With two passages the one nearer to the called party answers first; each tells of the party at its own end.
void Call::spanAnswered(Span& span) {
  if (command_ && command_->verb == Verb::answer) command_.reset();
  const auto now = nowMs();
  if (!document_.answered) document_.answered = now;
  std::string device;
  for (const Side side : {Side::a, Side::b}) {
    auto* party = partyAt(span, side);
    if (!party) continue;
    if (!party->answered) party->answered = now;
    settle(*party);
    device = party->device;
  }
  say(EventType::established, device);
}

bool Call::spanDeviceHold(Span& span, Side side, bool held) {
  auto* party = partyAt(span, side);
  if (!party || !party->answered || held_by_device_.contains(party->device) == held) return false;
  if (held)
    held_by_device_.insert(party->device);
  else
    held_by_device_.erase(party->device);
  settle(*party);
  say(held ? EventType::held : EventType::retrieved, party->device);
  return true;
}

void Call::spanChanged(Span&) {
  if (!over()) send({});
}

void Call::spanEnded(Span& span, Cause cause, cc::Source source) {
  std::vector<cc::Event> events;
  if (command_ && command_->device == span.user) command_.reset();
  const bool last = alive(spans_) == 0;
  std::string device = span.user;
  for (const Side side : {sideOf(span), other(sideOf(span))}) {
    auto* party = partyAt(span, side);
    if (!party || party->state == ConnectionState::null) continue;
    if (!span.answered() && failure(cause) && side == Side::b) {
      enter(*party, ConnectionState::failed, cause);
      events.push_back(event(EventType::failed, party->device, cause, source));
    }
    enter(*party, ConnectionState::null, cause);
    party->cause = cause;
  }
  if (last) {
    document_.ended = nowMs();
    for (auto& party : document_.connections) {
      if (party.state != ConnectionState::null) enter(party, ConnectionState::null, cause);
    }
  }
  events.push_back(event(EventType::connectionCleared, device, cause, source));
  send(std::move(events));
}

void Call::spanDrained(Span&) {
  const bool all = std::all_of(spans_.begin(), spans_.end(), [](const auto& span) { return span->idle(); });
  if (all) events_.callFinished(*this);
}

cc::Event Call::event(EventType type, const std::string& device, Cause cause, cc::Source source) const {
  cc::Event out;
  out.event = type;
  out.time = nowMs();
  out.device = device;
  out.cause = cause;
  out.source = source;
  out.call = document();
  return out;
}

cc::Event Call::snapshot() const {
  return event(EventType::snapshot, document_.connections.empty() ? "" : document_.connections.front().device,
               Cause::normal, cc::Source::jackfield);
}

void Call::say(EventType type, const std::string& device, Cause cause, cc::Source source) {
  send({event(type, device, cause, source)});
}

void Call::send(std::vector<cc::Event> events) {
  cc::EventMessage message;
  message.events = std::move(events);
  auto record = kept();
  if (!record.isNull() || on_disk_) {
    on_disk_ = !record.isNull();
    ringing_on_disk_ = ringing();
    message.keep["call/" + document_.id] = std::move(record);
  }
  if (!message.events.empty() || !message.keep.empty()) events_.callSays(std::move(message), *this);
}

}  // namespace jackfield::calls
