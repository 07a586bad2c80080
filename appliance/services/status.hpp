// SPDX-License-Identifier: Apache-2.0
// The state of the whole system on one page.
#ifndef JACKFIELD_SERVICES_STATUS_HPP
#define JACKFIELD_SERVICES_STATUS_HPP

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "model/principal.hpp"

namespace jackfield::services {

struct StatusParts;

struct ServerStatus {
  std::string handle;
  std::string kind;
  std::string state;
  std::string reason;
  std::int64_t since = 0;
};
BOOST_DESCRIBE_STRUCT(ServerStatus, (), (handle, kind, state, reason, since))

struct StatusView {
  std::string version;
  std::int64_t started = 0;
  std::int64_t uptime_ms = 0;
  std::vector<ServerStatus> servers;
  std::uint64_t sessions = 0;
  std::uint64_t active_users = 0;
  std::uint64_t active_users_limit = 0;
  std::uint64_t users = 0;
  std::uint64_t administered_users = 0;
  std::uint64_t administered_users_limit = 0;
  std::uint64_t live_calls = 0;
  std::uint64_t event_readers = 0;
  std::uint64_t open_alarms = 0;
};
BOOST_DESCRIBE_STRUCT(StatusView, (),
                      (version, started, uptime_ms, servers, sessions, active_users, active_users_limit, users,
                       administered_users, administered_users_limit, live_calls, event_readers, open_alarms))

class Status {
 public:
  explicit Status(StatusParts);
  ~Status();
  StatusView get(const model::Principal&) const;  // monitor

 private:
  std::unique_ptr<StatusParts> parts_;
};

}  // namespace jackfield::services

#endif
