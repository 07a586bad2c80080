// SPDX-License-Identifier: Apache-2.0
// Requests and commands to their calls; events to the host; calls back from the disk.
#include "switchboard.hpp"

#include <algorithm>

#include <jackfield/error.hpp>
#include <jackfield/json.hpp>

namespace jackfield::calls {
namespace {

constexpr std::size_t most_requests = 4096;      // remembered for idempotence
constexpr std::size_t longest_uri = 1000;        // of a party; events carry it several times
constexpr std::size_t part_octets = 128 * 1024;  // of a resync
constexpr std::size_t probes_a_turn = 10;
constexpr std::string_view key_prefix = "call/";

const std::vector<sip::Header>& allowed() {
  static const std::vector<sip::Header> header = {{"Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS"}};
  return header;
}

}  // namespace

Switchboard::Switchboard(sip::Agent& agent, Rules rules, Sink sink, std::function<Target()> outbound,
                         std::function<bool()> link_up)
    : exchange_{agent, std::move(rules), std::move(sink), std::move(outbound), std::move(link_up)} {}

void Switchboard::close() {
  open_ = false;
  for (const auto& [id, call] : calls_) call->silence();
}

void Switchboard::receive(std::shared_ptr<sip::Inbound> inbound) {
  const auto& message = inbound->request();
  if (!open_) {
    inbound->reply(503, "Not Ready", {{{"Retry-After", "5"}}, {}, {}});
  } else if (message.method == "OPTIONS") {
    inbound->reply(200, {}, {allowed(), {}, {}});
  } else if (message.method == "INVITE") {
    invited(std::move(inbound));
  } else {
    inbound->reply(405, {}, {allowed(), {}, {}});
  }
}

void Switchboard::invited(std::shared_ptr<sip::Inbound> inbound) {
  const auto& message = inbound->request();
  if (!exchange_.rules.trusted.trusts(message.source)) {
    exchange_.sink.warn("sip.peer.untrusted", {{"peer", message.source.host}});
    inbound->reply(403, "Not A Trusted Peer");
    return;
  }
  const auto served = parseServedUser(message.served_user);
  if (!served) {
    inbound->reply(403, message.served_user.empty() ? "P-Served-User Missing" : "P-Served-User Malformed");
    return;
  }
  if (std::max({message.uri.size(), message.from.uri.size(), served->uri.size()}) > longest_uri) {
    inbound->reply(414, "Address Too Long");
    return;
  }
  if (message.max_forwards < 1) {
    inbound->reply(483);
    return;
  }
  if (calls_.size() >= exchange_.rules.max_calls) {
    exchange_.sink.warn("sip.calls.limit", {{"limit", std::to_string(exchange_.rules.max_calls)}});
    inbound->reply(503, "Too Many Calls", {{{"Retry-After", "10"}}, {}, {}});
    return;
  }
  const auto known = exchange_.correlation.verify(message.correlation);
  const auto found = known ? calls_.find(known->call) : calls_.end();
  Call& call = found != calls_.end() && !found->second->over() ? *found->second : add(newCallId());
  try {
    call.pass(inbound, *served, known);
  } catch (const Error& failed) {
    // Not the passage of a call but a request that no dialog can be made of.
    if (!inbound->answered()) inbound->reply(400, failed.what());
    call.clear({});
    callFinished(call);
  }
}

Call& Switchboard::add(const std::string& id) {
  auto& slot = calls_[id];
  slot = std::make_unique<Call>(exchange_, *this, id);
  return *slot;
}

Call& Switchboard::get(const std::string& id) {
  const auto found = calls_.find(id);
  if (found == calls_.end() || found->second->over())
    throw Error(Status::notFound, "sip.call.unknown", "there is no call " + id + ", or it has ended", "/call", id);
  return *found->second;
}

void Switchboard::remember(const std::string& request_id, const std::string& call) {
  if (request_id.empty() || !requests_.emplace(request_id, call).second) return;
  request_order_.push_back(request_id);
  if (request_order_.size() <= most_requests) return;
  requests_.erase(request_order_.front());
  request_order_.pop_front();
}

// What a person dialled as a URI. A URI stays, of a number the marks that people write go.
std::string Switchboard::dialled(const std::string& number, const std::string& field) const {
  const bool uri = number.starts_with("sip:") || number.starts_with("sips:");
  std::string out;
  for (const char c : number) {
    if (!uri && std::string_view(" ()-/.").find(c) != std::string_view::npos &&
        out.find_first_not_of("+*#0123456789") == std::string::npos)
      continue;
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) ||
                      std::string_view(uri ? "+*#-._~@:;=[]!%" : "+*#-._~").find(c) != std::string_view::npos;
    if (!fits || out.size() > 200)
      throw Error(Status::invalid, "sip.number.invalid",
                  field.substr(1) + ": \"" + sip::headerSafe(number.substr(0, 80)) +
                      "\" is neither a number (digits, + * #) nor a SIP URI",
                  field, sip::headerSafe(number.substr(0, 80)));
    out += c;
  }
  if (uri ? sip::userOf(out).empty() || sip::hostOf(out).empty() : out.empty())
    throw Error(Status::invalid, "sip.number.invalid", field.substr(1) + ": nothing to dial", field, number);
  if (uri) return out;
  std::string user;
  for (const char c : out) user += c == '#' ? std::string("%23") : std::string(1, c);
  return "sip:" + user + "@" + exchange_.rules.domain;
}

