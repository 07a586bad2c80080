// SPDX-License-Identifier: Apache-2.0
// The table of roles and permissions.
#include "model/principal.hpp"

#include <gtest/gtest.h>

#include "model/problem.hpp"

namespace jackfield::model {
namespace {

Principal with(std::set<Role> roles) {
  Principal principal;
  principal.roles = std::move(roles);
  return principal;
}

std::string refusal(const Principal& principal, Permission permission) {
  try {
    principal.require(permission);
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.kind(), Problem::Kind::forbidden);
    return problem.code();
  }
  return {};
}

TEST(Principal, AnAdministratorMayChangeAndOperateTheSystem) {
  const auto administrator = with({Role::administrator});
  for (const auto permission :
       {Permission::viewSystem, Permission::monitor, Permission::changeSystem, Permission::operate})
    EXPECT_EQ(refusal(administrator, permission), "");
}

TEST(Principal, AnAuditorMayLookButNeitherChangeNorOperate) {
  const auto auditor = with({Role::auditor});
  EXPECT_TRUE(auditor.may(Permission::viewSystem));
  EXPECT_EQ(refusal(auditor, Permission::changeSystem), "auth.readonly");
  EXPECT_EQ(refusal(auditor, Permission::operate), "auth.readonly");
}

TEST(Principal, MonitorsAndSchedulerAreNotForAuditors) {
  EXPECT_EQ(refusal(with({Role::auditor}), Permission::monitor), "auth.monitors");
  EXPECT_EQ(refusal(with({Role::auditor, Role::administrator}), Permission::monitor), "");
}

TEST(Principal, AUserHasTheOwnCallsAndTheDirectoryAlone) {
  const auto user = with({Role::user});
  EXPECT_TRUE(user.may(Permission::ownCalls));
  EXPECT_TRUE(user.may(Permission::directory));
  for (const auto permission :
       {Permission::viewSystem, Permission::monitor, Permission::changeSystem, Permission::operate})
    EXPECT_EQ(refusal(user, permission), "auth.forbidden");
}

TEST(Principal, NoRoleMayNothing) {
  for (const auto permission : {Permission::ownCalls, Permission::directory, Permission::viewSystem,
                                Permission::monitor, Permission::changeSystem, Permission::operate})
    EXPECT_EQ(refusal(with({}), permission), "auth.forbidden");
}

TEST(Principal, RolesAddUp) {
  const auto both = with({Role::user, Role::administrator});
  EXPECT_TRUE(both.may(Permission::ownCalls));
  EXPECT_TRUE(both.may(Permission::changeSystem));
}

}  // namespace
}  // namespace jackfield::model
