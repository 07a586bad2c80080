// SPDX-License-Identifier: Apache-2.0
// Servers and their secrets, sessions, alarms, the audit chain and the history of synchronisations.
#include "store/configuration_store.hpp"

#include <chrono>

#include <Poco/Data/Statement.h>
#include <sys/stat.h>

#include "store/schema.hpp"
#include "store/sqlite_session.hpp"
#include "support.hpp"

namespace jackfield::store {
namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;
using tests::problemOf;

std::set<std::string> secretNames(const std::string& type) {
  if (type == "sip") return {"password", "/tls/keys"};
  return {};
}

class ConfigurationTest : public ::testing::Test {
 protected:
  ConfigurationTest() { open(); }
  void open() {
    close();
    database = std::make_unique<Database>(folder / "main.db", mainSchema());
    store = std::make_unique<ConfigurationStore>(*database, folder / "keys", secretNames);
  }
  void close() {
    store.reset();
    database.reset();
  }
  ServerRecord saved(const std::string& handle, const std::string& password) {
    ServerRecord server;
    server.handle = handle;
    server.type = "sip";
    server.settings = {{"host", "pbx.test"}, {"password", password}, {"tls", {{"keys", {"k-" + password}}}}};
    return store->save(server);
  }
  std::int64_t execute(const std::string& sql) {
    database->write([&](Session& session) { store::execute(session, sql); });
    return 0;
  }
  tests::TemporaryFolder folder{"store"};
  std::unique_ptr<Database> database;
  std::unique_ptr<ConfigurationStore> store;
};

TEST_F(ConfigurationTest, AServerComesBackAsItWasSaved) {
  auto server = saved("pbx", "s3cret");
  EXPECT_EQ(server.revision, 1U);
  open();
  const auto found = store->server("pbx");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->settings, server.settings);
  EXPECT_EQ(found->type, "sip");
  EXPECT_EQ(found->revision, 1U);
  EXPECT_TRUE(found->enabled);
  EXPECT_FALSE(store->server("none"));
  EXPECT_FALSE(store->server(""));
}

TEST_F(ConfigurationTest, ASecretNeverStandsInAnyFileInClear) {
  saved("pbx", "correct-horse-battery");
  for (const bool reopened : {false, true}) {
    if (reopened) close();
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      const auto bytes = tests::bytesOf(entry.path());
      EXPECT_EQ(bytes.find("correct-horse"), std::string::npos) << entry.path();
    }
  }
  open();
  EXPECT_EQ(store->server("pbx")->settings.at("password"), "correct-horse-battery");
}

TEST_F(ConfigurationTest, TheSameSecretLooksDifferentEachTime) {
  saved("a", "same");
  saved("b", "same");
  std::vector<std::string> settings;
  database->read([&](Session& session) { session << "SELECT settings FROM servers", into(settings), now; });
  EXPECT_NE(settings.at(0), settings.at(1));
}

TEST_F(ConfigurationTest, ASealedSecretOpensInNoOtherPlace) {
  saved("a", "of a");
  saved("b", "of b");
  execute("UPDATE servers SET settings = (SELECT settings FROM servers WHERE handle = 'a') WHERE handle = 'b'");
  EXPECT_FALSE(store->server("b")->settings.contains("password"));
  EXPECT_EQ(store->server("b")->settings.at("host"), "pbx.test");
  EXPECT_EQ(store->lostSecrets(), (std::vector<std::string>{"b/password", "b/tls/keys"}));
}

TEST_F(ConfigurationTest, AChangedSecretOnTheDiskIsNoticed) {
  saved("a", "x");
  execute("UPDATE servers SET settings = replace(settings, '\"}', '0\"}')");
  EXPECT_EQ(store->lostSecrets().size(), 2U);
  execute("UPDATE servers SET settings = '{\"password\":{\"$sealed\":\"nonsense\"},\"tls\":{\"$sealed\":7}}'");
  EXPECT_EQ(store->lostSecrets(), (std::vector<std::string>{"a/password", "a/tls"}));
}

TEST_F(ConfigurationTest, WithAnotherKeyTheServersAreStillThereWithoutTheirSecrets) {
  saved("a", "x");
  close();
  std::filesystem::remove(folder / "keys");
  open();
  ASSERT_EQ(store->servers().size(), 1U);
  EXPECT_EQ(store->lostSecrets().size(), 2U);
  auto server = *store->server("a");
  server.settings["password"] = "again";
  store->save(server);
  EXPECT_EQ(store->server("a")->settings.at("password"), "again");
}

