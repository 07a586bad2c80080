// SPDX-License-Identifier: Apache-2.0
// Sign-in, sessions, lock-out, limits and the set-up token.
#include <set>

#include <sys/stat.h>

#include "kernel/base/metrics.hpp"
#include "services/lock_out.hpp"
#include "support.hpp"

namespace jackfield::services::tests {
namespace {

class SignInTest : public Site {
 protected:
  SignInTest() {
    directoryHolds({person("alice", "1001"), person("bob", "1002"), person("root", "", {"administrator"}),
                    person("eve", "", {"auditor"}), person("carol", "1003", {})});
    addDirectory();
  }
  std::string codeOfSignIn(const std::string& login, const std::string& password,
                           const std::string& address = "192.0.2.1") {
    return codeOf([&] { services().signIn().signIn(login, password, address); });
  }
  std::vector<std::string> actions() {
    std::vector<std::string> out;
    for (const auto& entry : services().audit().list(admin, 0, 100).entries) out.push_back(entry.action);
    return out;
  }
};

TEST_F(SignInTest, PersonSignsInWithTheDirectoryPasswordAndGetsTheRolesOfTheGroups) {
  const auto alice = signIn("Alice ");
  EXPECT_EQ(alice.session.user.id, "id-alice");
  EXPECT_EQ(alice.session.roles, std::vector<std::string>{"user"});
  EXPECT_THAT(alice.session.permissions, testing::ElementsAre("ownCalls", "directory"));
  EXPECT_FALSE(alice.session.csrf_token.empty());
  EXPECT_GE(alice.token.size(), 43U);
  const auto who = services().signIn().fromCookie(alice.token, "192.0.2.1");
  EXPECT_EQ(who.login, "alice");
  EXPECT_TRUE(who.may(Permission::ownCalls));
  EXPECT_FALSE(who.may(Permission::viewSystem));
  EXPECT_TRUE(principal("root").may(Permission::operate));
  EXPECT_TRUE(principal("eve").may(Permission::viewSystem));
  EXPECT_FALSE(principal("eve").may(Permission::changeSystem));
}

TEST_F(SignInTest, WrongPasswordAndUnknownLoginAreToldAlike) {
  EXPECT_EQ(codeOfSignIn("alice", "wrong"), "auth.credentials");
  EXPECT_EQ(codeOfSignIn("nobody", "right"), "auth.credentials");
  EXPECT_EQ(codeOfSignIn("alice", ""), "auth.credentials");
  EXPECT_EQ(codeOfSignIn("", "right"), "auth.credentials");
  EXPECT_EQ(codeOfSignIn(std::string("al\0ice", 6), "right"), "auth.credentials");
  EXPECT_EQ(plugins().asked("directory/1.authenticate").size(), 2U) << "what cannot be right reaches no directory";
}

TEST_F(SignInTest, EveryRefusalTakesTheSameLeastTime) {
  limits_.failed_sign_in = std::chrono::milliseconds(80);
  restart();
  for (const char* login : {"alice", "nobody", ""}) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(codeOfSignIn(login, "wrong"), "auth.credentials");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, limits_.failed_sign_in);
  }
}

TEST_F(SignInTest, PersonInNoSecurityGroupIsRefusedInSpiteOfTheRightPassword) {
  EXPECT_EQ(codeOfSignIn("carol", "right"), "auth.noRole");
  EXPECT_THAT(actions(), testing::Contains("signIn.noRole"));
}

