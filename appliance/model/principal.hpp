// SPDX-License-Identifier: Apache-2.0
// Who is asking, and the one table that says what each role may do (AUTH-002 to AUTH-006).
#ifndef JACKFIELD_MODEL_PRINCIPAL_HPP
#define JACKFIELD_MODEL_PRINCIPAL_HPP

#include <set>
#include <string>

#include <boost/describe.hpp>

namespace jackfield::model {

enum class Role { user, auditor, administrator };
BOOST_DESCRIBE_ENUM(Role, user, auditor, administrator)

enum class Permission {
  ownCalls,      // see and control one's own calls, one's own contact log
  directory,     // search people
  viewSystem,    // see configuration, users, alarms, audit
  monitor,       // see how the system works: the Monitors and the Scheduler, which are no auditor's (AUTH-004)
  changeSystem,  // change servers, users, configuration; run a synchronisation
  operate,       // suspend, resume, restart; end sessions (AUTH-006)
};
BOOST_DESCRIBE_ENUM(Permission, ownCalls, directory, viewSystem, monitor, changeSystem, operate)

// A signed-in person or program. `user_id` is the directory's immutable id; empty for the set-up token.
struct Principal {
  std::string user_id;
  std::string login;
  std::string name;
  std::set<Role> roles;
  std::string session_id;
  std::string address;  // of the client, for the audit log

  bool may(Permission) const;
  // Throws Problem(forbidden): for an auditor "auth.readonly", or "auth.monitors" where looking is refused too; else
  // "auth.forbidden".
  void require(Permission) const;
};

// Who acts when nobody asked: the clock, or what follows from a synchronisation.
Principal jackfieldItself();

}  // namespace jackfield::model

#endif
