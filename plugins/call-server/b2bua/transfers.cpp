// SPDX-License-Identifier: Apache-2.0
// What a transfer means for the parties of calls: by a command, or by a phone's own key (REFER).
#include <algorithm>

#include <jackfield/error.hpp>

#include "call.hpp"

namespace jackfield::calls {

using cc::ConnectionState;

void Call::expectOutside(const std::string& device) const {
  for (const auto& party : document_.connections) {
    if (party.device == device && party.state != ConnectionState::null)
      throw Error(Status::invalid, "sip.number.self", "to: " + party.number + " takes part in the call", "/to", device);
  }
}

// The other party is called on: a connection of its own from now, told of once it rings.
void Call::transfer(const std::string& device, const std::string& destination) {
  auto& party = commandable(device, "transfer");
  const std::string to = sip::addressOfRecord(destination);
  expectOutside(to);
  Span& span = *spanOf(device);
  MadeCall plan;
  plan.first = party.device;
  plan.destination = destination;
  plan.caller = party.device;
  for (const auto& stays : document_.connections) {
    if (stays.device == party.device || stays.state == ConnectionState::null) continue;
    plan.caller = stays.device;
    plan.caller_name = stays.name;
    break;
  }
  command_ = std::make_unique<Command>(Command{party.device, Verb::transfer, to});
  std::erase_if(document_.connections, [&](const auto& left) { return left.device == to; });
  addParty(destination, {}, cc::Role::terminating, false);
  span.transfer(sideOf(span), plan);
}

void Call::spanReleased(Span&, const std::string& device) {
  command_.reset();
  held_by_device_.erase(device);
  held_by_jackfield_.erase(device);
  if (auto* party = find(device)) enter(*party, ConnectionState::null, cc::Cause::redirected);
  say(cc::EventType::transferred, device, cc::Cause::normal, cc::Source::jackfield);
}

void Call::deflect(const std::string& device, const std::string& destination) {
  auto& party = commandable(device, "deflect");
  const std::string to = sip::addressOfRecord(destination), from = party.device;
  expectOutside(to);
  Span& span = *spanOf(device);
  MadeCall plan;
  plan.first = from;
  plan.destination = destination;
  enter(party, ConnectionState::null, cc::Cause::redirected);
  std::erase_if(document_.connections, [&](const auto& left) { return left.device == to; });
  addParty(destination, {}, cc::Role::terminating, false);
  say(cc::EventType::diverted, from, cc::Cause::redirected, cc::Source::jackfield);
  span.deflect(plan);
}

void Call::transferTo(const std::string& device, Call& another) {
  if (&another == this)
    throw Error(Status::invalid, "sip.transfer.same", "otherCall: is the call itself", "/otherCall", id());
  const std::string leaves = commandable(device, "transfer").device;
  another.commandable(device, "transfer");
  Span& ours = *spanOf(leaves);
  Span& theirs = *another.spanOf(leaves);
  if (!ours.exchange(sideOf(ours), theirs, sideOf(theirs)))
    throw Error(Status::state, "sip.verb.refused", "transfer is not possible: a phone is changing its session",
                "/device", device);
  adopt(another, leaves);
  ours.reported(200, "OK");
  say(cc::EventType::transferred, leaves, cc::Cause::normal, cc::Source::jackfield);
  another.leave(theirs);
  ours.connect(sideOf(ours));
}

// All parties and passages of the other call but what belongs to the device that leaves.
void Call::adopt(Call& another, const std::string& device) {
  held_by_device_.erase(device);
  held_by_jackfield_.erase(device);
  if (auto* party = find(device)) enter(*party, ConnectionState::null, cc::Cause::redirected);
  for (auto& party : another.document_.connections) {
    if (party.device == device || party.state == ConnectionState::null) continue;
    std::erase_if(document_.connections, [&](const auto& left) { return left.device == party.device; });
    document_.connections.push_back(party);
    if (another.held_by_device_.contains(party.device)) held_by_device_.insert(party.device);
    if (another.held_by_jackfield_.contains(party.device)) held_by_jackfield_.insert(party.device);
  }
  for (auto& span : another.spans_) {
    if (span->user == device || span->ended()) continue;
    span->move(*this, {document_.id, ++last_span_});
    spans_.push_back(std::move(span));
  }
  std::erase(another.spans_, nullptr);
}

// What is left of a call whose parties have gone on in another one: both legs of who has joined them.
void Call::leave(Span& last) {
  for (auto& party : document_.connections) enter(party, ConnectionState::null, cc::Cause::redirected);
  last.clear(sideOf(last), cc::Cause::redirected, cc::Source::jackfield);
}

std::string Call::userOf(const Replaces& dialog) const {
  for (const auto& span : spans_) {
    if (!span->user.empty() && span->is(sideOf(*span), dialog)) return span->user;
  }
  return {};
}

bool Call::spanRefers(Span& span, std::shared_ptr<sip::Inbound> refer) {
  const auto& message = refer->request();
  const auto header = std::find_if(message.headers.begin(), message.headers.end(),
                                   [](const auto& one) { return one.name == "Refer-To"; });
  const auto target = header == message.headers.end() ? std::nullopt : parseReferTo(header->value);
  if (!target) {
    refer->reply(400, "Refer-To Missing Or Malformed");
    return true;
  }
  const std::string user = span.user;
  const auto [another, its_user] =
      target->replaces ? events_.callOf(*target->replaces) : std::pair<Call*, std::string>();
  if (target->replaces && (!another || another == this || its_user != user)) return false;  // a dialog of others
  try {
    commandable(user, "transfer");
    if (another) another->commandable(user, "transfer");
  } catch (const Error&) {
    refer->reply(491);  // the phone may try again in a moment
    return true;
  }
  refer->reply(202);
  span.report(sideOf(span));
  try {
    if (another)
      transferTo(user, *another);
    else
      transfer(user, target->uri);
  } catch (const Error& refused) {
    span.reported(403, refused.what());
  }
  return true;
}

}  // namespace jackfield::calls
