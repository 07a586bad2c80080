// SPDX-License-Identifier: Apache-2.0
// The call book's traffic: what drivers tell goes into one durable batch with all that follows from it, then to the
// parties; what parties ask goes to the driver. The events of one server come on one thread, so that no two threads
// ever change the same call.
#include "services/calls.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include <jackfield/json.hpp>

#include "capabilities/call_control.hpp"
#include "kernel/base/log.hpp"
#include "kernel/base/message_catalogue.hpp"
#include "model/problem.hpp"
#include "services/answered_commands.hpp"
#include "services/call_book.hpp"
#include "services/call_people.hpp"
#include "services/context.hpp"
#include "services/counters.hpp"
#include "services/dial_plans.hpp"
#include "services/events.hpp"
#include "services/resync_progress.hpp"
#include "services/tokens.hpp"
#include "store/journal.hpp"
#include "store/people.hpp"

namespace jackfield::services {
namespace {

using call_control::Cause;
using call_control::ConnectionState;
using call_control::Event;
using call_control::EventType;
using call_control::Refusal;
using call_control::Source;
using model::Permission;
using model::Principal;
using model::Problem;
using Kind = Problem::Kind;

constexpr std::size_t longest_destination = 256;
constexpr std::size_t longest_request_id = 64;
constexpr std::chrono::milliseconds disk_pause{20};

const kernel::Log& log() {
  static const kernel::Log log("services.calls");
  return log;
}

Problem wrongField(const std::string& code, const std::string& pointer, const std::string& value,
                   const std::string& rule) {
  return Problem(Kind::invalid, code, pointer.substr(1) + ": " + value.substr(0, 80) + " is not " + rule,
                 {{pointer, value.substr(0, 80), rule}});
}

std::string requestId(const std::optional<std::string>& given) {
  if (!given) return randomId();
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
  };
  if (given->empty() || given->size() > longest_request_id || !std::all_of(given->begin(), given->end(), allowed))
    throw wrongField("call.requestId", "/requestId", *given, "1 to 64 letters, digits, '.', '_' or '-'");
  return *given;
}

// What a person may dial: digits with the usual punctuation, or a SIP or tel URI. The driver knows the rest.
bool isDestination(const std::string& to) {
  const auto uri = to.starts_with("sip:") || to.starts_with("sips:") || to.starts_with("tel:");
  const auto allowed = [uri](char c) {
    const auto code = static_cast<unsigned char>(c);
    if (uri) return code > 0x20 && code < 0x7f && c != '<' && c != '>' && c != '"';
    return (c >= '0' && c <= '9') || std::string_view("+*# ()./-").find(c) != std::string_view::npos;
  };
  const auto speaks = [](char c) { return (c >= '0' && c <= '9') || c == '*' || c == '#'; };
  return !to.empty() && to.size() <= longest_destination && std::all_of(to.begin(), to.end(), allowed) &&
         (uri || std::any_of(to.begin(), to.end(), speaks));
}

Problem serverDown(const std::string& server) {
  return Problem(Kind::unavailable, "call.serverDown",
                 "The call server " + server + " cannot be asked now. Try again when it is connected.");
}

// The message that explains it.
std::string codeOf(Refusal why) {
  switch (why) {
    case Refusal::ended:
      return "call.verb.ended";
    case Refusal::notInPath:
      return "call.verb.notInPath";
    case Refusal::notOffered:
      return "call.verb.notOffered";
    case Refusal::underWay:
      return "call.verb.underWay";
    case Refusal::notAnswered:
      return "call.verb.notAnswered";
    case Refusal::answered:
      return "call.verb.answered";
    case Refusal::notRinging:
      return "call.verb.notRinging";
    case Refusal::deviceCannot:
      return "call.verb.deviceCannot";
    case Refusal::onHold:
      return "call.verb.onHold";
    case Refusal::heldByDevice:
      return "call.verb.heldByDevice";
    case Refusal::notOnHold:
      return "call.verb.notOnHold";
  }
  return "call.verb";
}

}  // namespace

struct Calls::Impl {
  explicit Impl(const Context& ground) : context(ground), driver(ground.plugins, ground.limits.command_timeout) {}

  const Context context;
  const capabilities::CallControl driver;
  CallBook book;
  ResyncProgress resyncs;
  AnsweredCommands answered;
  std::atomic<bool> stopping{false};

