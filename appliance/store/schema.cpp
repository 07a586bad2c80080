// SPDX-License-Identifier: Apache-2.0
// The main database's migrations. A released one is never changed: what is new goes into the next.
#include "store/schema.hpp"

namespace jackfield::store {

namespace {

const std::vector<std::string> configuration = {
    "CREATE TABLE servers (handle TEXT PRIMARY KEY COLLATE NOCASE, type TEXT NOT NULL, description TEXT NOT NULL, "
    "enabled INTEGER NOT NULL, settings TEXT NOT NULL, revision INTEGER NOT NULL, "
    "restart_required INTEGER NOT NULL)",
    "CREATE TABLE sessions (id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, "
    "login TEXT NOT NULL, name TEXT NOT NULL, roles TEXT NOT NULL, program INTEGER NOT NULL, note TEXT NOT NULL, "
    "address TEXT NOT NULL, csrf TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL, "
    "expires INTEGER NOT NULL)",
    "CREATE TABLE alarms (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL, subject TEXT NOT NULL, "
    "severity TEXT NOT NULL, text TEXT NOT NULL, raised INTEGER NOT NULL, cleared INTEGER NOT NULL)",
    "CREATE UNIQUE INDEX alarms_open ON alarms (code, subject) WHERE cleared = 0",
    "CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, who TEXT NOT NULL, "
    "address TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, before TEXT NOT NULL, "
    "after TEXT NOT NULL, chain TEXT NOT NULL)",
    "CREATE TABLE sync_runs (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL)",
};

// A row of people is one version of an entry, visible to the generations of its directory from `since` up to, but not
// with, `until`; the number in `directories` says which generation is seen. 9223372036854775807 is "no end".
// `words`, later `sort_name`, is its place in the order of names; `digits` are the entry's numbers, normalised, a space
// between.
const std::vector<std::string> people = {
    "CREATE TABLE identity (epoch TEXT NOT NULL)",
    "INSERT INTO identity (epoch) VALUES (lower(hex(randomblob(8))))",
    "CREATE TABLE directories (number INTEGER PRIMARY KEY, handle TEXT NOT NULL UNIQUE, generation INTEGER NOT NULL, "
    "cursor TEXT NOT NULL, telephony_server TEXT NOT NULL)",
    "CREATE TABLE people (number INTEGER PRIMARY KEY, directory INTEGER NOT NULL, since INTEGER NOT NULL, "
    "until INTEGER NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, is_user INTEGER NOT NULL, name TEXT NOT NULL, "
    "login TEXT NOT NULL, extension TEXT NOT NULL, digits TEXT NOT NULL, words TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX people_ended ON people (directory, until) WHERE until < 9223372036854775807",
    "CREATE TABLE users (id TEXT PRIMARY KEY, telephony_server TEXT, extension TEXT, enabled INTEGER NOT NULL)",
};

// Small JSON documents by name: what belongs to no server and no user, such as the site's defaults.
const std::vector<std::string> documents = {
    "CREATE TABLE documents (name TEXT PRIMARY KEY, body TEXT NOT NULL)",
};

// Words began with those of the name, so old rows keep their place in the order.
const std::vector<std::string> sort_names = {
    "ALTER TABLE people RENAME COLUMN words TO sort_name",
};

}  // namespace

const std::vector<Migration>& mainSchema() {
  static const std::vector<Migration> schema = [] {
    Migration first{1, configuration};
    first.statements.insert(first.statements.end(), people.begin(), people.end());
    return std::vector<Migration>{first, {2, documents}, {3, sort_names}};
  }();
  return schema;
}

}  // namespace jackfield::store
