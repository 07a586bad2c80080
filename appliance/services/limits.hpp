// SPDX-License-Identifier: Apache-2.0
// Every limit that the services keep, as named constants with the seed's value as default (CAP-013). The host's
// configuration may change them; nothing else holds such a number.
#ifndef JACKFIELD_SERVICES_LIMITS_HPP
#define JACKFIELD_SERVICES_LIMITS_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace jackfield::kernel {
class Configuration;
}

namespace jackfield::services {

using std::chrono::milliseconds;

struct Limits {
  std::uint64_t administered_users = 4000;  // CAP-001: users with a telephony server
  std::uint64_t active_users = 2000;        // CAP-002: distinct people signed in at one time
  bool count_every_session = false;         // CAP-014: the other reading of "active"

  // How many servers of a kind there may be (CAP-007 to CAP-012). A kind that is not named is not limited.
  std::map<std::string, std::size_t> servers_of_kind = {{"telephony", 4},       {"messaging", 4},
                                                        {"conferencing", 3},    {"presence", 1},
                                                        {"session-manager", 4}, {"system-manager", 1}};

  milliseconds session_idle = std::chrono::minutes(480);
  milliseconds session_age = std::chrono::hours(24);
  milliseconds token_age = std::chrono::hours(24 * 90);
  std::size_t sessions_of_user = 20;    // the oldest ends when one more begins
  std::size_t sessions_in_all = 50000;  // memory bound, whatever the number of people

  // Lock-out: after so many failures in a row for a login, or from an address, each further one locks for twice as
  // long as the one before. A success forgets the login's failures, never the address's.
  unsigned failures_of_login = 5;
  unsigned failures_of_address = 50;
  milliseconds lock_first = std::chrono::seconds(5);
  milliseconds lock_longest = std::chrono::minutes(15);
  milliseconds failures_forgotten = std::chrono::minutes(30);
  unsigned attempts_of_address = 60;                // in a minute
  std::size_t tracked_failures = 20000;             // logins and addresses kept in memory
  milliseconds failed_sign_in = milliseconds(300);  // every refusal takes at least this long: unknown or wrong alike

  milliseconds sign_in_timeout = std::chrono::seconds(10);
  milliseconds command_timeout = std::chrono::seconds(5);
  milliseconds test_timeout = std::chrono::seconds(15);
  milliseconds sync_timeout = std::chrono::minutes(30);

  unsigned removal_share = 20;      // percent of a directory's entries that a run may remove unasked
  std::uint64_t removal_free = 10;  // so many may always go: 2 of 5 people leaving is no accident
};

// Milliseconds since 1970 (UTC). Tests bring their own.
using Clock = std::function<std::int64_t()>;
Clock systemClock();

// The limits with what jackfield.conf says.
Limits limitsFrom(const kernel::Configuration&);

}  // namespace jackfield::services

#endif