TEST_F(ConfigurationTest, TheKeyFileIsPrivateAndARiskyOneIsRefused) {
  struct stat about {};
  ASSERT_EQ(::stat((folder / "keys").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  ASSERT_EQ(::chmod((folder / "keys").c_str(), 0640), 0);
  EXPECT_EQ(problemOf([&] { ConfigurationStore other(*database, folder / "keys", secretNames); }), "secrets.key");
  std::ofstream(folder / "bad") << "no key at all";
  ::chmod((folder / "bad").c_str(), 0600);
  EXPECT_EQ(problemOf([&] { ConfigurationStore other(*database, folder / "bad", secretNames); }), "secrets.key");
  EXPECT_EQ(problemOf([&] { ConfigurationStore other(*database, folder / "no/where", secretNames); }), "secrets.key");
}

TEST_F(ConfigurationTest, AnOlderKeyStillOpensWhatItSealed) {
  saved("a", "old");
  close();
  std::ofstream(folder / "keys", std::ios::app) << "0badcafe " << std::string(64, '7') << "\n";
  open();
  EXPECT_EQ(store->server("a")->settings.at("password"), "old");
  saved("b", "new");
  std::string settings;
  database->read(
      [&](Session& session) { session << "SELECT settings FROM servers WHERE handle = 'b'", into(settings), now; });
  EXPECT_NE(settings.find("1:0badcafe:"), std::string::npos) << "new secrets take the newest key";
  EXPECT_EQ(store->server("b")->settings.at("password"), "new");
}

TEST_F(ConfigurationTest, ASettingThatPosesAsSealedIsRefused) {
  ServerRecord server;
  server.handle = "a";
  server.type = "sip";
  server.settings = {{"list", {boost::json::object{{"$sealed", "1:00000000:00"}}}}};
  EXPECT_EQ(problemOf([&] { store->save(server); }), "secrets.reserved");
  server.settings = {{"password", {{"$sealed", "x"}}}};
  EXPECT_EQ(store->save(server).revision, 1U) << "a secret may have any form, it is sealed whole";
  EXPECT_EQ(store->server("a")->settings, server.settings);
}

TEST_F(ConfigurationTest, AHandleIsTakenOnceWhateverItsCapitals) {
  saved("pbx", "x");
  EXPECT_EQ(problemOf([&] { saved("pbx", "y"); }), "store.server.taken");
  EXPECT_EQ(problemOf([&] { saved("PBX", "y"); }), "store.server.taken");
  EXPECT_EQ(store->server("pbx")->settings.at("password"), "x");
  auto server = *store->server("Pbx");
  server.handle = "PBX";
  server.settings["password"] = "z";
  store->save(server);
  EXPECT_EQ(store->server("pbx")->settings.at("password"), "z");
}

TEST_F(ConfigurationTest, AStaleRevisionIsRefusedAndChangesNothing) {
  const auto mine = saved("pbx", "x");
  auto theirs = mine;
  theirs.description = "theirs";
  EXPECT_EQ(store->save(theirs).revision, 2U);
  auto stale = mine;
  stale.description = "mine";
  EXPECT_EQ(problemOf([&] { store->save(stale); }), "store.server.stale");
  EXPECT_EQ(store->server("pbx")->description, "theirs");
  store->remove("pbx");
  EXPECT_EQ(problemOf([&] { store->save(theirs); }), "store.server.unknown");
}

TEST_F(ConfigurationTest, RestartRequiredIsAFlagOfItsOwn) {
  saved("pbx", "x");
  store->setRestartRequired("pbx", true);
  EXPECT_TRUE(store->server("pbx")->restart_required);
  EXPECT_EQ(store->server("pbx")->revision, 1U);
  store->setRestartRequired("pbx", false);
  EXPECT_FALSE(store->server("pbx")->restart_required);
}

SessionRecord session(const std::string& id, std::int64_t expires) {
  SessionRecord record;
  record.id = id;
  record.token_hash = "hash of " + id;
  record.user_id = "u";
  record.login = "ann'; --";
  record.roles = {model::Role::user, model::Role::auditor};
  record.program = true;
  record.created = 5;
  record.used = 6;
  record.expires = expires;
  return record;
}

constexpr std::int64_t far_future = 4'102'444'800'000;

TEST_F(ConfigurationTest, SessionsSurviveARestartUntilTheyExpire) {
  store->saveSession(session("a", far_future));
  store->saveSession(session("old", 1000));
  open();
  auto sessions = store->sessions();
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].id, "a");
  EXPECT_EQ(sessions[0].token_hash, "hash of a");
  EXPECT_EQ(sessions[0].login, "ann'; --");
  EXPECT_EQ(sessions[0].roles, (std::set<model::Role>{model::Role::user, model::Role::auditor}));
  EXPECT_TRUE(sessions[0].program);
  store->touchSessions({{"a", 77}, {"gone", 78}});
  EXPECT_EQ(store->sessions()[0].used, 77);
  EXPECT_TRUE(store->removeSession("a"));
  EXPECT_FALSE(store->removeSession("a"));
  EXPECT_TRUE(store->sessions().empty());
}

AlarmRecord alarm(const std::string& code, const std::string& subject, std::int64_t raised) {
  AlarmRecord record;
  record.code = code;
  record.subject = subject;
  record.severity = "major";
  record.text = "text at " + std::to_string(raised);
  record.raised = raised;
  return record;
}