  std::int64_t now() const { return context.clock(); }

  CallBook::Entry described(const std::string& server, const call_control::Call& call) const {
    return describeCall(context.people, context.dial_plans.of(server).get(), server, call);
  }

  // What the host was sure of before it stopped is an assumption until the driver speaks.
  void load() {
    for (const auto& live : context.journal.liveCalls()) {
      try {
        const auto call = fromJson<call_control::Call>(parseJson(live.body), Unknown::ignore);
        book.put(described(live.server, unconfirmedCall(call)));
      } catch (const Error& error) {
        log().error("call.unreadable", {{"server", live.server}, {"call", live.call}, {"reason", error.what()}});
      }
    }
  }

  // Adds what one event changes to the batch, and to the book.
  void apply(const std::string& server, const Event& event, store::JournalBatch& batch) {
    const auto& id = event.call.id;
    if (book.ended(server, id)) return;
    context.counters.call_events.add();
    const auto before = book.find(server, id);
    const auto after = described(server, event.call);
    auto rows = rowsOf(context.people, before.get(), *after);
    // Whoever leaves by this event learns it too; who left before learns nothing of the end.
    auto audience = before && event.call.ended > 0 ? std::vector<std::string>() : after->audience;
    if (before) audience.insert(audience.end(), before->audience.begin(), before->audience.end());
    std::sort(audience.begin(), audience.end());
    audience.erase(std::unique(audience.begin(), audience.end()), audience.end());
    const CallEventView view{event.event, event.device, event.cause, event.source, event.confirmed, after->view};
    // An empty audience would mean the administrators: a call of nobody we serve is told to nobody.
    if (!audience.empty()) batch.events.push_back({"call", toJsonText(view), std::move(audience)});
    for (auto& row : rows) {
      row.id = context.journal.newLogId();
      batch.events.push_back({"contactLog", toJsonText(row), {row.user_id}});
      batch.contact_log.push_back(std::move(row));
    }
    if (event.call.ended > 0) {
      context.counters.calls_ended.add();
      batch.live_calls.push_back({server, id, {}});
      book.end(server, id);
    } else {
      batch.live_calls.push_back({server, id, toJsonText(event.call)});
      book.put(after);
    }
  }

  // A disk that takes nothing holds the driver up instead of losing what it said: its queue fills, and it knows.
  void commit(store::JournalBatch batch) {
    if (batch.events.empty() && batch.keep.empty() && batch.live_calls.empty()) return;
    while (!stopping) {
      try {
        auto copy = batch;
        context.journal.append(std::move(copy),
                               [&events = context.events](auto stored, auto) { events.publish(stored); });
        return;
      } catch (const Problem& problem) {
        log().error("call.waitsForDisk", {{"server", batch.server}, {"reason", problem.what()}});
        std::this_thread::sleep_for(disk_pause);
      }
    }
  }

  void lose(const std::string& server, const LiveCallEntry& entry, store::JournalBatch& batch) {
    Event event;
    event.event = EventType::connectionCleared;
    event.time = now();
    event.device = entry.call.connections.empty() ? std::string() : entry.call.connections.front().device;
    event.cause = Cause::lost;
    event.source = Source::jackfield;
    event.confirmed = false;
    event.call = lostCall(entry.call, event.time);
    context.counters.calls_lost.add();
    apply(server, event, batch);
  }

  CallBook::Entry own(const Principal& principal, const std::string& call) const {
    if (auto entry = book.ofUser(principal.user_id, call)) return entry;
    throw Problem(Kind::notFound, "call.unknown", "call: you take part in no such call; it may have ended");
  }

  // The connection of the asking user; the live one when there are several.
  static const ConnectionView& ownConnection(const LiveCallEntry& entry, const Principal& principal) {
    const ConnectionView* found = nullptr;
    for (const auto& connection : entry.view.connections) {
      if (!connection.served || !connection.user || connection.user->id != principal.user_id) continue;
      if (!found || found->state == ConnectionState::null) found = &connection;
    }
    if (found) return *found;
    throw Problem(Kind::notFound, "call.unknown", "call: you take part in no such call; it may have ended");
  }

