// SPDX-License-Identifier: Apache-2.0
// The documents of capability directory/1: people and contacts of an enterprise directory, sign-in and roles.
// sdk/schemas/directory-1.json is the same in JSON Schema.
#ifndef JACKFIELD_DIRECTORY_HPP
#define JACKFIELD_DIRECTORY_HPP

#include <cstdint>
#include <string>
#include <vector>

#include <boost/describe.hpp>

namespace jackfield::directory {

enum class NumberKind { office, mobile, home, other };
BOOST_DESCRIBE_ENUM(NumberKind, office, mobile, home, other)

struct Number {
  NumberKind kind = NumberKind::office;
  std::string value;
};
BOOST_DESCRIBE_STRUCT(Number, (), (kind, value))

// A directory entry. `id` is the directory's immutable id (entryUUID, objectGUID), lower case; identity never follows
// the DN. `roles` holds "user", "administrator", "auditor" by membership of the security groups; an entry without
// any is a contact.
struct Person {
  std::string id;
  std::string dn;
  std::string login;
  std::string name;
  std::string given_name;
  std::string surname;
  std::string mail;
  std::string mail2;
  std::string title;
  std::string department;
  std::string company;
  std::string location;
  std::string extension;  // the number by which the call server knows this person's phone
  std::vector<Number> numbers;
  std::vector<std::string> roles;
};
BOOST_DESCRIBE_STRUCT(Person, (),
                      (id, dn, login, name, given_name, surname, mail, mail2, title, department, company, location,
                       extension, numbers, roles))

// "directory/1.authenticate": a bind as the person. Reply Authenticated, or JF_E_AUTH with code
// "directory.credentials" for a wrong password and for an unknown login alike.
struct Authenticate {
  std::string login;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(Authenticate, (), (login, password))

struct Authenticated {
  Person person;
};
BOOST_DESCRIBE_STRUCT(Authenticated, (), (person))

enum class SyncMode { full, incremental };
BOOST_DESCRIBE_ENUM(SyncMode, full, incremental)

// "directory/1.sync": the reply comes in parts (JF_MORE), each a SyncPart; each part spends one credit.
// An incremental run asks for what changed since `cursor`, which the last run's final part gave.
struct Sync {
  SyncMode mode = SyncMode::full;
  std::string cursor;
};
BOOST_DESCRIBE_STRUCT(Sync, (), (mode, cursor))

// An entry that is left out, and why: nobody is dropped silently.
struct Skipped {
  std::string dn;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(Skipped, (), (dn, reason))

struct SyncPart {
  std::vector<Person> entries;
  std::vector<Skipped> skipped;
  std::vector<std::string> removed;  // ids, incremental only, where the directory tells
  std::string cursor;                // in the last part
};
BOOST_DESCRIBE_STRUCT(SyncPart, (), (entries, skipped, removed, cursor))

}  // namespace jackfield::directory

#endif