TEST_F(SignInTest, DirectoryThatIsDownIsToldAndCountsAsNoFailure) {
  plugins().answer("directory/1.authenticate", [](const auto&, const auto&) {
    return failed(Status::unreachable, "directory.unreachable", "down");
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(codeOfSignIn("alice", "right"), "auth.directoryDown");
}

TEST_F(SignInTest, SecondDirectoryIsAskedWhenTheFirstDoesNotKnowTheLogin) {
  addDirectory("other-ldap");
  plugins().answer("directory/1.authenticate", [](const auto& handle, const auto&) {
    if (handle == "hq-ldap") return failed(Status::auth, "directory.credentials", "wrong");
    kernel::Reply reply;
    reply.body = toJsonText(directory::Authenticated{person("zoe", "1")});
    return reply;
  });
  EXPECT_EQ(signIn("zoe").session.user.id, "id-zoe");
}

TEST_F(SignInTest, LockOutGrowsHitsUnknownLoginsAlikeAndEndsByItself) {
  for (const char* login : {"alice", "nobody"}) {
    for (unsigned i = 0; i < limits_.failures_of_login; ++i)
      EXPECT_EQ(codeOfSignIn(login, "wrong"), "auth.credentials") << login << i;
    EXPECT_EQ(codeOfSignIn(login, "right"), "auth.locked") << login;
  }
  now_ += limits_.lock_first.count();
  EXPECT_EQ(codeOfSignIn("alice", "wrong"), "auth.credentials");
  now_ += limits_.lock_first.count();
  EXPECT_EQ(codeOfSignIn("alice", "right"), "auth.locked") << "the second lock is twice as long";
  now_ += limits_.lock_first.count();
  EXPECT_EQ(codeOfSignIn("alice", "right"), "");
  EXPECT_THAT(actions(), testing::Contains("signIn.failed"));
}

TEST_F(SignInTest, AddressThatTriesManyLoginsIsHeldBack) {
  limits_.attempts_of_address = 10;
  restart();
  for (int i = 0; i < 10; ++i) codeOfSignIn("login" + std::to_string(i), "wrong");
  EXPECT_EQ(codeOfSignIn("alice", "right"), "auth.locked");
  EXPECT_EQ(codeOfSignIn("alice", "right", "192.0.2.77"), "") << "others go on";
  now_ += 60000;
  EXPECT_EQ(codeOfSignIn("bob", "right"), "");
}

TEST(LockOutTest, ManyTriesAtTheSameTimeGainNothing) {
  Limits limits;
  LockOut lock_out(limits);
  unsigned let_through = 0;
  for (int i = 0; i < 50; ++i) let_through += lock_out.begin("alice", "192.0.2.1", 1000) == 0 ? 1 : 0;
  EXPECT_EQ(let_through, limits.failures_of_login);
}

TEST(LockOutTest, MemoryIsBoundedAndLockedLoginsStayLocked) {
  Limits limits;
  limits.tracked_failures = 100;
  limits.attempts_of_address = 1000000;
  limits.failures_of_address = 1000000;
  LockOut lock_out(limits);
  for (unsigned i = 0; i < limits.failures_of_login; ++i) lock_out.begin("alice", "192.0.2.1", 1000);
  for (int i = 0; i < 5000; ++i) lock_out.begin("login" + std::to_string(i), "192.0.2.1", 1000);
  EXPECT_LE(lock_out.tracked(), 200U);
  EXPECT_GT(lock_out.begin("alice", "192.0.2.1", 1000), 0);
}

TEST_F(SignInTest, PersonNumberTwoThousandAndOneIsRefusedLoggedAuditedAndCounted) {
  limits_.active_users = 2;
  restart();
  signIn("alice");
  signIn("alice");  // a second client of the same person counts once (CAP-014)
  signIn("bob");
  EXPECT_EQ(codeOfSignIn("root", "right"), "capacity.activeUsers");
  EXPECT_EQ(codeOfSignIn("alice", "right"), "") << "who is active may come in again";
  EXPECT_THAT(actions(), testing::Contains("signIn.capacity"));
  EXPECT_THAT(services().metrics().text(), testing::HasSubstr("jackfield_capacity_refusals_total 1"));
  const auto alarms = services().alarms().list(admin, true);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].code, "capacity.activeUsers");
  now_ += limits_.session_idle.count();
  EXPECT_EQ(codeOfSignIn("root", "right"), "") << "idle sessions make room";
}

TEST_F(SignInTest, EverySessionCountsWhenTheOtherReadingIsChosen) {
  limits_.active_users = 2;
  limits_.count_every_session = true;
  restart();
  signIn("alice");
  signIn("alice");
  EXPECT_EQ(codeOfSignIn("alice", "right"), "capacity.activeUsers");
}