  // Sends a command unless this user's request id was accepted before: then the answer is the same.
  template <class Ask>
  CommandView once(const Principal& principal, const std::optional<std::string>& given, const Ask& ask) {
    const std::string id = requestId(given);
    const std::string scoped = scopedRequestId(principal.user_id, id);
    context.counters.commands.add();
    try {
      if (const auto known = answered.find(scoped)) return {*known, id};
      const std::string call = ask(scoped);
      answered.remember(scoped, call);
      return {call, id};
    } catch (const Problem&) {
      context.counters.commands_refused.add();
      throw;
    }
  }

  template <class Ask>
  CommandView command(const Principal& principal, const std::string& call, const std::optional<std::string>& request_id,
                      const std::string& verb, const Ask& ask) {
    principal.require(Permission::ownCalls);
    return once(principal, request_id, [&](const std::string& scoped) {
      const auto entry = own(principal, call);
      const auto& connection = ownConnection(*entry, principal);
      requireVerb(connection, verb);
      const call_control::CallCommand command{scoped, call, connection.device};
      return accepted(entry->server, [&] { return ask(entry->server, command); });
    });
  }

  void requireVerb(const ConnectionView& connection, const std::string& verb) const {
    if (std::find(connection.verbs.begin(), connection.verbs.end(), verb) != connection.verbs.end()) return;
    const auto why = connection.refused.find(verb);
    throw Problem(Kind::conflict, "call.verb",
                  kernel::MessageCatalogue::instance().sentence(
                      why == connection.refused.end() ? "call.verb" : codeOf(why->second), {}));
  }

  template <class Ask>
  std::string accepted(const std::string& server, const Ask& ask) const {
    try {
      return ask().call;
    } catch (const Problem& problem) {
      if (problem.kind() == Kind::timeout)
        throw Problem(Kind::timeout, "call.timeout",
                      "The call server " + server +
                          " has not answered in time. Look whether it has happened before you try again.");
      if (problem.kind() == Kind::unavailable) throw serverDown(server);
      if (problem.kind() == Kind::internal || problem.kind() == Kind::unauthenticated)
        throw Problem(Kind::conflict, "call.refused", "The call server refused: " + std::string(problem.what()));
      throw;
    }
  }

  // As the call server dials it.
  std::string dialled(const std::string& server, const std::string& number) const {
    const auto conversion = context.dial_plans.of(server);
    return conversion ? conversion->dialable(number) : number;
  }
  std::string destination(const std::string& server, const std::string& to) const {
    return dialled(server, numberOf(to));
  }

  // A number, a URI, or the id of a directory entry: then its extension, else its first number.
  std::string numberOf(const std::string& to) const {
    if (isDestination(to)) return to;
    const std::string rule = "a number, a SIP URI or the id of a directory entry that has a number";
    const auto person = to.size() <= longest_destination ? context.people.person(to) : std::nullopt;
    if (!person) throw wrongField("call.to", "/to", to, rule);
    const auto user = context.people.user(person->id);
    std::string extension = user && !user->extension.empty() ? user->extension : person->extension;
    if (!extension.empty()) return extension;
    for (const auto& number : person->numbers)
      if (isDestination(number.value)) return number.value;
    throw wrongField("call.to", "/to", person->name, rule);
  }
};

Calls::Calls(const Context& context) : impl_(std::make_unique<Impl>(context)) {
  impl_->load();
}
Calls::~Calls() = default;

CallsView Calls::mine(const Principal& principal) const {
  principal.require(Permission::ownCalls);
  CallsView view;
  // The cursor first: what happens in between comes twice rather than never, and an event replaces its whole call.
  view.cursor = impl_->context.events.cursor();
  for (const auto& entry : impl_->book.ofUser(principal.user_id)) view.calls.push_back(entry->view);
  return view;
}

CallView Calls::get(const Principal& principal, const std::string& call) const {
  principal.require(Permission::ownCalls);
  return impl_->own(principal, call)->view;
}

CommandView Calls::make(const Principal& principal, const MakeCallInput& input) {
  principal.require(Permission::ownCalls);
  return impl_->once(principal, input.request_id, [&](const std::string& scoped) {
    const std::string number = impl_->numberOf(input.to);
    const auto user = impl_->context.people.user(principal.user_id);
    if (!user || !user->enabled || user->telephony_server.empty() || user->extension.empty())
      throw Problem(
          Kind::conflict, "call.noPhone",
          "You have no phone in Jackfield yet. An administrator gives you a telephony server and an extension.");
    const std::string to = impl_->dialled(user->telephony_server, number);
    const call_control::MakeCall make{scoped, user->extension, to, user->extension, user->person.name};
    return impl_->accepted(user->telephony_server,
                           [&] { return impl_->driver.makeCall(user->telephony_server, make); });
  });
}

