// SPDX-License-Identifier: Apache-2.0
// The clock of production, and the limits that jackfield.conf may change.
#include "services/limits.hpp"

#include <algorithm>

#include "kernel/base/configuration.hpp"

namespace jackfield::services {

Clock systemClock() {
  return [] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::int64_t>(std::chrono::duration_cast<milliseconds>(now).count());
  };
}

Limits limitsFrom(const kernel::Configuration& configuration) {
  Limits limits;
  limits.administered_users = static_cast<std::uint64_t>(configuration.number("limits.users"));
  limits.active_users = static_cast<std::uint64_t>(configuration.number("limits.sessions"));
  limits.session_idle = std::chrono::minutes(configuration.number("session.idleMinutes"));
  // A session that never idles must not outlive a day, nor end before it may idle.
  limits.session_age = std::max(limits.session_age, limits.session_idle);
  limits.token_age = std::chrono::hours(24 * configuration.number("tokens.days"));
  limits.failures_of_login = static_cast<unsigned>(configuration.number("signIn.attempts"));
  limits.lock_longest = std::chrono::minutes(configuration.number("signIn.lockMinutes"));
  limits.attempts_of_address = static_cast<unsigned>(configuration.number("signIn.perMinute"));
  limits.sessions_in_all = std::max<std::size_t>(limits.sessions_in_all, 2 * limits.active_users);
  return limits;
}

}  // namespace jackfield::services