TEST_F(SignInTest, DefaultLimitsAreThoseOfTheSeed) {
  const Limits limits;
  EXPECT_EQ(limits.active_users, 2000U);
  EXPECT_EQ(limits.administered_users, 4000U);
  EXPECT_EQ(limits.servers_of_kind.at("telephony"), 4U);
  EXPECT_EQ(limits.servers_of_kind.at("conferencing"), 3U);
  EXPECT_EQ(limits.servers_of_kind.at("presence"), 1U);
  EXPECT_EQ(limits.servers_of_kind.at("messaging"), 4U);
  EXPECT_EQ(limits.servers_of_kind.at("session-manager"), 4U);
  EXPECT_EQ(limits.servers_of_kind.at("system-manager"), 1U);
}

TEST_F(SignInTest, SessionEndsWhenIdleAndAtItsAgeAndBySignOut) {
  const auto idle = signIn("alice");
  now_ += limits_.session_idle.count();
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(idle.token, "x"); }), "auth.session");
  const auto used = signIn("alice");
  const auto until = used.session.expires;
  while (now_ < until) {
    EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(used.token, "x"); }), "");
    now_ += limits_.session_idle.count() / 2;
  }
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(used.token, "x"); }), "auth.session");
  const auto out = signIn("alice");
  services().signIn().signOut(services().signIn().fromCookie(out.token, "x"));
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(out.token, "x"); }), "auth.session");
}

TEST_F(SignInTest, SessionSurvivesARestartAndTheTokenItselfIsNotStored) {
  const auto alice = signIn("alice");
  kill();
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path() / "data")) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    EXPECT_EQ(bytes.find(alice.token), std::string::npos) << file.path();
  }
  restart();
  EXPECT_EQ(services().signIn().fromCookie(alice.token, "x").login, "alice");
}

TEST_F(SignInTest, ProgramGetsABearerTokenThatIsNoCookieAndOutlivesIdleTime) {
  const auto token = services().signIn().issueToken("alice", "right", "nightly report", "192.0.2.1");
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(token.token, "x"); }), "auth.session");
  now_ += limits_.session_idle.count() * 3;
  EXPECT_EQ(services().signIn().fromBearer(token.token, "x").login, "alice");
  now_ = token.expires;
  EXPECT_EQ(codeOf([&] { services().signIn().fromBearer(token.token, "x"); }), "auth.session");
}

TEST_F(SignInTest, BrowserWriteNeedsTheSessionsCsrfToken) {
  const auto alice = signIn("alice");
  const auto who = services().signIn().fromCookie(alice.token, "x");
  EXPECT_EQ(codeOf([&] { services().signIn().checkCsrf(who, alice.session.csrf_token); }), "");
  EXPECT_EQ(codeOf([&] { services().signIn().checkCsrf(who, ""); }), "auth.csrf");
  EXPECT_EQ(codeOf([&] { services().signIn().checkCsrf(who, signIn("bob").session.csrf_token); }), "auth.csrf");
}

TEST_F(SignInTest, AuditorSeesSessionsButMayNotEndThemAndTheAttemptIsAudited) {
  const auto alice = signIn("alice");
  const auto list = services().sessions().list(auditor);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(codeOf([&] { services().sessions().end(auditor, list[0].id); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { services().sessions().endAll(auditor, "alice"); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { services().sessions().list(user); }), "auth.forbidden");
  EXPECT_EQ(services().signIn().fromCookie(alice.token, "x").login, "alice");
  EXPECT_THAT(actions(), testing::Contains("session.end.refused"));
  services().sessions().end(admin, list[0].id);
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(alice.token, "x"); }), "auth.session");
  EXPECT_EQ(codeOf([&] { services().sessions().end(admin, list[0].id); }), "session.unknown");
}

TEST_F(SignInTest, FailedSignInsAndAnAuditorsTriesAreAlarmsThatPass) {
  const auto up = [&] {
    std::vector<std::string> out;
    for (const auto& alarm : services().alarms().list(admin, true)) out.push_back(alarm.code + " " + alarm.subject);
    return out;
  };
  for (unsigned i = 0; i <= limits_.failures_of_login; ++i)
    codeOf([&] { services().signIn().signIn("alice", "wrong", "192.0.2.7"); });
  codeOf([&] { services().sessions().endAll(auditor, "alice"); });
  codeOf([&] { services().sessions().endAll(user, "alice"); });
  const std::vector<std::string> both{"security.auditorWrite eve", "security.lockedOut signIn"};
  EXPECT_THAT(up(), testing::UnorderedElementsAreArray(both));
  EXPECT_THAT(actions(), testing::IsSupersetOf({"signIn.failed", "session.endAll.refused"}));
  restart();
  services().alarms().tidy();
  EXPECT_THAT(up(), testing::UnorderedElementsAreArray(both)) << "not before their time, nor by a restart";
  now_ += std::chrono::milliseconds(notice_age).count() / 2;
  codeOf([&] { services().sessions().endAll(auditor, "alice"); });
  now_ += std::chrono::milliseconds(notice_age).count() / 2;
  services().alarms().tidy();
  EXPECT_THAT(up(), testing::ElementsAre(both[0])) << "it happened again";
}