cc::Accepted Switchboard::makeCall(const cc::MakeCall& request) {
  if (const auto before = requests_.find(request.request_id); !request.request_id.empty() && before != requests_.end())
    return {before->second};
  MadeCall plan;
  plan.first = dialled(request.from, "/from");
  plan.destination = dialled(request.to, "/to");
  plan.caller = request.caller.empty() ? plan.first : dialled(request.caller, "/caller");
  plan.caller_name = sip::headerSafe(request.caller_name);
  if (plan.first == plan.destination)
    throw Error(Status::invalid, "sip.number.self", "to: a phone cannot call itself", "/to", request.to);
  if (!open_ || exchange_.outbound().host.empty())
    throw Error(Status::unreachable, "sip.link.down", "the call server does not answer; the call was not begun");
  if (calls_.size() >= exchange_.rules.max_calls)
    throw Error(Status::full, "sip.calls.limit", "there are " + std::to_string(calls_.size()) + " calls, the limit");
  Call& call = add(newCallId());
  remember(request.request_id, call.id());
  call.make(request, plan);
  return {call.id()};
}

template <class F>
cc::Accepted Switchboard::command(const cc::CallCommand& request, F act) {
  if (!request.request_id.empty() && requests_.contains(request.request_id)) return {request.call};
  act(get(request.call));
  remember(request.request_id, request.call);
  return {request.call};
}

cc::Accepted Switchboard::answerCall(const cc::CallCommand& request) {
  return command(request, [&](Call& call) { call.answer(request.device); });
}

cc::Accepted Switchboard::holdCall(const cc::CallCommand& request) {
  return command(request, [&](Call& call) { call.hold(request.device); });
}

cc::Accepted Switchboard::retrieveCall(const cc::CallCommand& request) {
  return command(request, [&](Call& call) { call.retrieve(request.device); });
}

cc::Accepted Switchboard::clearConnection(const cc::CallCommand& request) {
  return command(request, [&](Call& call) {
    if (request.device.empty())
      throw Error(Status::invalid, "sip.device.unknown", "device: names the connection to clear", "/device");
    call.clear(request.device);
  });
}

cc::Accepted Switchboard::clearCall(const cc::CallCommand& request) {
  return command(request, [&](Call& call) { call.clear({}); });
}

cc::Accepted Switchboard::deflectCall(const cc::DeflectCall& request) {
  const std::string destination = dialled(request.to, "/to");
  return command({request.request_id, request.call, request.device},
                 [&](Call& call) { call.deflect(request.device, destination); });
}

cc::Accepted Switchboard::singleStepTransferCall(const cc::SingleStepTransferCall& request) {
  const std::string destination = dialled(request.to, "/to");
  return command({request.request_id, request.call, request.device},
                 [&](Call& call) { call.transfer(request.device, destination); });
}

cc::Accepted Switchboard::transferCall(const cc::TransferCall& request) {
  Call& another = get(request.other_call);
  return command({request.request_id, request.call, request.device},
                 [&](Call& call) { call.transferTo(request.device, another); });
}

std::pair<Call*, std::string> Switchboard::callOf(const Replaces& dialog) {
  for (const auto& [id, call] : calls_) {
    if (auto user = call->userOf(dialog); !user.empty()) return {call.get(), std::move(user)};
  }
  return {};
}

