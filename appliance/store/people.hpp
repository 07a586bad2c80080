// SPDX-License-Identifier: Apache-2.0
// Directory entries and the users among them. A synchronisation is all or nothing: entries are written in slices under
// a new generation and become visible when it is switched; unchanged entries are not written at all.
#ifndef JACKFIELD_STORE_PEOPLE_HPP
#define JACKFIELD_STORE_PEOPLE_HPP

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include <jackfield/directory.hpp>

#include "store/database.hpp"

namespace jackfield::store {

struct PersonPage {
  std::vector<directory::Person> entries;
  std::uint64_t total = 0;
};

// What Jackfield itself knows of a user: a directory entry with the role "user".
struct UserRecord {
  directory::Person person;
  std::string directory;         // handle of the directory server
  std::string telephony_server;  // handle; empty: no telephony
  std::string extension;         // set here, else the directory's
  bool enabled = true;
};
BOOST_DESCRIBE_STRUCT(UserRecord, (), (person, directory, telephony_server, extension, enabled))

struct UserPage {
  std::vector<UserRecord> entries;
  std::uint64_t total = 0;
};

struct SyncCounts {
  std::uint64_t seen = 0, added = 0, changed = 0, removed = 0, unchanged = 0, skipped = 0;
};
BOOST_DESCRIBE_STRUCT(SyncCounts, (), (seen, added, changed, removed, unchanged, skipped))

class People {
 public:
  explicit People(Database&);
  ~People();

  // One synchronisation of one directory at a time. Not thread-safe; the object belongs to one run.
  class SyncRun {
   public:
    SyncRun(SyncRun&&) noexcept;
    ~SyncRun();  // without finish(): everything is undone
    void add(const directory::SyncPart&);
    // Counts of what finish() would do; the service refuses mass removal by them.
    SyncCounts counts() const;
    // Switches the generation: entries not seen are removed in a full run. Returns when it is on disk.
    SyncCounts finish(const std::string& cursor);

   private:
    friend class People;
    struct Impl;
    explicit SyncRun(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
  };
  SyncRun beginSync(const std::string& directory, directory::SyncMode mode);
  std::string syncCursor(const std::string& directory) const;

  // Words in any order, prefixes, accents folded, digits of numbers too; an empty text lists everybody by name.
  // Under 50 ms at 100,000 entries. text: at most 200 characters are used.
  PersonPage search(const std::string& text, std::size_t limit, std::size_t offset) const;
  std::optional<directory::Person> person(const std::string& id) const;
  // Name for a number as signalled: exact match of normalised digits first, else the longest suffix of at least 7
  // digits that is unique. Served from memory; never touches the disk.
  std::optional<directory::Person> byNumber(const std::string& number) const;

  std::optional<UserRecord> user(const std::string& id) const;
  // The user of an extension on a telephony server, from memory: called for every call event.
  std::optional<UserRecord> userOf(const std::string& telephony_server, const std::string& extension) const;
  UserPage users(const std::string& text, std::size_t limit, std::size_t offset) const;
  std::uint64_t userCount() const;
  struct UserChange {
    std::optional<std::string> telephony_server;
    std::optional<std::string> extension;
    std::optional<bool> enabled;
  };
  // Throws Problem(notFound) and Problem(conflict) when another user has this extension on that server.
  UserRecord change(const std::string& id, const UserChange&);
  // How many users refer to a telephony server (SRV-014).
  std::uint64_t usersOf(const std::string& telephony_server) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::store

#endif