CommandView Calls::answer(const Principal& principal, const std::string& call, const CommandInput& input) {
  return impl_->command(principal, call, input.request_id, "answer",
                        [&](const auto& server, const auto& what) { return impl_->driver.answerCall(server, what); });
}

CommandView Calls::hold(const Principal& principal, const std::string& call, const CommandInput& input) {
  return impl_->command(principal, call, input.request_id, "hold",
                        [&](const auto& server, const auto& what) { return impl_->driver.holdCall(server, what); });
}

CommandView Calls::retrieve(const Principal& principal, const std::string& call, const CommandInput& input) {
  return impl_->command(principal, call, input.request_id, "retrieve",
                        [&](const auto& server, const auto& what) { return impl_->driver.retrieveCall(server, what); });
}

CommandView Calls::drop(const Principal& principal, const std::string& call, const CommandInput& input) {
  return impl_->command(principal, call, input.request_id, "clear", [&](const auto& server, const auto& what) {
    return impl_->driver.clearConnection(server, what);
  });
}

CommandView Calls::deflect(const Principal& principal, const std::string& call, const DeflectInput& input) {
  return impl_->command(principal, call, input.request_id, "deflect", [&](const auto& server, const auto& what) {
    return impl_->driver.deflectCall(server,
                                     {what.request_id, what.call, what.device, impl_->destination(server, input.to)});
  });
}

CommandView Calls::transfer(const Principal& principal, const std::string& call, const TransferInput& input) {
  if (input.to.has_value() == input.other_call.has_value())
    throw wrongField("call.transfer", "/to", input.to.value_or(""), "needed, or otherCall, and only one of both");
  return impl_->command(principal, call, input.request_id, "transfer", [&](const auto& server, const auto& what) {
    if (input.to)
      return impl_->driver.singleStepTransferCall(
          server, {what.request_id, what.call, what.device, impl_->destination(server, *input.to)});
    const auto other = impl_->own(principal, *input.other_call);
    impl_->requireVerb(impl_->ownConnection(*other, principal), "transfer");
    return impl_->driver.transferCall(server, {what.request_id, what.call, what.device, other->call.id});
  });
}

void Calls::onEvents(const std::string& server, const call_control::EventMessage& message) {
  store::JournalBatch batch;
  batch.server = server;
  for (const auto& event : message.events) {
    impl_->resyncs.named(server, event.call.id);
    impl_->apply(server, event, batch);
  }
  for (const auto& [key, value] : message.keep)
    batch.keep[key] = value.isNull() ? std::nullopt : std::optional(value.text);
  impl_->commit(std::move(batch));
}

void Calls::onResync(const std::string& server, const call_control::Resync& resync) {
  store::JournalBatch batch;
  batch.server = server;
  impl_->resyncs.part(server, resync);
  for (const auto& call : resync.calls) {
    const auto before = impl_->book.find(server, call.id);
    if (before && toJsonText(before->call) == toJsonText(call)) continue;
    Event event;
    event.time = impl_->now();
    event.source = Source::server;
    event.call = call;
    impl_->apply(server, event, batch);
  }
  if (const auto known = resync.more ? std::nullopt : impl_->resyncs.finish(server)) {
    for (const auto& entry : impl_->book.ofServer(server))
      if (!known->contains(entry->call.id)) impl_->lose(server, *entry, batch);
  }
  impl_->commit(std::move(batch));
}

void Calls::onLinkLost(const std::string& server) {
  store::JournalBatch batch;
  batch.server = server;
  for (const auto& entry : impl_->book.ofServer(server)) {
    const auto call = unconfirmedCall(entry->call);
    if (toJsonText(call) == toJsonText(entry->call)) continue;
    Event event;
    event.time = impl_->now();
    event.source = Source::jackfield;
    event.confirmed = false;
    event.call = call;
    impl_->apply(server, event, batch);
  }
  impl_->commit(std::move(batch));
}

void Calls::onRemoved(const std::string& server) {
  onResync(server, {});
}

void Calls::stop() {
  impl_->stopping = true;
}

std::size_t Calls::liveCount() const {
  return impl_->book.size();
}

}  // namespace jackfield::services