cc::Call Switchboard::snapshotCall(const cc::CallCommand& request) {
  return get(request.call).document();
}

void Switchboard::callSays(cc::EventMessage message, Call& call) {
  auto waits = waiting_.find(call.id());
  if (waits == waiting_.end() && exchange_.sink.emit(message)) return;
  auto& kept = waiting_[call.id()];
  if (!message.events.empty()) {
    // A call that began and ended in the gap still gets its end.
    kept.events.assign(1, message.events.back());
    if (kept.events.front().call.ended == 0) kept.events.front().event = cc::EventType::snapshot;
  }
  for (auto& [key, value] : message.keep) kept.keep[key] = std::move(value);
}

void Switchboard::writable() {
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    if (!exchange_.sink.emit(next->second)) return;
    next = waiting_.erase(next);
  }
  resyncOn();
}

void Switchboard::callFinished(Call& call) {
  const auto found = calls_.find(call.id());
  if (found == calls_.end()) return;
  // Not here: the library is still inside one of its callbacks.
  finished_.push_back(std::move(found->second));
  calls_.erase(found);
  if (!sweep_)
    sweep_ = exchange_.agent.after(std::chrono::milliseconds(1), [this] {
      const auto done = std::move(sweep_);
      const auto gone = std::exchange(finished_, {});
    });
}

void Switchboard::restore(const std::string& key, const boost::json::value& record) {
  try {
    const auto kept = fromJson<KeptCall>(record, Unknown::ignore);
    if (key != std::string(key_prefix) + kept.call.id || calls_.contains(kept.call.id)) return;
    for (const auto& ringing : kept.ringing) Span::endRinging(exchange_.agent, ringing);
    if (kept.spans.empty()) {
      forget(key);
      return;
    }
    auto call = std::make_unique<Call>(exchange_, *this, kept.call.id);
    call->restore(kept);
    calls_[kept.call.id] = std::move(call);
  } catch (const Error& failed) {
    exchange_.sink.warn("sip.record.damaged", {{"record", key}, {"reason", failed.what()}});
    forget(key);
  }
}

void Switchboard::forget(const std::string& key) {
  cc::EventMessage message;
  message.keep[key] = {};
  exchange_.sink.emit(message);
}

void Switchboard::resync() {
  resync_part_ = 0;
  resync_left_.clear();
  for (const auto& [id, call] : calls_) {
    if (!call->over()) resync_left_.push_back(id);
  }
  resync_waits_ = true;
  resyncOn();
}

// One part a turn of the loop, so that calls go on meanwhile. Each call is told as it is now; one that has ended since
// is left out, for its end was told by an event, which must not come after the last part.
void Switchboard::resyncOn() {
  resync_turn_.reset();
  if (!resync_waits_ || !waiting_.empty()) return;
  cc::Resync next;
  next.part = resync_part_;
  std::size_t octets = 0, taken = 0;
  for (; taken < resync_left_.size() && octets < part_octets; ++taken) {
    const auto found = calls_.find(resync_left_[resync_left_.size() - 1 - taken]);
    if (found == calls_.end() || found->second->over()) continue;
    octets += toJsonText(next.calls.emplace_back(found->second->document())).size();
  }
  next.more = taken < resync_left_.size();
  if (!exchange_.sink.resync(next)) return;
  resync_left_.resize(resync_left_.size() - taken);
  ++resync_part_;
  resync_waits_ = next.more;
  if (next.more) resync_turn_ = exchange_.agent.after(std::chrono::milliseconds(1), [this] { resyncOn(); });
}

void Switchboard::probeAll() {
  probe_left_.clear();
  for (const auto& [id, call] : calls_) {
    if (!call->over()) probe_left_.push_back(id);
  }
  probeOn();
}

// A thousand calls a second: after a restart with many calls the call server is not flooded.
void Switchboard::probeOn() {
  probe_turn_.reset();
  for (std::size_t i = 0; i < probes_a_turn && !probe_left_.empty(); ++i) {
    const auto found = calls_.find(probe_left_.back());
    probe_left_.pop_back();
    if (found != calls_.end() && !found->second->over()) found->second->probe();
  }
  if (!probe_left_.empty()) probe_turn_ = exchange_.agent.after(std::chrono::milliseconds(10), [this] { probeOn(); });
}

}  // namespace jackfield::calls
