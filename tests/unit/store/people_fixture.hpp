// SPDX-License-Identifier: Apache-2.0
// People in a database of their own, for the tests of synchronisation, search and users.
#ifndef JACKFIELD_TESTS_UNIT_STORE_PEOPLE_FIXTURE_HPP
#define JACKFIELD_TESTS_UNIT_STORE_PEOPLE_FIXTURE_HPP

#include <algorithm>
#include <atomic>
#include <set>

#include <Poco/Data/Statement.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "store/people.hpp"
#include "store/schema.hpp"
#include "store/sqlite_session.hpp"
#include "support.hpp"

namespace jackfield::store {

using directory::NumberKind;
using directory::Person;
using directory::SyncMode;
using directory::SyncPart;
using Poco::Data::Session;
using tests::problemOf;
using Names = std::vector<std::string>;

inline Person person(const std::string& id, const std::string& name, const std::string& extension = "",
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

inline Person user(const std::string& id, const std::string& name, const std::string& extension = "",
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
  tests::TemporaryFolder folder{"store"};
  std::unique_ptr<Database> database;
  std::unique_ptr<People> people;
  std::vector<std::string> reasons;
};

}  // namespace jackfield::store

#endif
