// SPDX-License-Identifier: Apache-2.0
// The role table.
#include "model/principal.hpp"

#include "model/problem.hpp"

namespace jackfield::model {
namespace {

bool roleMay(Role role, Permission permission) {
  switch (permission) {
    case Permission::ownCalls:
      return role == Role::user;
    case Permission::directory:
      return true;
    case Permission::viewSystem:
      return role == Role::auditor || role == Role::administrator;
    case Permission::monitor:
    case Permission::changeSystem:
    case Permission::operate:
      return role == Role::administrator;
  }
  return false;
}

}  // namespace

bool Principal::may(Permission permission) const {
  for (Role role : roles)
    if (roleMay(role, permission)) return true;
  return false;
}

void Principal::require(Permission permission) const {
  if (may(permission)) return;
  if (roles.contains(Role::auditor) && permission == Permission::monitor)
    throw Problem(Problem::Kind::forbidden, "auth.monitors",
                  "The monitors and the scheduler are for administrators alone; an auditor sees configuration, users, "
                  "alarms and the audit log.");
  if (roles.contains(Role::auditor) && permission != Permission::ownCalls)
    throw Problem(Problem::Kind::forbidden, "auth.readonly",
                  "An auditor can look at this but cannot change it. Ask an administrator.");
  throw Problem(Problem::Kind::forbidden, "auth.forbidden",
                "Your roles do not allow this. Roles follow from the security groups of the directory.");
}

Principal jackfieldItself() {
  return {{}, "system", "Jackfield", {Role::administrator}, {}, {}};
}

}  // namespace jackfield::model
