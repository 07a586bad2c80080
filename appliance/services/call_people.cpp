// SPDX-License-Identifier: Apache-2.0
// Whom a call concerns, and what it leaves in their logs.
#include "services/call_people.hpp"

#include <algorithm>
#include <utility>

#include <jackfield/json.hpp>

#include "model/contact_log.hpp"
#include "services/dial_plans.hpp"
#include "store/people.hpp"

namespace jackfield::services {
namespace {

using call_control::Call;
using call_control::Cause;
using call_control::Connection;
using call_control::ConnectionState;
using call_control::Role;

// The served user of a connection; nobody for a disabled user.
std::optional<store::UserRecord> servedUser(const store::People& people, const std::string& server,
                                            const Connection& connection) {
  if (!connection.served) return std::nullopt;
  auto user = people.userOf(server, extensionOf(connection.device));
  return user && user->enabled ? std::move(user) : std::nullopt;
}

// By the number that people see, else as it was signalled: a directory may hold E.164, extensions or both.
std::optional<CallUser> personOf(const store::People& people, const std::string& shown, const std::string& signalled) {
  auto person = people.byNumber(shown);
  if (!person && shown != signalled) person = people.byNumber(signalled);
  if (person) return CallUser{person->id, person->name};
  return std::nullopt;
}

std::string shownNumber(const NumberConversion* conversion, const Connection& connection) {
  if (!conversion) return connection.number;
  return conversion->displayed(connection.number, connection.role == Role::terminating && !connection.served);
}

// What `view` shows for a number of the driver's call.
std::string shownNumber(const LiveCallEntry& entry, const std::string& signalled) {
  for (std::size_t i = 0; i < entry.call.connections.size(); ++i)
    if (entry.call.connections[i].number == signalled) return entry.view.connections[i].number;
  return signalled;
}

bool isOver(const Connection& connection) {
  return connection.state == ConnectionState::null || connection.state == ConnectionState::failed;
}

// The call goes on without this party, by a transfer or a diversion: it takes no part any more.
bool wentWithout(const Call& call, const Connection& connection) {
  return call.ended == 0 && connection.state == ConnectionState::null && connection.cause == Cause::redirected;
}

bool wasOver(const LiveCallEntry* before, const Connection& own) {
  if (!before) return false;
  const auto& all = before->call.connections;
  return std::any_of(all.begin(), all.end(), [&](const Connection& connection) {
    return connection.device == own.device && connection.role == own.role && isOver(connection);
  });
}

// A call that has ended has no connections, whatever the driver's last word on each was.
Call closed(Call call) {
  if (call.ended == 0) return call;
  for (auto& connection : call.connections)
    if (!isOver(connection)) connection.state = ConnectionState::null;
  return call;
}

// The other party's name in the directory, when it has one there.
void resolve(const store::People& people, const LiveCallEntry& entry, const std::string& signalled,
             store::ContactLogEntry& row) {
  std::optional<CallUser> person;
  for (const auto& connection : entry.view.connections)
    if (connection.number == row.number && connection.user && connection.user->id != row.user_id)
      person = connection.user;
  if (!person && !row.number.empty()) person = personOf(people, row.number, signalled);
  if (!person) return;
  row.name = person->name;
  row.person_id = person->id;
}

}  // namespace

std::string extensionOf(const std::string& device) {
  const auto colon = device.find(':');
  const auto begin = colon == std::string::npos ? 0 : colon + 1;
  return device.substr(begin, device.find_first_of("@;", begin) - begin);
}

CallBook::Entry describeCall(const store::People& people, const NumberConversion* conversion, const std::string& server,
                             const Call& call) {
  auto entry = std::make_shared<LiveCallEntry>();
  entry->server = server;
  entry->call = call;
  entry->view = {call.id, shownRequestId(call.request_id), call.created, call.answered, call.ended, {}, server};
  for (const auto& connection : call.connections) {
    const auto user = servedUser(people, server, connection);
    ConnectionView view;
    static_cast<Connection&>(view) = connection;
    view.number = shownNumber(conversion, connection);
    view.user = user ? CallUser{user->person.id, user->person.name} : personOf(people, view.number, connection.number);
    entry->view.connections.push_back(std::move(view));
    if (user && !wentWithout(call, connection)) entry->audience.push_back(user->person.id);
  }
  std::sort(entry->audience.begin(), entry->audience.end());
  entry->audience.erase(std::unique(entry->audience.begin(), entry->audience.end()), entry->audience.end());
  return entry;
}

std::vector<store::ContactLogEntry> rowsOf(const store::People& people, const LiveCallEntry* before,
                                           const LiveCallEntry& after) {
  std::vector<store::ContactLogEntry> rows;
  const Call call = closed(after.call);
  for (const auto& own : call.connections) {
    if (!isOver(own) || wasOver(before, own)) continue;
    const auto user = servedUser(people, after.server, own);
    const auto logged = user ? model::loggedCall(call, own.device) : std::nullopt;
    if (!logged) continue;
    store::ContactLogEntry row;
    row.user_id = user->person.id;
    row.call = call.id;
    row.direction = logged->incoming ? store::Direction::incoming : store::Direction::outgoing;
    row.missed = logged->missed;
    row.number = shownNumber(after, logged->number);
    row.name = logged->name;
    row.started = logged->started;
    row.answered = logged->answered;
    row.ended = logged->ended;
    row.cause = nameOf(logged->cause);
    resolve(people, after, logged->number, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

// The driver keeps request ids of all users apart by this prefix.
std::string scopedRequestId(const std::string& user, const std::string& request_id) {
  return user + "/" + request_id;
}

std::string shownRequestId(const std::string& scoped) {
  const auto slash = scoped.rfind('/');
  return slash == std::string::npos ? scoped : scoped.substr(slash + 1);
}

Call lostCall(Call call, std::int64_t now) {
  call.ended = now;
  for (auto& connection : call.connections) {
    if (connection.state == ConnectionState::null) continue;
    connection.state = ConnectionState::null;
    connection.cause = Cause::lost;
    connection.since = now;
    connection.verbs.clear();
    connection.refused.clear();
  }
  return call;
}

Call unconfirmedCall(Call call) {
  for (auto& connection : call.connections)
    if (connection.state != ConnectionState::null) connection.confirmed = false;
  return call;
}

}  // namespace jackfield::services
