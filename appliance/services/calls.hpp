// SPDX-License-Identifier: Apache-2.0
// The call book: every live call as its driver last told it, the events that go to its parties, the log rows that it
// leaves behind, and the commands of the parties (CLT-045, CLT-046, CLT-110).
#ifndef JACKFIELD_SERVICES_CALLS_HPP
#define JACKFIELD_SERVICES_CALLS_HPP

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include <jackfield/call_control.hpp>

#include "model/principal.hpp"
#include "services/call_documents.hpp"

namespace jackfield::services {

struct Context;

struct CallsView {
  std::vector<CallView> calls;
  std::string cursor;  // of the event log before the snapshot was taken: connect with it and nothing is missed
};
BOOST_DESCRIBE_STRUCT(CallsView, (), (calls, cursor))

struct MakeCallInput {
  std::string to;                         // a number, a SIP URI, or the id of a directory entry
  std::optional<std::string> request_id;  // the same id again answers with the same call
};
BOOST_DESCRIBE_STRUCT(MakeCallInput, (), (to, request_id))

struct CommandInput {
  std::optional<std::string> request_id;
};
BOOST_DESCRIBE_STRUCT(CommandInput, (), (request_id))

// One of both: a destination, or another call of one's own whose party is meant.
struct TransferInput {
  std::optional<std::string> to;  // as in MakeCallInput
  std::optional<std::string> other_call;
  std::optional<std::string> request_id;
};
BOOST_DESCRIBE_STRUCT(TransferInput, (), (to, other_call, request_id))

struct DeflectInput {
  std::string to;  // as in MakeCallInput
  std::optional<std::string> request_id;
};
BOOST_DESCRIBE_STRUCT(DeflectInput, (), (to, request_id))

// Accepted, not done: that it happened is said by an event (ECC-073).
struct CommandView {
  std::string call;
  std::string request_id;
};
BOOST_DESCRIBE_STRUCT(CommandView, (), (call, request_id))

// Commands and queries on any thread; events of one server on that server's channel thread, in order. One mutex
// guards the book; it is not held while the journal, a plugin or the directory is called.
class Calls {
 public:
  explicit Calls(const Context&);
  ~Calls();

  // ownCalls, all of them, and only calls in which the asking user takes part.
  CallsView mine(const model::Principal&) const;
  CallView get(const model::Principal&, const std::string& call) const;  // notFound "call.unknown"

  // Throws Problem: invalid "call.to"; conflict "call.noPhone" (no telephony server or extension), "call.refused" or
  // the driver's own code when the call server refuses; unavailable "call.serverDown"; timeout "call.timeout".
  CommandView make(const model::Principal&, const MakeCallInput&);
  // The caller's own connection. notFound "call.unknown"; conflict "call.verb" with the driver's reason.
  CommandView answer(const model::Principal&, const std::string& call, const CommandInput&);
  CommandView hold(const model::Principal&, const std::string& call, const CommandInput&);
  CommandView retrieve(const model::Principal&, const std::string& call, const CommandInput&);
  CommandView drop(const model::Principal&, const std::string& call, const CommandInput&);
  // What rings at one's own phone rings at the destination instead.
  CommandView deflect(const model::Principal&, const std::string& call, const DeflectInput&);
  // The other party is connected with the destination or with the other call's party, and one leaves. Throws invalid
  // "call.to", "call.transfer" too, and notFound "call.unknown" for the other call.
  CommandView transfer(const model::Principal&, const std::string& call, const TransferInput&);

  // From the drivers, on the instance's channel thread.
  void onEvents(const std::string& server, const call_control::EventMessage&);
  // A part; what ended unseen is closed after the last one.
  void onResync(const std::string& server, const call_control::Resync&);
  // The link to the server is gone: its calls stay, marked as not confirmed, until the next resync.
  void onLinkLost(const std::string& server);
  // The server was removed: its calls are over.
  void onRemoved(const std::string& server);
  // Events that wait for a disk that takes nothing give up, so that the host can stop.
  void stop();

  std::size_t liveCount() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
