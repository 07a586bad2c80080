// SPDX-License-Identifier: Apache-2.0
// Synchronisation by generations, search, number resolution, users and their extensions.
#include "store/people.hpp"

#include <algorithm>
#include <atomic>
#include <set>

#include <Poco/Data/Statement.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "store/schema.hpp"
#include "store/sqlite_session.hpp"
#include "support.hpp"

namespace jackfield::store {
namespace {

using directory::NumberKind;
using directory::Person;
using directory::SyncMode;
using directory::SyncPart;
using Poco::Data::Session;
using tests::problemOf;
using Names = std::vector<std::string>;

Person person(const std::string& id, const std::string& name, const std::string& extension = "",
              const std::string& number = "") {
  Person out;
  out.id = id;
  out.dn = "cn=" + name;
  out.login = id;
  out.name = name;
  out.extension = extension;
  if (!number.empty()) out.numbers.push_back({NumberKind::office, number});
  return out;
}

Person user(const std::string& id, const std::string& name, const std::string& extension = "",
            const std::string& number = "") {
  Person out = person(id, name, extension, number);
  out.roles = {"user"};
  return out;
}

class PeopleTest : public ::testing::Test {
 protected:
  PeopleTest() { open(); }
  void open() {
    close();
    database = std::make_unique<Database>(folder / "main.db", mainSchema());
    people = std::make_unique<People>(*database);
  }
  void close() {
    people.reset();
    database.reset();
  }
  SyncCounts sync(const std::vector<Person>& entries, const std::string& cursor = "c", const std::string& from = "ldap",
                  SyncMode mode = SyncMode::full) {
    SyncOptions options;
    options.default_telephony_server = "pbx";
    auto run = people->beginSync(from, mode, options);
    run.add({entries, {}, {}, ""});
    const auto counts = run.finish(cursor);
    reasons = run.reasons();
    return counts;
  }
  Names found(const std::string& text, std::size_t limit = 50, std::size_t offset = 0) const {
    Names out;
    for (const auto& entry : people->search(text, limit, offset).entries) out.push_back(entry.name);
    return out;
  }
  std::string named(const std::string& number) const {
    const auto person = people->byNumber(number);
    return person ? person->id : "";
  }
  std::int64_t ask(const std::string& sql) const {
    std::int64_t out = 0;
    database->read([&](Session& session) { out = integer(session, sql); });
    return out;
  }
  tests::TempFolder folder;
  std::unique_ptr<Database> database;
  std::unique_ptr<People> people;
  std::vector<std::string> reasons;
};

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
  ASSERT_TRUE(tests::eventually([&] { return database->figures().waiting == 0; }));
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
  EXPECT_TRUE(tests::eventually([&] { return ask("SELECT count(*) FROM people") == 450; }));
  sync({});
  EXPECT_TRUE(tests::eventually([&] { return ask("SELECT count(*) FROM people") == 0; }));
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

class Search : public PeopleTest {
 protected:
  Search() {
    auto mueller = person("1", "J\xc3\xb6rg M\xc3\xbcller", "1001", "+49 89 1234-567");
    mueller.mail = "joerg.mueller@site.test";
    mueller.department = "Caf\xc3\xa9";
    auto smith = person("2", "Anna-Lena Smith-Jones", "1002", "030/7654321");
    auto cyrillic =
        person("3", "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0 \xd0\x9f\xd0\xb5\xd1\x82\xd1\x80\xd0\xbe\xd0\xb2\xd0\xb0");
    auto odd = person("4", "O'Brien \"Bob\" (Ops) 100% *");
    sync({mueller, smith, cyrillic, odd});
  }
  std::string ids(const std::string& text) const {
    std::set<std::string> sorted;
    for (const auto& entry : people->search(text, 50, 0).entries) sorted.insert(entry.id);
    std::string out;
    for (const auto& id : sorted) out += id;
    return out;
  }
};

TEST_F(Search, WordsInAnyOrderPrefixesAndWithoutAccents) {
  EXPECT_EQ(ids("muller"), "1");
  EXPECT_EQ(ids("M\xc3\x9cLLER jorg"), "1");
  EXPECT_EQ(ids("mul jo"), "1");
  EXPECT_EQ(ids("jones anna"), "2");
  EXPECT_EQ(ids("lena-anna"), "2");
  EXPECT_EQ(ids("cafe"), "1");
  EXPECT_EQ(ids("\xd0\xbf\xd0\xb5\xd1\x82"), "3") << "capital letters of other scripts are folded too";
  EXPECT_EQ(ids("joerg.mueller@site.test"), "1");
  EXPECT_EQ(ids("smith muller"), "");
  EXPECT_EQ(ids("uller"), "") << "words are found by their beginning";
}

TEST_F(Search, NumbersAreFoundHoweverTheyAreTyped) {
  for (const auto* text :
       {"1001", "+49 89 1234567", "0049 (89) 12345", "4989123", "1234 567", "1234567", "4567", "+49-89"})
    EXPECT_EQ(ids(text), "1") << text;
  EXPECT_EQ(ids("030 765"), "2");
  EXPECT_EQ(ids("7654321"), "2");
  EXPECT_EQ(ids("100"), "124");
}

TEST_F(Search, HostileTextIsOnlyText) {
  EXPECT_EQ(ids("o'brien \"bob\""), "4");
  for (const auto* text : {"\"",
                           "'",
                           "*",
                           "anna*",
                           "AND",
                           "anna AND smith",
                           "anna OR",
                           "NOT anna",
                           "NEAR(anna smith)",
                           "words:anna",
                           "^anna",
                           "{anna smith}",
                           "anna\"*",
                           "-anna",
                           "(",
                           ")",
                           "a:b",
                           "$1",
                           "%",
                           "_",
                           "; DROP TABLE people",
                           "\xff\xfe\xfd",
                           "\xc3",
                           "entries MATCH anna",
                           "\xe2\x80\xae"})
    EXPECT_NO_THROW(people->search(text, 10, 0)) << text;
  EXPECT_EQ(ids("anna*"), "2");
  EXPECT_EQ(ids("anna OR muller"), "") << "OR is a word like any other";
  EXPECT_EQ(ids("***"), "") << "a text without letters and digits finds nobody";
  EXPECT_EQ(ids("   \t"), "1234") << "no text at all finds everybody";
  EXPECT_NO_THROW(people->search(std::string("anna\0smith", 10), 10, 0));
  EXPECT_NO_THROW(people->search(std::string(1'000'000, 'a'), 10, 0));
  std::string words;
  while (words.size() < 1'000'000) words += "\"a\" OR ";
  EXPECT_NO_THROW(people->search(words, 10, 0));
}

TEST_F(PeopleTest, ResultsComeByNameInPages) {
  std::vector<Person> entries;
  for (int i = 0; i < 95; ++i) {
    const std::string digits = std::to_string(1000 + (i * 37) % 95);
    entries.push_back(person("id" + digits, "Name " + digits));
  }
  sync(entries);
  Names all;
  for (std::size_t offset = 0; offset < 100; offset += 20)
    for (const auto& name : found("name", 20, offset)) all.push_back(name);
  ASSERT_EQ(all.size(), 95U);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  EXPECT_EQ(people->search("name", 1, 0).total, 95U);
  EXPECT_TRUE(people->search("name", 0, 0).entries.empty());
  EXPECT_TRUE(people->search("name", 10, 1'000'000'000'000).entries.empty());
  EXPECT_EQ(people->search("", ~std::size_t{0}, 0).entries.size(), 95U);
}

TEST_F(PeopleTest, TheIndexIsMadeAnewWhenItsFileIsMissingDamagedOrOfAnotherDatabase) {
  sync({person("1", "Ann"), person("2", "Ben")});
  const auto file = folder / "main-search.db";
  close();
  std::filesystem::remove(file);
  open();
  EXPECT_EQ(found("ben"), Names{"Ben"});
  close();
  std::ofstream(file) << std::string(50'000, '?');
  open();
  EXPECT_EQ(found("ben"), Names{"Ben"});
  close();
  {
    Database other(folder / "other.db", mainSchema());
    People strangers(other);
    auto run = strangers.beginSync("ldap", SyncMode::full);
    run.add({{person("1", "Zoe"), person("2", "Yan")}, {}, {}, ""});
    run.finish("");
  }
  std::filesystem::copy_file(folder / "other-search.db", file, std::filesystem::copy_options::overwrite_existing);
  open();
  EXPECT_EQ(found("ben"), Names{"Ben"});
  EXPECT_TRUE(found("zoe").empty());
}

TEST_F(PeopleTest, TheIndexStaysBoundedHoweverOftenEntriesChange) {
  std::vector<Person> entries;
  for (int i = 0; i < 4000; ++i) entries.push_back(person(std::to_string(i), "Person " + std::to_string(i)));
  for (int round = 0; round < 6; ++round) {
    for (auto& entry : entries) entry.title = "round" + std::to_string(round);
    sync(entries);
  }
  EXPECT_EQ(people->search("round5", 1, 0).total, 4000U);
  EXPECT_EQ(people->search("round4", 1, 0).total, 0U);
  close();
  Database index(folder / "main-search.db", {{1, {}}});
  index.read([](Session& session) { EXPECT_LE(integer(session, "SELECT size FROM state"), 18'000); });
}

class Numbers : public PeopleTest {
 protected:
  Numbers() {
    sync({user("ann", "Ann", "1001", "+49 89 1234567"), user("ben", "Ben", "1002", "089/7654321"),
          person("cy", "Cy", "2001", "+1 555 333 4444"), person("dan", "Dan", "", "+49 30 1111111"),
          person("eve", "Eve", "", "+49 30 1111111"), person("flo", "Flo", "", "+49 40 9999999"),
          person("gil", "Gil", "", "+49 41 9999999")});
  }
};

TEST_F(Numbers, AnExactNumberNamesItsOwner) {
  EXPECT_EQ(named("+49 89 1234567"), "ann");
  EXPECT_EQ(named("0049891234567"), "ann");
  EXPECT_EQ(named("sip:+49891234567@pbx"), "ann");
  EXPECT_EQ(named("1002"), "ben");
  EXPECT_EQ(named("2001"), "cy");
  const auto found = people->byNumber("1001");
  EXPECT_EQ(found->name, "Ann");
  EXPECT_EQ(found->extension, "1001");
}

TEST_F(Numbers, ElseTheLongestUniqueEndOfSevenDigitsOrMore) {
  EXPECT_EQ(named("089 1234567"), "ann");
  EXPECT_EQ(named("1234567"), "ann");
  EXPECT_EQ(named("+49 89 7654321"), "ben");
  EXPECT_EQ(named("9 555 333 4444"), "cy");
  EXPECT_EQ(named("040 9999999"), "flo") << "one digit more decides between the two";
  EXPECT_EQ(named("234567"), "") << "six digits are too few";
  EXPECT_EQ(named("9999999"), "") << "two people end like this";
}

TEST_F(Numbers, ANumberThatSeveralShareNamesNobody) {
  EXPECT_EQ(named("+49 30 1111111"), "");
  EXPECT_EQ(named("030 1111111"), "");
}

TEST_F(Numbers, WhatIsNoNumberNamesNobody) {
  for (const auto* text : {"", "anonymous", "sip:ann@pbx", "+", "*21#", "99999"}) EXPECT_EQ(named(text), "") << text;
  EXPECT_EQ(named(std::string(1'000'000, '1')), "");
}

TEST_F(Numbers, LongNumbersAreComparedByTheirLastSixteenDigits) {
  sync({person("x", "X", "", "12345678901234567890")});
  EXPECT_EQ(named("12345678901234567890"), "x");
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
  EXPECT_TRUE(tests::eventually([&] { return answers > 20; }));
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
