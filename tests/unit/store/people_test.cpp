// SPDX-License-Identifier: Apache-2.0
// Synchronisation by generations, users and their extensions.
#include "people_fixture.hpp"

namespace jackfield::store {
namespace {

TEST_F(PeopleTest, AnEntryComesBackWhole) {
  Person ann = user("a-1", "Ann Smith", "1001", "+49 89 1234567");
  ann.given_name = "Ann";
  ann.surname = "Smith";
  ann.mail = "ann@site.test";
  ann.mail2 = "a.s@home.test";
  ann.title = "Dr.";
  ann.department = "R&D \"2\"";
  ann.company = "Site";
  ann.location = "M\xc3\xbcnchen";
  ann.numbers.push_back({NumberKind::mobile, "0171 555"});
  ann.roles = {"user", "administrator"};
  sync({ann});
  open();
  const auto found = people->person("a-1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->dn, ann.dn);
  EXPECT_EQ(found->department, ann.department);
  EXPECT_EQ(found->location, ann.location);
  EXPECT_EQ(found->mail2, ann.mail2);
  EXPECT_EQ(found->roles, ann.roles);
  ASSERT_EQ(found->numbers.size(), 2U);
  EXPECT_EQ(found->numbers[1].kind, NumberKind::mobile);
  EXPECT_EQ(found->numbers[1].value, "0171 555");
  EXPECT_FALSE(people->person("a-2"));
  EXPECT_FALSE(people->person(""));
}

TEST_F(PeopleTest, AFullRunAddsChangesRemovesAndCounts) {
  auto counts = sync({person("1", "Ann"), person("2", "Ben"), person("3", "Cy")});
  EXPECT_EQ(counts.added, 3U);
  EXPECT_EQ(counts.seen, 3U);
  counts = sync({person("1", "Ann"), person("2", "Benjamin"), person("4", "Dan")});
  EXPECT_EQ(counts.added, 1U);
  EXPECT_EQ(counts.changed, 1U);
  EXPECT_EQ(counts.removed, 1U);
  EXPECT_EQ(counts.unchanged, 1U);
  EXPECT_EQ(found(""), (Names{"Ann", "Benjamin", "Dan"}));
  EXPECT_EQ(found("ben"), Names{"Benjamin"});
  EXPECT_TRUE(found("cy").empty());
  EXPECT_FALSE(people->person("3"));
}

TEST_F(PeopleTest, AnIncrementalRunTouchesOnlyWhatItNames) {
  sync({person("1", "Ann"), person("2", "Ben"), person("3", "Cy")});
  auto run = people->beginSync("ldap", SyncMode::incremental);
  run.add({{person("2", "Bea"), person("4", "Dan")}, {}, {"3", "unknown"}, ""});
  run.add({{person("2", "Bella")}, {}, {}, ""});
  EXPECT_EQ(run.counts().removed, 1U);
  const auto counts = run.finish("c2");
  EXPECT_EQ(counts.added, 1U);
  EXPECT_EQ(counts.changed, 1U);
  EXPECT_EQ(found(""), (Names{"Ann", "Bella", "Dan"}));
  EXPECT_TRUE(found("bea").empty());
  EXPECT_EQ(people->syncCursor("ldap"), "c2");
  EXPECT_EQ(people->syncCursor("other"), "");
}

TEST_F(PeopleTest, ARunWithoutChangesWritesNothingAtAll) {
  std::vector<Person> entries;
  for (int i = 0; i < 500; ++i) entries.push_back(user(std::to_string(i), "Name " + std::to_string(i)));
  sync(entries);
  const auto wal = folder / "main.db-wal";
  const auto index = folder / "main-search.db-wal";
  ASSERT_TRUE(tests::waitFor([&] { return database->figures().waiting == 0; }));
  const auto writes = database->figures().writes;
  const auto bytes = tests::bytesOf(wal);
  const auto index_bytes = tests::bytesOf(index);
  const auto counts = sync(entries);
  EXPECT_EQ(counts.unchanged, 500U);
  EXPECT_EQ(counts.added + counts.changed + counts.removed, 0U);
  EXPECT_EQ(database->figures().writes, writes);
  EXPECT_TRUE(tests::bytesOf(wal) == bytes);
  EXPECT_TRUE(tests::bytesOf(index) == index_bytes);
}

TEST_F(PeopleTest, NothingIsSeenBeforeTheSwitchAndNothingStaysOfARunThatWasGivenUp) {
  sync({person("1", "Ann"), person("2", "Ben")});
  {
    auto run = people->beginSync("ldap", SyncMode::full);
    std::vector<Person> entries;
    for (int i = 100; i < 1100; ++i) entries.push_back(person(std::to_string(i), "New " + std::to_string(i)));
    entries.push_back(person("1", "Anna changed"));
    run.add({entries, {}, {}, ""});
    EXPECT_EQ(found(""), (Names{"Ann", "Ben"}));
    EXPECT_TRUE(found("new").empty());
    EXPECT_EQ(run.counts().removed, 1U);
  }
  EXPECT_EQ(found(""), (Names{"Ann", "Ben"}));
  EXPECT_EQ(ask("SELECT count(*) FROM people"), 2);
  EXPECT_EQ(sync({person("1", "Ann"), person("2", "Ben")}).unchanged, 2U);
  EXPECT_EQ(found("ann"), Names{"Ann"});
}

TEST_F(PeopleTest, RowsThatACrashLeftBehindGoAtTheNextStart) {
  sync({person("1", "Ann"), person("2", "Ben")});
  database->write([](Session& session) {
    execute(session,
            "INSERT INTO people SELECT number + 1000, directory, 99, until, id || 'x', hash, is_user, 'Ghost', login, "
            "extension, digits, 'ghost', body FROM people");
    execute(session, "UPDATE people SET until = 99 WHERE id = '1'");
  });
  open();
  EXPECT_EQ(found(""), (Names{"Ann", "Ben"}));
  EXPECT_EQ(ask("SELECT count(*) FROM people"), 2);
  sync({person("1", "Ann"), person("2", "Bert")});
  EXPECT_EQ(found(""), (Names{"Ann", "Bert"}));
}

TEST_F(PeopleTest, EndedRowsAreRemovedInTheBackground) {
  std::vector<Person> entries;
  for (int i = 0; i < 450; ++i) entries.push_back(person(std::to_string(i), "A" + std::to_string(i)));
  sync(entries);
  for (auto& entry : entries) entry.title = "new";
  sync(entries);
  EXPECT_TRUE(tests::waitFor([&] { return ask("SELECT count(*) FROM people") == 450; }));
  sync({});
  EXPECT_TRUE(tests::waitFor([&] { return ask("SELECT count(*) FROM people") == 0; }));
  EXPECT_EQ(people->search("", 10, 0).total, 0U);
}

TEST_F(PeopleTest, OneRunPerDirectoryAtATime) {
  auto run = people->beginSync("ldap", SyncMode::full);
  EXPECT_EQ(problemOf([&] { people->beginSync("ldap", SyncMode::full); }), "people.sync.running");
  auto other = people->beginSync("other", SyncMode::full);
  run.finish("");
  { auto moved = std::move(run); }
  EXPECT_EQ(problemOf([&] { people->beginSync("ldap", SyncMode::full); }), "");
}

TEST_F(PeopleTest, DirectoriesDoNotDisturbEachOther) {
  sync({person("1", "Ann")}, "a", "one");
  sync({person("2", "Ben")}, "b", "two");
  EXPECT_EQ(found(""), (Names{"Ann", "Ben"}));
  sync({}, "a2", "one");
  EXPECT_EQ(found(""), Names{"Ben"});
  people->removeDirectory("two");
  EXPECT_TRUE(found("").empty());
}

TEST_F(PeopleTest, EntriesThatCannotBeKeptAreCountedAndNamed) {
  sync({person("1", "Ann")}, "a", "one");
  auto huge = person("4", "Huge");
  huge.title = std::string(100'000, 'x');
  const auto counts = sync({person("1", "Thief"), person("2", "Ben"), person("2", "Ben again"), person("", "Nobody"),
                            huge, person(std::string(300, 'i'), "Long")},
                           "b", "two");
  EXPECT_EQ(counts.seen, 6U);
  EXPECT_EQ(counts.added, 1U);
  EXPECT_EQ(counts.skipped, 5U);
  ASSERT_EQ(reasons.size(), 5U);
  EXPECT_EQ(reasons[0].find("cn=Thief: another directory"), 0U) << reasons[0];
  EXPECT_EQ(reasons[1].find("cn=Ben again: another entry"), 0U) << reasons[1];
  EXPECT_EQ(found(""), (Names{"Ann", "Ben"}));
}

TEST_F(PeopleTest, WhatThePluginLeftOutIsCountedToo) {
  auto run = people->beginSync("ldap", SyncMode::full);
  run.add({{person("1", "Ann")}, {{"cn=x", "no id"}, {"cn=y", "no id"}}, {}, ""});
  EXPECT_EQ(run.finish("").skipped, 2U);
}

TEST_F(PeopleTest, OnlyEntriesWithTheRoleAreUsers) {
  auto administrator = person("adm", "Adm");
  administrator.roles = {"administrator"};
  sync({user("ann", "Ann", "1001"), person("ben", "Ben", "1002"), administrator});
  EXPECT_EQ(people->userCount(), 1U);
  EXPECT_TRUE(people->user("ann"));
  EXPECT_FALSE(people->user("ben"));
  EXPECT_FALSE(people->user("adm"));
  EXPECT_EQ(people->users("", 10, 0).total, 1U);
  EXPECT_EQ(problemOf([&] { people->change("ben", {}); }), "people.user.unknown");
}

TEST_F(PeopleTest, AUserIsFoundByServerAndExtensionWithTheDirectorysDefault) {
  sync({user("ann", "Ann", "1001", "+4989123")});
  const auto found = people->userOf("pbx", "1001");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->person.id, "ann");
  EXPECT_EQ(found->telephony_server, "pbx");
  EXPECT_EQ(found->directory, "ldap");
  EXPECT_FALSE(people->userOf("other", "1001"));
  EXPECT_FALSE(people->userOf("pbx", "1002"));
  EXPECT_FALSE(people->userOf("pbx", ""));
  EXPECT_EQ(people->usersOf("pbx"), 1U);
  EXPECT_EQ(people->user("ann")->person.numbers.at(0).value, "+4989123");
}

TEST_F(PeopleTest, WhatAnAdministratorSetsWinsAndStaysThroughSynchronisationsAndRestarts) {
  sync({user("ann", "Ann", "1001"), user("ben", "Ben", "1002")});
  auto changed = people->change("ann", {"second", "7001", std::nullopt});
  EXPECT_EQ(changed.extension, "7001");
  EXPECT_EQ(changed.telephony_server, "second");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(people->userOf("second", "7001")->person.id, "ann");
    EXPECT_FALSE(people->userOf("pbx", "1001"));
    EXPECT_EQ(named("7001"), "ann");
    EXPECT_EQ(named("1001"), "");
    EXPECT_EQ(people->users("7001", 10, 0).total, 1U);
    EXPECT_EQ(people->usersOf("second"), 1U);
    if (i == 0) sync({user("ann", "Ann B", "1009"), user("ben", "Ben", "1002")});
    if (i == 1) open();
  }
  changed = people->change("ann", {std::nullopt, "", std::nullopt});
  EXPECT_EQ(changed.extension, "1009") << "an empty extension goes back to the directory's";
  changed = people->change("ann", {"", std::nullopt, std::nullopt});
  EXPECT_EQ(changed.telephony_server, "");
  EXPECT_FALSE(people->userOf("second", "1009"));
  EXPECT_FALSE(people->userOf("", "1009"));
}

TEST_F(PeopleTest, ADisabledUserHasNoCallsButKeepsTheExtension) {
  sync({user("ann", "Ann", "1001"), user("ben", "Ben", "1002")});
  people->change("ann", {std::nullopt, std::nullopt, false});
  EXPECT_FALSE(people->userOf("pbx", "1001"));
  EXPECT_FALSE(people->user("ann")->enabled);
  EXPECT_EQ(problemOf([&] { people->change("ben", {std::nullopt, "1001", std::nullopt}); }), "people.extension.taken");
  people->change("ann", {std::nullopt, std::nullopt, true});
  EXPECT_EQ(people->userOf("pbx", "1001")->person.id, "ann");
}

TEST_F(PeopleTest, AnExtensionThatAnotherUserHasIsRefused) {
  sync({user("ann", "Ann", "1001"), user("ben", "Ben", "1002")});
  EXPECT_EQ(problemOf([&] { people->change("ben", {std::nullopt, "1001", std::nullopt}); }), "people.extension.taken");
  EXPECT_EQ(people->userOf("pbx", "1002")->person.id, "ben") << "a refused change changes nothing";
  EXPECT_EQ(people->change("ben", {"second", "1001", std::nullopt}).extension, "1001")
      << "another server, another phone";
  EXPECT_EQ(problemOf([&] { people->change("ben", {"pbx", std::nullopt, std::nullopt}); }), "people.extension.taken");
  EXPECT_EQ(people->userOf("pbx", "1001")->person.id, "ann");
  EXPECT_EQ(people->userOf("second", "1001")->person.id, "ben");
}

TEST_F(PeopleTest, TwoUsersWithOneExtensionAreBothKeptAndTheConflictIsShown) {
  const auto counts = sync({user("zoe", "Zoe", "1001"), user("ann", "Ann", "1001"), user("mia", "Mia", "1001")});
  EXPECT_EQ(counts.added, 3U);
  EXPECT_EQ(people->userCount(), 3U);
  EXPECT_EQ(people->userOf("pbx", "1001")->person.id, "ann");
  auto conflicts = people->extensionConflicts();
  ASSERT_EQ(conflicts.size(), 1U);
  EXPECT_EQ(conflicts[0].telephony_server, "pbx");
  EXPECT_EQ(conflicts[0].extension, "1001");
  EXPECT_EQ(conflicts[0].owner, "ann");
  EXPECT_EQ(conflicts[0].others, (Names{"mia", "zoe"}));
  ASSERT_EQ(reasons.size(), 2U);
  EXPECT_NE(reasons[0].find("extension 1001 on pbx belongs to Ann"), std::string::npos) << reasons[0];
  EXPECT_EQ(named("1001"), "") << "three people share the number";
  people->change("ann", {std::nullopt, std::nullopt, false});
  EXPECT_EQ(people->userOf("pbx", "1001")->person.id, "mia") << "a disabled user does not stand in the way";
  people->change("mia", {std::nullopt, "1003", std::nullopt});
  EXPECT_EQ(people->userOf("pbx", "1001")->person.id, "zoe");
  sync({user("ann", "Ann", "1001")});
  EXPECT_TRUE(people->extensionConflicts().empty());
}

TEST_F(PeopleTest, AUserWhoLeavesAndReturnsKeepsIdentityAndSettings) {
  sync({user("ann", "Ann", "1001")});
  people->change("ann", {std::nullopt, "7001", std::nullopt});
  sync({});
  EXPECT_FALSE(people->user("ann"));
  EXPECT_FALSE(people->userOf("pbx", "7001"));
  EXPECT_EQ(people->usersOf("pbx"), 0U);
  sync({user("ann", "Ann Married", "1001")});
  EXPECT_EQ(people->user("ann")->extension, "7001");
}

TEST_F(PeopleTest, ReadersAreNeverStoppedAndNeverSeeHalfASynchronisation) {
  const auto generation = [](int number) {
    std::vector<Person> entries;
    for (int i = 0; i < 300; ++i)
      entries.push_back(user("id" + std::to_string(i), "Gen" + std::to_string(number) + " P" + std::to_string(i),
                             std::to_string(5000 + i)));
    return entries;
  };
  sync(generation(0));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::atomic<int> answers{0};
  std::vector<std::thread> readers;
  for (int r = 0; r < 4; ++r)
    readers.emplace_back([&, r] {
      while (!stop) {
        const auto page = people->search(r % 2 == 0 ? "" : "gen", 300, 0);
        std::set<std::string> generations;
        for (const auto& entry : page.entries) generations.insert(entry.name.substr(0, 5));
        if (page.total != 300 || generations.size() != 1) ++wrong;
        if (!people->userOf("pbx", "5007") || !people->byNumber("5008") || !people->person("id9")) ++wrong;
        if (people->users("p1", 5, 0).entries.size() != 5) ++wrong;
        ++answers;
      }
    });
  for (int round = 1; round <= 15; ++round) {
    sync(generation(round % 10));
    people->change("id3", {std::nullopt, std::to_string(9000 + round), std::nullopt});
  }
  EXPECT_TRUE(tests::waitFor([&] { return answers > 20; }));
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(PeopleTest, AFullDiskFailsTheRunAndLeavesEverythingAsItWas) {
  sync({user("1", "Ann", "1001"), user("2", "Ben")});
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 400'000;
  ::setrlimit(RLIMIT_FSIZE, &small);
  std::vector<Person> entries;
  for (int i = 0; i < 5000; ++i) entries.push_back(person("n" + std::to_string(i), "New " + std::to_string(i)));
  const auto code = problemOf([&] {
    auto run = people->beginSync("ldap", SyncMode::full);
    run.add({entries, {}, {}, ""});
    run.finish("");
  });
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(code, "store.io");
  EXPECT_EQ(found(""), (Names{"Ann", "Ben"}));
  EXPECT_EQ(people->userOf("pbx", "1001")->person.id, "1");
  EXPECT_EQ(sync(entries).added, 5000U);
  EXPECT_EQ(people->search("new", 1, 0).total, 5000U);
  EXPECT_EQ(people->search("", 1, 0).total, 5000U);
}

}  // namespace
}  // namespace jackfield::store
