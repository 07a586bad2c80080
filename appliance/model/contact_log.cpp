// SPDX-License-Identifier: Apache-2.0
// Direction, other party and outcome of a call from one participant's view.
#include "model/contact_log.hpp"

#include <algorithm>

namespace jackfield::model {

using call_control::Call;
using call_control::Cause;
using call_control::Connection;
using call_control::ConnectionState;
using call_control::Role;

namespace {

const Connection* connectionOf(const Call& call, const std::string& device) {
  const auto found = std::find_if(call.connections.begin(), call.connections.end(),
                                  [&](const Connection& c) { return c.device == device && c.served; });
  return found == call.connections.end() ? nullptr : &*found;
}

// After a transfer: left before the own connection was answered.
bool hadLeft(const Connection& connection, const Connection& own) {
  return own.answered != 0 && connection.answered != 0 && connection.state == ConnectionState::null &&
         connection.since <= own.answered;
}

// Of several others (a call that rang in many places) the one that talked, else the first. Whoever came by a transfer
// may have talked with somebody who was called, too.
const Connection* otherParty(const Call& call, const Connection& own) {
  const Connection* best = nullptr;
  for (const bool same_role : {false, true}) {
    for (const auto& connection : call.connections) {
      if (&connection == &own || (connection.role == own.role) != same_role || hadLeft(connection, own)) continue;
      if (same_role && connection.answered == 0) continue;
      if (!best || (best->answered == 0 && connection.answered != 0)) best = &connection;
    }
    if (best) break;
  }
  return best;
}

}  // namespace

std::optional<LoggedCall> loggedCall(const Call& call, const std::string& device) {
  const Connection* own = connectionOf(call, device);
  if (!own || (own->state != ConnectionState::null && own->state != ConnectionState::failed)) return std::nullopt;
  LoggedCall out;
  out.incoming = own->role == Role::terminating;
  // The caller's phone is off the hook before anybody answers: a talk began when the called one answered.
  const Connection* other = otherParty(call, *own);
  out.answered = out.incoming ? own->answered : (other ? other->answered : call.answered);
  out.cause = own->cause;
  if (out.incoming && out.answered == 0 && out.cause == Cause::answeredElsewhere) return std::nullopt;
  out.missed = out.incoming && out.answered == 0 && out.cause != Cause::refused;
  if (other) {
    out.number = printable(other->number);
    out.name = printable(other->name);
  }
  out.started = call.created;
  out.ended = std::max(call.ended, own->since);
  return out;
}

std::string printable(const std::string& text) {
  std::string out = text.substr(0, 256);
  // Not in the middle of a character.
  if (text.size() > out.size())
    while (!out.empty() && (static_cast<unsigned char>(text[out.size()]) & 0xC0U) == 0x80U) out.pop_back();
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

}  // namespace jackfield::model
