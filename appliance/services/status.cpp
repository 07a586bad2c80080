// SPDX-License-Identifier: Apache-2.0
// The state of the whole system on one page.
#include "services/status.hpp"

#include "services/alarms.hpp"
#include "services/calls.hpp"
#include "services/events.hpp"
#include "services/servers.hpp"
#include "services/sign_in.hpp"
#include "services/status_parts.hpp"
#include "services/users.hpp"
#include "store/people.hpp"

namespace jackfield::services {

Status::Status(StatusParts parts) : parts_(std::make_unique<StatusParts>(std::move(parts))) {}
Status::~Status() = default;

StatusView Status::get(const model::Principal& principal) const {
  principal.require(model::Permission::monitor);
  StatusView view;
  view.version = parts_->version;
  view.started = parts_->started;
  view.uptime_ms = parts_->clock() - parts_->started;
  for (const auto& server : parts_->servers.list(principal))
    view.servers.push_back({server.handle, server.kind, server.state, server.reason, server.since});
  view.sessions = parts_->sign_in.sessionCount();
  view.active_users = parts_->sign_in.activeUsers();
  view.active_users_limit = parts_->limits.active_users;
  view.users = parts_->people.userCount();
  view.administered_users = parts_->users.administered();
  view.administered_users_limit = parts_->limits.administered_users;
  view.live_calls = parts_->calls.liveCount();
  view.event_readers = parts_->events.readers();
  view.open_alarms = parts_->alarms.open();
  return view;
}

}  // namespace jackfield::services
