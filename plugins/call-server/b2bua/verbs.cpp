// SPDX-License-Identifier: Apache-2.0
// What can be done with a connection now, the commands themselves, and the stored form of a call.
#include <algorithm>

#include <jackfield/error.hpp>
#include <jackfield/json.hpp>

#include "call.hpp"

namespace jackfield::calls {

using cc::ConnectionState;

cc::Call Call::document() const {
  cc::Call out = document_;
  for (auto& party : out.connections) describeVerbs(party);
  return out;
}

void Call::describeVerbs(cc::Connection& party) const {
  using cc::Refusal;
  const auto refuse = [&](Refusal why, std::initializer_list<const char*> verbs) {
    for (const char* verb : verbs) party.refused.emplace(verb, why);
  };
  const auto* span = spanOf(party.device);
  if (party.state == ConnectionState::null || over()) {
    refuse(Refusal::ended, {"answer", "deflect", "hold", "retrieve", "transfer", "clear"});
    return;
  }
  if (!party.served || !span) {
    refuse(Refusal::notInPath, {"answer", "deflect", "hold", "retrieve", "transfer", "clear"});
    return;
  }
  party.verbs.emplace_back("clear");
  describeRinging(party, *span);
  const bool steady = !command_ && span->answered() && party.answered;
  if (steady) party.verbs.emplace_back("transfer");
  if (command_) {
    refuse(Refusal::underWay, {"hold", "retrieve", "transfer"});
  } else if (!steady) {
    refuse(Refusal::notAnswered, {"hold", "retrieve", "transfer"});
  } else if (held_by_jackfield_.contains(party.device)) {
    party.verbs.emplace_back("retrieve");
    refuse(Refusal::onHold, {"hold"});
  } else if (held_by_device_.contains(party.device)) {
    refuse(Refusal::heldByDevice, {"hold", "retrieve"});
  } else {
    party.verbs.emplace_back("hold");
    refuse(Refusal::notOnHold, {"retrieve"});
  }
}

// What can be done with a phone that rings.
void Call::describeRinging(cc::Connection& party, const Span& span) const {
  const auto refuse = [&](cc::Refusal why, std::initializer_list<const char*> verbs) {
    for (const char* verb : verbs) party.refused.emplace(verb, why);
  };
  if (party.answered || span.answered()) {
    refuse(cc::Refusal::answered, {"answer", "deflect"});
  } else if (!span.rings(sideOf(span))) {
    refuse(cc::Refusal::notRinging, {"answer", "deflect"});
  } else if (command_) {
    refuse(cc::Refusal::underWay, {"answer", "deflect"});
  } else {
    if (span.talks(sideOf(span)))
      party.verbs.emplace_back("answer");
    else
      refuse(cc::Refusal::deviceCannot, {"answer"});
    if (span.made())
      refuse(cc::Refusal::notRinging, {"deflect"});  // it rings for a call of its own
    else
      party.verbs.emplace_back("deflect");
  }
}

cc::Connection& Call::commandable(const std::string& device, const std::string& verb) {
  auto* party = find(device);
  if (!party)
    throw Error(Status::notFound, "sip.device.unknown", "call " + id() + " has no connection of " + device, "/device",
                device);
  cc::Connection described = *party;
  describeVerbs(described);
  if (std::find(described.verbs.begin(), described.verbs.end(), verb) == described.verbs.end())
    throw Error(Status::state, "sip.verb.refused", verb + " is not possible: " + nameOf(described.refused[verb]),
                "/device", device);
  return *party;
}

void Call::answer(const std::string& device) {
  auto& party = commandable(device, "answer");
  Span& span = *spanOf(device);
  command_ = std::make_unique<Command>(Command{party.device, Verb::answer, {}});
  span.answer(sideOf(span));
}

void Call::hold(const std::string& device) {
  auto& party = commandable(device, "hold");
  Span& span = *spanOf(device);
  command_ = std::make_unique<Command>(Command{party.device, Verb::hold, {}});
  span.hold(sideOf(span));
}

void Call::retrieve(const std::string& device) {
  auto& party = commandable(device, "retrieve");
  Span& span = *spanOf(device);
  command_ = std::make_unique<Command>(Command{party.device, Verb::retrieve, {}});
  span.retrieve(sideOf(span));
}

void Call::spanCommandDone(Span& span, bool done) {
  if (!command_) return;
  const Command command = *command_;
  command_.reset();
  auto* party = find(command.device);
  if (!party) return;
  if (!done) {
    exchange_.sink.warn("sip.command.failed", {{"call", id()}, {"verb", nameOf(command.verb)}});
    // What stood for the destination has not come to be.
    std::erase_if(document_.connections,
                  [&](const auto& to) { return to.device == command.destination && !to.served && !to.answered; });
    say(cc::EventType::snapshot, span.user, cc::Cause::refused, cc::Source::jackfield);
    return;
  }
  if (command.verb == Verb::hold)
    held_by_jackfield_.insert(party->device);
  else
    held_by_jackfield_.erase(party->device);
  settle(*party);
  say(command.verb == Verb::hold ? cc::EventType::held : cc::EventType::retrieved, party->device, cc::Cause::normal,
      cc::Source::jackfield);
}

void Call::clear(const std::string& device) {
  if (!device.empty()) commandable(device, "clear");
  for (Span* span : presentSpans()) {
    if (span->ended() || (!device.empty() && span->user != device)) continue;
    const bool caller = sideOf(*span) == Side::a;
    const auto cause = span->answered() ? cc::Cause::normal : caller ? cc::Cause::cancelled : cc::Cause::refused;
    span->clear(sideOf(*span), cause, cc::Source::jackfield);
    if (!device.empty()) return;
  }
}

JsonText Call::kept() const {
  KeptCall out;
  for (const auto& span : spans_) {
    if (!span->ended() && span->answered()) out.spans.push_back(span->kept());
    if (span->ringing()) out.ringing.push_back(span->keptRinging());
  }
  if (out.spans.empty() && out.ringing.empty()) return {};
  out.call = document_;
  out.held_by_device.assign(held_by_device_.begin(), held_by_device_.end());
  out.held_by_jackfield.assign(held_by_jackfield_.begin(), held_by_jackfield_.end());
  return {toJsonText(out)};
}

void Call::restore(const KeptCall& kept) {
  document_ = kept.call;
  on_disk_ = true;
  held_by_device_.insert(kept.held_by_device.begin(), kept.held_by_device.end());
  held_by_jackfield_.insert(kept.held_by_jackfield.begin(), kept.held_by_jackfield.end());
  for (const auto& from : kept.spans) {
    addSpan(from.phase == "terminating" ? Phase::terminating : Phase::originating, from.phase == "made")
        .restore(from, held_by_jackfield_.contains(from.user));
  }
  for (auto& party : document_.connections) {
    if (party.state != ConnectionState::null) party.confirmed = false;
  }
}

void Call::silence() const {
  for (const auto& span : spans_)
    if (span->ringing()) Span::endRinging(exchange_.agent, span->keptRinging());
}

void Call::probe() {
  auto waiting = std::make_shared<std::size_t>(0);
  for (Span* span : presentSpans()) {
    if (span->ended() || !span->answered()) continue;
    ++*waiting;
    span->probe([this, waiting] {
      if (--*waiting > 0 || over()) return;
      const bool news = std::any_of(document_.connections.begin(), document_.connections.end(),
                                    [](const auto& party) { return !party.confirmed; });
      for (auto& party : document_.connections) party.confirmed = true;
      if (news)
        say(cc::EventType::snapshot, document_.connections.front().device, cc::Cause::normal, cc::Source::jackfield);
    });
  }
}

}  // namespace jackfield::calls