TEST_F(ConfigurationTest, ThereIsOneOpenAlarmPerCodeAndSubject) {
  const auto first = store->raise(alarm("down", "pbx", 10));
  const auto again = store->raise(alarm("down", "pbx", 20));
  const auto other = store->raise(alarm("down", "ldap", 30));
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.raised, 10) << "it is up since the first time";
  EXPECT_EQ(again.text, "text at 20");
  EXPECT_NE(other.id, first.id);
  EXPECT_EQ(store->alarms(true, 10).size(), 2U);
  const auto cleared = store->clear("down", "pbx", 40);
  ASSERT_TRUE(cleared);
  EXPECT_EQ(cleared->id, first.id);
  EXPECT_EQ(cleared->cleared, 40);
  EXPECT_FALSE(store->clear("down", "pbx", 50));
  EXPECT_NE(store->raise(alarm("down", "pbx", 60)).id, first.id);
  EXPECT_EQ(store->alarms(true, 10).size(), 2U);
  const auto all = store->alarms(false, 10);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_GT(all[0].id, all[1].id);
  EXPECT_EQ(store->alarms(false, 1).size(), 1U);
}

AuditRecord audit(const std::string& action) {
  AuditRecord record;
  record.time = 1;
  record.who = "root";
  record.action = action;
  return record;
}

TEST_F(ConfigurationTest, TheAuditLogIsReadBackwardsInPages) {
  for (int i = 1; i <= 25; ++i) store->audit(audit("a" + std::to_string(i)));
  auto page = store->auditLog(0, 10);
  ASSERT_EQ(page.size(), 10U);
  EXPECT_EQ(page[0].action, "a25");
  page = store->auditLog(page.back().id, 10);
  EXPECT_EQ(page[0].action, "a15");
  EXPECT_EQ(store->auditLog(page.back().id, 10).size(), 5U);
  EXPECT_FALSE(store->auditBrokenAt());
}

TEST_F(ConfigurationTest, AChangedOrRemovedAuditRecordBreaksTheChain) {
  for (int i = 1; i <= 5; ++i) store->audit(audit("a" + std::to_string(i)));
  EXPECT_FALSE(store->auditBrokenAt());
  execute("UPDATE audit SET who = 'somebody' WHERE id = 3");
  EXPECT_EQ(store->auditBrokenAt(), 3U);
  execute("UPDATE audit SET who = 'root' WHERE id = 3");
  EXPECT_FALSE(store->auditBrokenAt());
  execute("DELETE FROM audit WHERE id = 2");
  EXPECT_EQ(store->auditBrokenAt(), 3U);
}

TEST_F(ConfigurationTest, HostileAuditTextIsKeptAndDoesNotBreakTheChain) {
  auto record = audit(std::string("nul\0inside", 10));
  record.who = "'; DELETE FROM audit; --";
  record.after = std::string(1'000'000, '"');
  store->audit(record);
  store->audit(audit("next"));
  EXPECT_FALSE(store->auditBrokenAt());
  EXPECT_EQ(store->auditLog(0, 10)[1].who, record.who);
  EXPECT_EQ(store->auditLog(0, 10)[1].action, "nul\xef\xbf\xbdinside");
}

TEST_F(ConfigurationTest, DocumentsAreReplacedWholeAndSurviveARestart) {
  EXPECT_FALSE(store->document("defaults"));
  store->saveDocument("defaults", {{"telephonyServer", "pbx"}, {"old", true}});
  store->saveDocument("defaults", {{"telephonyServer", "other"}});
  store->saveDocument("schedule", {{"hour", 2}});
  open();
  EXPECT_EQ(store->document("defaults"), (boost::json::value{{"telephonyServer", "other"}}));
  store->removeDocument("defaults");
  store->removeDocument("defaults");
  EXPECT_FALSE(store->document("defaults"));
  EXPECT_TRUE(store->document("schedule"));
}

TEST_F(ConfigurationTest, ACopyIsAWholeDatabaseForItsOwnerAlone) {
  saved("pbx", "s3cret");
  const auto copy = folder / "copies" / "before.db";
  store->copyTo(copy);
  saved("second", "s3cret");
  store->copyTo(copy);
  EXPECT_EQ(std::filesystem::status(copy).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  Database other(copy, mainSchema());
  const ConfigurationStore copied(other, folder / "keys", secretNames);
  ASSERT_EQ(copied.servers().size(), 2U);
  EXPECT_EQ(copied.server("pbx")->settings.at("password"), "s3cret");
}

TEST_F(ConfigurationTest, SyncRunsAreKeptWithTheirCountsAndReasons) {
  SyncRunRecord run;
  run.directory = "ldap";
  run.state = "running";
  run.id = store->saveSyncRun(run);
  EXPECT_NE(run.id, 0U);
  run.state = "done";
  run.seen = 7;
  run.skipped_reasons.assign(150, "cn=x: no id");
  EXPECT_EQ(store->saveSyncRun(run), run.id);
  SyncRunRecord second;
  second.id = store->saveSyncRun(second);
  const auto runs = store->syncRuns(10);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].id, second.id);
  EXPECT_EQ(runs[1].id, run.id);
  EXPECT_EQ(runs[1].state, "done");
  EXPECT_EQ(runs[1].seen, 7U);
  EXPECT_EQ(runs[1].skipped_reasons.size(), 100U);
}

}  // namespace
}  // namespace jackfield::store
