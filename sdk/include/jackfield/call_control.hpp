// SPDX-License-Identifier: Apache-2.0
// The documents of capability call-control/1, after CSTA (ECMA-269): devices, calls, connections and their events.
// sdk/schemas/call-control-1.json is the same in JSON Schema; a test holds the two together.
// Times are milliseconds since 1970 (UTC); 0 means "not yet".
#ifndef JACKFIELD_CALL_CONTROL_HPP
#define JACKFIELD_CALL_CONTROL_HPP

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include <jackfield/json.hpp>

namespace jackfield::call_control {

// ECMA-269 6.1.5. `null` is a connection that has ended and is reported once more with its cause.
enum class ConnectionState { null, initiated, alerting, connected, held, queued, failed };
BOOST_DESCRIBE_ENUM(ConnectionState, null, initiated, alerting, connected, held, queued, failed)

// Which end of the call a connection is.
enum class Role { originating, terminating };
BOOST_DESCRIBE_ENUM(Role, originating, terminating)

enum class EventType {
  serviceInitiated,
  originated,
  delivered,
  networkReached,
  established,
  held,
  retrieved,
  queued,
  diverted,
  conferenced,
  transferred,
  connectionCleared,
  failed,
  digitsGenerated,
  deviceInService,
  deviceOutOfService,
  snapshot
};
BOOST_DESCRIBE_ENUM(EventType, serviceInitiated, originated, delivered, networkReached, established, held, retrieved,
                    queued, diverted, conferenced, transferred, connectionCleared, failed, digitsGenerated,
                    deviceInService, deviceOutOfService, snapshot)

// Why. `lost` is ours: the far side no longer knows the dialog, or it never came back after a restart.
enum class Cause {
  normal,
  busy,
  noAnswer,
  refused,
  cancelled,
  answeredElsewhere,
  notFound,
  unreachable,
  blocked,
  redirected,
  timeout,
  lost,
  serverError
};
BOOST_DESCRIBE_ENUM(Cause, normal, busy, noAnswer, refused, cancelled, answeredElsewhere, notFound, unreachable,
                    blocked, redirected, timeout, lost, serverError)

// Who made it happen.
enum class Source { device, server, jackfield };
BOOST_DESCRIBE_ENUM(Source, device, server, jackfield)

// Why a verb is not possible on a connection now. The host has the sentence for each.
enum class Refusal {
  ended,       // the connection is over
  notInPath,   // this party's calls do not pass Jackfield
  notOffered,  // neither the call server nor its driver has the verb
  underWay,    // another command on this call is
  notAnswered,
  answered,      // already
  notRinging,    // there is nothing to answer
  deviceCannot,  // only by its own keys
  onHold,        // already, by Jackfield
  heldByDevice,  // by the phone's own key: only it can take the call back
  notOnHold
};
BOOST_DESCRIBE_ENUM(Refusal, ended, notInPath, notOffered, underWay, notAnswered, answered, notRinging, deviceCannot,
                    onHold, heldByDevice, notOnHold)

// A call x device. `device` identifies the device at its call server: the AOR of a SIP device ("sip:1001@site.test").
struct Connection {
  std::string device;
  std::string number;  // what a person dials to reach it: the AOR's user part, or the E.164 number
  std::string name;    // display name as signalled, untrusted text; empty when none
  Role role = Role::originating;
  ConnectionState state = ConnectionState::null;
  bool served = false;    // Jackfield is in the path for this party, so that its verbs may be possible
  bool confirmed = true;  // false: assumed after a restart or a missing event (ECC-069)
  Cause cause = Cause::normal;
  std::int64_t since = 0;                  // of the state
  std::int64_t answered = 0;               // when it was first connected
  std::vector<std::string> verbs;          // possible now: "hold", "retrieve", "clear", ...
  std::map<std::string, Refusal> refused;  // verb -> why not
};
BOOST_DESCRIBE_STRUCT(Connection, (),
                      (device, number, name, role, state, served, confirmed, cause, since, answered, verbs, refused))

// One call, whatever its Call-IDs. `id` is unique for ever and chosen by the driver.
struct Call {
  std::string id;
  std::string request_id;  // of the makeCall that began it; else empty
  std::int64_t created = 0;
  std::int64_t answered = 0;
  std::int64_t ended = 0;
  std::vector<Connection> connections;
};
BOOST_DESCRIBE_STRUCT(Call, (), (id, request_id, created, answered, ended, connections))

// The body of event "call-control/1.event" is an EventBatch item; `call` is the whole call after the event, so that a
// receiver replaces what it had and a lost event heals with the next.
struct Event {
  EventType event = EventType::snapshot;
  std::int64_t time = 0;
  std::string device;  // whose connection changed
  Cause cause = Cause::normal;
  Source source = Source::device;
  bool confirmed = true;
  Call call;
};
BOOST_DESCRIBE_STRUCT(Event, (), (event, time, device, cause, source, confirmed, call))

// "call-control/1.event". `keep` is written in the same disk batch as the events: records that the driver gets back by
// "storage/1.load" after a restart; a null removes the record.
struct EventMessage {
  std::vector<Event> events;
  std::map<std::string, JsonText> keep;
};
BOOST_DESCRIBE_STRUCT(EventMessage, (), (events, keep))

// "call-control/1.resync": all calls that the driver knows, in as many parts as keep each message well below 1 MiB.
// Sent after every start and reconnection; part 0 begins it anew. Events may come between the parts. What the host has
// beside the calls that a part or such an event named has ended unseen, and is closed with cause lost after the last
// part. After a gap in the numbers nothing is closed.
struct Resync {
  std::uint32_t part = 0;
  bool more = false;  // another part follows
  std::vector<Call> calls;
};
BOOST_DESCRIBE_STRUCT(Resync, (), (part, more, calls))

// "call-control/1.makeCall": rings `from` first and then calls `to` (RFC 3725, the seed's Call Back). `to` is what the
// person dialled or a SIP URI. `caller` is the number shown to the destination (the office number).
struct MakeCall {
  std::string request_id;  // idempotent: the same id again answers with the same call
  std::string from;
  std::string to;
  std::string caller;
  std::string caller_name;
};
BOOST_DESCRIBE_STRUCT(MakeCall, (), (request_id, from, to, caller, caller_name))

// "call-control/1.answerCall", ".holdCall", ".retrieveCall", ".clearConnection": `device` names the connection.
// ".clearCall" leaves it empty. ".snapshotCall" asks for one call.
struct CallCommand {
  std::string request_id;
  std::string call;
  std::string device;
};
BOOST_DESCRIBE_STRUCT(CallCommand, (), (request_id, call, device))

// "call-control/1.singleStepTransferCall": the other party is connected with `to`, and `device` leaves the call as soon
// as that rings (ECMA-269 17.1.25). While it does not, the call stays as it is.
struct SingleStepTransferCall {
  std::string request_id;
  std::string call;
  std::string device;
  std::string to;  // as in makeCall
};
BOOST_DESCRIBE_STRUCT(SingleStepTransferCall, (), (request_id, call, device, to))

// "call-control/1.deflectCall": what rings at `device` rings at `to` instead (ECMA-269 17.1.11).
struct DeflectCall {
  std::string request_id;
  std::string call;
  std::string device;
  std::string to;  // as in makeCall
};
BOOST_DESCRIBE_STRUCT(DeflectCall, (), (request_id, call, device, to))

// "call-control/1.transferCall": `device` takes part in both calls and leaves them; the other parties are connected in
// `call`, and `other_call` ends (ECMA-269 17.1.26).
struct TransferCall {
  std::string request_id;
  std::string call;
  std::string device;
  std::string other_call;
};
BOOST_DESCRIBE_STRUCT(TransferCall, (), (request_id, call, device, other_call))

// The reply to every command: accepted. That it happened is said by the event, never assumed (ECC-073).
struct Accepted {
  std::string call;
};
BOOST_DESCRIBE_STRUCT(Accepted, (), (call))

}  // namespace jackfield::call_control

#endif
