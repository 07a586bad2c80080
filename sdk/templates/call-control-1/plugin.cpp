// SPDX-License-Identifier: Apache-2.0
// Commands in, events out. A command is answered when it is accepted; that it happened is said by an event.
#include "plugin.hpp"

#include <algorithm>
#include <chrono>

namespace sample_pbx {

using cc::ConnectionState;
using cc::EventType;
using jackfield::Error;
using jackfield::Status;
namespace server = jackfield::server;

namespace {

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string numberOf(const std::string& device) {
  const auto begin = device.find(':') == std::string::npos ? 0 : device.find(':') + 1;
  return device.substr(begin, device.find('@') - begin);
}

}  // namespace

SamplePbx::SamplePbx() {
  on<cc::MakeCall>("call-control/1.makeCall", [this](const cc::MakeCall& r) { return makeCall(r); });
  on<cc::CallCommand>("call-control/1.holdCall", [this](const cc::CallCommand& c) { return hold(c, true); });
  on<cc::CallCommand>("call-control/1.retrieveCall", [this](const cc::CallCommand& c) { return hold(c, false); });
  on<cc::CallCommand>("call-control/1.clearConnection", [this](const cc::CallCommand& c) { return clear(c); });
  on<cc::CallCommand>("call-control/1.clearCall", [this](const cc::CallCommand& c) { return clear(c); });
  on<cc::CallCommand>("call-control/1.snapshotCall", [this](const cc::CallCommand& c) { return find(c.call); });
  on<boost::json::object>("server/1.test", [this](const boost::json::object&) { return test(); });
}

void SamplePbx::configure() {
  // What the schema in plugin.json cannot say. No I/O here.
  if (settings().host == "0.0.0.0")
    throw Error(Status::invalid, "samplePbx.host", "host: 0.0.0.0 is no server's address", "/host", settings().host);
}

void SamplePbx::start() {
  // Far server: begin to connect here and say "connected" when it answers, "disconnected" with a reason when not.
  emit("server/1.state", server::State{server::LinkState::connected, ""});
  emit("call-control/1.resync", cc::Resync{});
  log().info("samplePbx.connected", {{"host", settings().host}});
}

void SamplePbx::stop() {
  calls_.clear();
}

void SamplePbx::writable() {
  cc::Resync all;
  for (const auto& [id, call] : calls_) all.calls.push_back(call);
  emit("call-control/1.resync", all);
}

server::TestResult SamplePbx::test() const {
  // Far server: one finding for each thing that you look at (reachability, TLS name, credentials).
  return {{{server::Severity::info, "samplePbx.answers", "reachability", settings().host + " answers"}}};
}

cc::Accepted SamplePbx::makeCall(const cc::MakeCall& request) {
  if (request.from.empty() || request.to.empty())
    throw Error(Status::invalid, "samplePbx.party", "from and to must not be empty",
                request.from.empty() ? "/from" : "/to");
  for (const auto& [id, call] : calls_)
    if (!request.request_id.empty() && call.request_id == request.request_id) return {id};
  const std::string id = std::to_string(now()) + "-" + std::to_string(++last_call_);
  cc::Call& call = calls_[id];
  call.id = id;
  call.request_id = request.request_id;
  call.created = now();
  for (const auto& [device, role] :
       {std::pair{request.from, cc::Role::originating}, {request.to, cc::Role::terminating}}) {
    cc::Connection party;
    party.device = device;
    party.number = numberOf(device);
    party.role = role;
    party.served = true;
    party.state = ConnectionState::alerting;
    party.since = call.created;
    call.connections.push_back(party);
  }
  // Far server: ask it to ring `from` and then to call `to`.
  timers().after(std::chrono::milliseconds(0), [this, id] {
    if (const auto found = calls_.find(id); found != calls_.end())
      say(EventType::delivered, found->second, found->second.connections.back().device);
  });
  timers().after(std::chrono::milliseconds(settings().answer_ms), [this, id] { answer(id); });
  return {id};
}

void SamplePbx::answer(const std::string& id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  cc::Call& call = found->second;
  call.answered = now();
  for (auto& party : call.connections) {
    party.answered = call.answered;
    become(call, party, ConnectionState::connected, EventType::established);
  }
}

cc::Accepted SamplePbx::hold(const cc::CallCommand& command, bool held) {
  cc::Call& call = find(command.call);
  cc::Connection& party = find(call, command.device, held ? "hold" : "retrieve");
  become(call, party, held ? ConnectionState::held : ConnectionState::connected,
         held ? EventType::held : EventType::retrieved);
  return {call.id};
}

cc::Accepted SamplePbx::clear(const cc::CallCommand& command) {
  cc::Call& call = find(command.call);
  if (!command.device.empty()) find(call, command.device, "clear");
  end(call);
  return {command.call};
}

void SamplePbx::end(cc::Call& call) {
  for (auto& party : call.connections) {
    if (&party == &call.connections.back()) call.ended = now();
    become(call, party, ConnectionState::null, EventType::connectionCleared);
  }
  calls_.erase(call.id);
}

cc::Call& SamplePbx::find(const std::string& id) {
  const auto found = calls_.find(id);
  if (found == calls_.end())
    throw Error(Status::notFound, "samplePbx.call.unknown", "there is no call " + id, "/call", id);
  describeVerbs(found->second);
  return found->second;
}

cc::Connection& SamplePbx::find(cc::Call& call, const std::string& device, std::string_view verb) {
  for (auto& party : call.connections) {
    if (party.device != device) continue;
    if (std::find(party.verbs.begin(), party.verbs.end(), verb) != party.verbs.end()) return party;
    const std::string name(verb);
    throw Error(Status::state, "samplePbx.verb.refused",
                name + " is not possible: " + jackfield::nameOf(party.refused[name]), "/device", device);
  }
  throw Error(Status::notFound, "samplePbx.device.unknown", "the call has no connection of " + device, "/device",
              device);
}

void SamplePbx::become(cc::Call& call, cc::Connection& party, ConnectionState state, EventType event) {
  party.state = state;
  party.since = now();
  say(event, call, party.device);
}

// Which verbs are possible now, and why the others are not.
void SamplePbx::describeVerbs(cc::Call& call) {
  for (auto& party : call.connections) {
    party.verbs.clear();
    party.refused.clear();
    const auto offer = [&](const char* verb, bool possible, cc::Refusal otherwise) {
      if (possible)
        party.verbs.emplace_back(verb);
      else
        party.refused[verb] = otherwise;
    };
    offer("clear", party.state != ConnectionState::null, cc::Refusal::ended);
    offer("hold", party.state == ConnectionState::connected, cc::Refusal::notAnswered);
    offer("retrieve", party.state == ConnectionState::held, cc::Refusal::notOnHold);
  }
}

void SamplePbx::say(EventType type, const cc::Call& call, const std::string& device) {
  cc::Event event;
  event.event = type;
  event.time = now();
  event.device = device;
  event.call = call;
  describeVerbs(event.call);
  emit("call-control/1.event", cc::EventMessage{{event}, {}});  // a full queue: writable() sends all calls
}

}  // namespace sample_pbx
