// SPDX-License-Identifier: Apache-2.0
// Synchronisation runs, users and directory search.
#include "support.hpp"

namespace jackfield::services::tests {
namespace {

class DirectorySyncTest : public Site {
 protected:
  DirectorySyncTest() { addDirectory(); }
  std::vector<directory::Person> crowd(int people) {
    std::vector<directory::Person> out;
    for (int i = 0; i < people; ++i) out.push_back(person("login" + std::to_string(i), std::to_string(1000 + i)));
    return out;
  }
};

TEST_F(DirectorySyncTest, PeopleComeInPartsAndAreFoundAfterwards) {
  plugins().stream("directory/1.sync", [](const auto&, const auto& reply) {
    for (int i = 0; i < 40; ++i) {
      directory::SyncPart part;
      for (int k = 0; k < 25; ++k)
        part.entries.push_back(person("login" + std::to_string(i * 25 + k), std::to_string(1000 + i * 25 + k)));
      if (i == 3) part.skipped.push_back({"cn=broken,dc=test", "has no name"});
      kernel::Reply one;
      one.more = i < 39;
      if (!one.more) part.cursor = "c1";
      one.body = toJsonText(part);
      reply(one);
    }
  });
  const auto run = synchronise();
  EXPECT_EQ(run.added, 1000U);
  EXPECT_EQ(run.seen, 1000U);
  EXPECT_THAT(run.skipped_reasons, testing::ElementsAre("cn=broken,dc=test: has no name"));
  EXPECT_EQ(services().directory().search(user, "login777", 10, 0).entries.at(0).id, "id-login777");
  EXPECT_EQ(services().users().list(auditor, "", 1, 0).total, 1000U);
  const auto again = synchronise();
  EXPECT_EQ(again.unchanged, 1000U);
  EXPECT_EQ(again.changed + again.added + again.removed, 0U);
}

TEST_F(DirectorySyncTest, RunThatWouldRemoveTooManyIsRefusedUntilItIsConfirmed) {
  directoryHolds(crowd(100));
  synchronise();
  directoryHolds(crowd(70));
  const auto refused = synchronise(false, "refused");
  EXPECT_EQ(refused.removed, 30U);
  EXPECT_THAT(refused.text, testing::HasSubstr("30"));
  EXPECT_EQ(services().users().list(admin, "", 1, 0).total, 100U);
  EXPECT_EQ(services().alarms().list(admin, true).at(0).code, "sync.failed");
  synchronise(true);
  EXPECT_EQ(services().users().list(admin, "", 1, 0).total, 70U);
  EXPECT_TRUE(services().alarms().list(admin, true).empty());
  directoryHolds(crowd(60));
  synchronise();
}

TEST_F(DirectorySyncTest, RunThatBreaksOffChangesNothingAndSaysWhy) {
  directoryHolds(crowd(20));
  synchronise();
  plugins().stream("directory/1.sync", [](const auto&, const auto& reply) {
    directory::SyncPart part;
    part.entries.push_back(person("newcomer", "5555"));
    kernel::Reply one;
    one.body = toJsonText(part);
    one.more = true;
    reply(one);
    reply(failed(Status::unreachable, "directory.connection.lost", "the server ended the connection"));
  });
  const auto run = synchronise(false, "failed");
  EXPECT_THAT(run.text, testing::HasSubstr("ended the connection"));
  EXPECT_EQ(services().users().list(admin, "", 1, 0).total, 20U);
}

TEST_F(DirectorySyncTest, ForgottenCursorMakesAnIncrementAFullRun) {
  directoryHolds(crowd(5));
  synchronise();
  plugins().stream("directory/1.sync", [this](const auto& body, const auto& reply) {
    if (fromJson<directory::Sync>(parseJson(body)).mode == directory::SyncMode::incremental)
      return reply(failed(Status::state, "directory.sync.cursor", "too old"));
    directory::SyncPart part;
    part.entries = crowd(6);
    part.cursor = "c2";
    kernel::Reply one;
    one.body = toJsonText(part);
    reply(one);
  });
  SyncInput input;
  input.mode = directory::SyncMode::incremental;
  const auto id = services().directorySync().start(admin, input).id;
  ASSERT_TRUE(waitFor([&] { return services().directorySync().run(admin, id).state == "done"; }));
  const auto run = services().directorySync().run(admin, id);
  EXPECT_EQ(run.mode, "full");
  EXPECT_EQ(run.added, 1U);
}

TEST_F(DirectorySyncTest, OneRunAtATimeAndTheEndOfTheHostCancelsIt) {
  std::mutex mutex;
  std::condition_variable wake;
  bool go_on = false;
  plugins().stream("directory/1.sync", [&](const auto&, const auto& reply) {
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return go_on; });
    kernel::Reply last;
    last.body = "{}";
    reply(last);
  });
  const auto run = services().directorySync().start(admin, {});
  EXPECT_EQ(run.state, "running");
  EXPECT_EQ(codeOf([&] { services().directorySync().start(admin, {}); }), "sync.running");
  std::thread release([&] {
    waitFor([&] { return !services().ready(); });
    const std::lock_guard lock(mutex);
    go_on = true;
    wake.notify_all();
  });
  services().stop();
  release.join();
  EXPECT_EQ(services().directorySync().run(admin, run.id).state, "failed");
  EXPECT_EQ(codeOf([&] { services().directorySync().start(admin, {}); }), "system.stopping");
}

