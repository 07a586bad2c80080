// SPDX-License-Identifier: Apache-2.0
// Search and the resolution of numbers to names.
#include "people_fixture.hpp"

namespace jackfield::store {
namespace {

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

TEST_F(Search, ADamagedRowDoesNotHideTheOthers) {
  database->write([](Session& session) { execute(session, "UPDATE people SET body = 'torn' WHERE id = '2'"); });
  close();
  std::filesystem::remove(folder / "main-search.db");  // made anew from the rows
  open();
  EXPECT_EQ(ids("muller"), "1");
  EXPECT_EQ(ids("bob"), "4");
  EXPECT_EQ(ids("smith"), "") << "its words are gone";
  EXPECT_EQ(ids(""), "1234");
  EXPECT_EQ(people->person("2")->name, "Anna-Lena Smith-Jones") << "what is in memory stands for it";
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

TEST_F(PeopleTest, WhatAnEarlierVersionStoredIsStillFoundInItsOrder) {
  close();
  for (const auto* file : {"main.db", "main-search.db"}) std::filesystem::remove(folder / file);
  {
    Database old(folder / "main.db", {mainSchema().at(0), mainSchema().at(1)});
    old.write([](Session& session) {
      execute(session, "INSERT INTO directories VALUES (1, 'ldap', 1, '', '')");
      execute(session,
              "INSERT INTO people VALUES (1, 1, 1, 9223372036854775807, 'b', 'h', 0, 'Ben', 'ben', '', '', "
              "'ben the second', '{\"id\":\"b\",\"name\":\"Ben\"}')");
      execute(session,
              "INSERT INTO people VALUES (2, 1, 1, 9223372036854775807, 'a', 'h', 0, 'Ann', 'ann', '', '', "
              "'ann zuse', '{\"id\":\"a\",\"name\":\"Ann\"}')");
    });
    Database index(folder / "main-search.db",
                   {{1,
                     {"CREATE TABLE state (epoch TEXT NOT NULL, last INTEGER NOT NULL, size INTEGER NOT NULL)",
                      "INSERT INTO state VALUES ('', 2, 2)",
                      "CREATE VIRTUAL TABLE entries USING fts5(words, content='', columnsize=0, detail=none, "
                      "prefix='1 2', tokenize='unicode61 remove_diacritics 2')"}}});
  }
  open();
  EXPECT_EQ(found(""), (Names{"Ann", "Ben"}));
  EXPECT_EQ(found("ben"), Names{"Ben"});
}

TEST_F(PeopleTest, WhatAStopLeftOutsideTheIndexIsFoundAfterTheNextStart) {
  std::vector<Person> entries;
  for (int i = 0; i < 4000; ++i) entries.push_back(person(std::to_string(i), "Person " + std::to_string(i)));
  sync(entries);
  open();
  EXPECT_EQ(people->search("person", 1, 0).total, 4000U);
  EXPECT_EQ(found("person 3999"), Names{"Person 3999"});
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
  Database index(folder / "main-search.db", {{2, {}}});
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

}  // namespace
}  // namespace jackfield::store