TEST_F(SignInTest, OldestSessionOfAPersonGoesWhenThereAreTooMany) {
  limits_.sessions_of_user = 2;
  restart();
  const auto first = signIn("alice");
  signIn("alice");
  const auto third = signIn("alice");
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(first.token, "x"); }), "auth.session");
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(third.token, "x"); }), "");
}

TEST_F(SignInTest, LostRoleIsTakenAwayAtTheNextSynchronisationAndVanishedPeopleAreSignedOut) {
  synchronise();
  const auto root = signIn("root");
  const auto eve = signIn("eve");
  const auto alice = signIn("alice");
  directoryHolds({person("bob", "1002"), person("root", "", {"auditor"}), person("eve", "", {})});
  synchronise(true);
  const auto who = services().signIn().fromCookie(root.token, "x");
  EXPECT_EQ(who.roles, std::set<Role>{Role::auditor});
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(eve.token, "x"); }), "auth.session");
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(alice.token, "x"); }), "auth.session");
}

TEST_F(SignInTest, DisabledUserIsSignedOutAndRefused) {
  synchronise();
  const auto alice = signIn("alice");
  services().users().change(admin, "id-alice", {std::nullopt, std::nullopt, false});
  EXPECT_EQ(codeOf([&] { services().signIn().fromCookie(alice.token, "x"); }), "auth.session");
  EXPECT_EQ(codeOfSignIn("alice", "right"), "auth.disabled");
}

TEST_F(SignInTest, PasswordsReachNeitherAuditNorStores) {
  codeOfSignIn("alice", "Tr0ub4dor-wrong");
  kill();
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path() / "data")) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    EXPECT_EQ(bytes.find("Tr0ub4dor"), std::string::npos) << file.path();
  }
}

class SetupTokenTest : public Site {
 protected:
  std::filesystem::path file() const { return folder_.path() / "data" / "setup-token"; }
  std::string token() const {
    std::ifstream in(file());
    std::string line;
    std::getline(in, line);
    return line;
  }
};

TEST_F(SetupTokenTest, LetsTheFirstAdministratorInUntilOneHasSignedIn) {
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const auto first = services().signIn().fromBearer(token(), "127.0.0.1");
  EXPECT_TRUE(first.may(Permission::changeSystem));
  EXPECT_EQ(codeOf([&] { services().signIn().fromBearer(token() + "x", "127.0.0.1"); }), "auth.session");

  const std::string kept = token();
  directoryHolds({person("root", "", {"administrator"}), person("alice", "1001")});
  services().servers().create(first, {"hq-ldap", "ldap", "", true, {{"host", "ldap.test"}}, 0});
  signIn("alice");
  restart();
  EXPECT_EQ(codeOf([&] { services().signIn().fromBearer(kept, "127.0.0.1"); }), "")
      << "a directory that lets no administrator in must not lock the owner out";
  signIn("root");
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_EQ(codeOf([&] { services().signIn().fromBearer(kept, "127.0.0.1"); }), "auth.session");
  restart();
  EXPECT_FALSE(std::filesystem::exists(file()));

  std::ofstream(file()) << "written-by-hand-on-the-machine\n";
  restart();
  EXPECT_EQ(codeOf([&] { services().signIn().fromBearer("written-by-hand-on-the-machine", "127.0.0.1"); }), "")
      << "who has the machine gets in again";
}

TEST_F(SetupTokenTest, NobodySignsInWithoutADirectory) {
  EXPECT_EQ(codeOf([&] { services().signIn().signIn("alice", "right", "x"); }), "auth.noDirectory");
}

}  // namespace
}  // namespace jackfield::services::tests