TEST_F(DirectorySyncTest, WhichDirectoryMustBeClear) {
  EXPECT_EQ(codeOf([&] { services().directorySync().start(admin, {"nowhere", {}, false}); }), "sync.server");
  addDirectory("second");
  EXPECT_EQ(codeOf([&] { services().directorySync().start(admin, {}); }), "sync.which");
  EXPECT_EQ(codeOf([&] { services().directorySync().start(auditor, {}); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { services().directorySync().runs(auditor); }), "auth.monitors");
  EXPECT_EQ(codeOf([&] { services().directorySync().run(auditor, 1); }), "auth.monitors");
  EXPECT_EQ(codeOf([&] { services().directorySync().start(user, {}); }), "auth.forbidden");
}

TEST_F(DirectorySyncTest, UserNumberFourThousandAndOneGetsNoTelephony) {
  limits_.administered_users = 2;
  restart();
  addTelephony();
  directoryHolds(crowd(3));
  synchronise();
  giveTelephony("id-login0");
  giveTelephony("id-login1");
  EXPECT_EQ(codeOf([&] { giveTelephony("id-login2"); }), "capacity.administeredUsers");
  EXPECT_EQ(services().audit().list(admin, 0, 1).entries.at(0).action, "user.capacity");
  giveTelephony("id-login1");
  giveTelephony("id-login0", "");
  EXPECT_EQ(codeOf([&] { giveTelephony("id-login2"); }), "");
  EXPECT_EQ(services().users().administered(), 2U);
}

TEST_F(DirectorySyncTest, UsersChangeOnlyWithinTheRules) {
  addTelephony();
  directoryHolds(crowd(2));
  synchronise();
  auto& users = services().users();
  EXPECT_EQ(codeOf([&] { users.change(admin, "nobody", {}); }), "user.unknown");
  EXPECT_EQ(codeOf([&] { users.change(admin, "id-login0", {"hq-ldap", std::nullopt, std::nullopt}); }), "user.server");
  EXPECT_EQ(codeOf([&] { users.change(admin, "id-login0", {std::nullopt, "10 01", std::nullopt}); }), "user.extension");
  EXPECT_EQ(codeOf([&] { users.change(auditor, "id-login0", {}); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { users.get(user, "id-login0"); }), "auth.forbidden");
  EXPECT_EQ(users.change(admin, "id-login0", {"hq-sip", "7001", std::nullopt}).extension, "7001");
  EXPECT_THAT(codeOf([&] {
                users.change(admin, "id-login1", {"hq-sip", "7001", std::nullopt});
              }),
              testing::Not(testing::IsEmpty()))
      << "one extension belongs to one user";
}

TEST_F(DirectorySyncTest, SearchIsBoundedAndHidesWhatColleaguesHaveNoBusinessWith) {
  directoryHolds(crowd(3));
  synchronise();
  const auto found = services().directory().get(user, "id-login1");
  EXPECT_EQ(found.name, "Name of login1");
  EXPECT_TRUE(found.dn.empty());
  EXPECT_TRUE(found.roles.empty());
  EXPECT_FALSE(services().directory().get(auditor, "id-login1").dn.empty());
  EXPECT_EQ(codeOf([&] { services().directory().search(user, std::string(1000000, 'x'), 10, 0); }), "list.search");
  EXPECT_EQ(codeOf([&] { services().directory().search(user, "x", 0, 0); }), "list.limit");
  EXPECT_EQ(codeOf([&] { services().directory().search(user, "x", 201, 0); }), "list.limit");
  EXPECT_EQ(codeOf([&] { services().directory().get(user, "nobody"); }), "directory.unknown");
}

}  // namespace
}  // namespace jackfield::services::tests
