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
BOOST_DESCRIBE_STRUCT(PersonPage, (), (entries, total))

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
BOOST_DESCRIBE_STRUCT(UserPage, (), (entries, total))

// `skipped`: what the plugin left out and what the store could not take.
struct SyncCounts {
  std::uint64_t seen = 0, added = 0, changed = 0, removed = 0, unchanged = 0, skipped = 0;
};
BOOST_DESCRIBE_STRUCT(SyncCounts, (), (seen, added, changed, removed, unchanged, skipped))

// Users who share an extension on one telephony server: the calls of it are the owner's. The owner is the one whose
// extension an administrator set, before one whom the directory gave it, enabled before disabled, then the smallest id.
struct ExtensionConflict {
  std::string telephony_server;
  std::string extension;
  std::string owner;                // user id
  std::vector<std::string> others;  // user ids
};
BOOST_DESCRIBE_STRUCT(ExtensionConflict, (), (telephony_server, extension, owner, others))

struct SyncOptions {
  // Where the users of this directory have their phones unless an administrator says otherwise; nullopt leaves what
  // was said before.
  std::optional<std::string> default_telephony_server;
};

class People {
 public:
  // The database is one with mainSchema(). Beside it stands a file for the search index, "NAME-search.db", which is
  // made anew when it is missing, damaged or of another database.
  explicit People(Database&);
  ~People();

  // One synchronisation of one directory at a time. Not thread-safe; the object belongs to one run.
  class SyncRun {
   public:
    SyncRun(SyncRun&&) noexcept;
    ~SyncRun();  // without finish(): everything is undone
    // Throws Problem(unavailable) when the disk does not take it; the run is then of no more use.
    void add(const directory::SyncPart&);
    // Counts of what finish() would do; the service refuses mass removal by them.
    SyncCounts counts() const;
    // Switches the generation: entries not seen are removed in a full run. Returns when it is on disk.
    SyncCounts finish(const std::string& cursor);
    // Entries that the store itself left out (not those that the parts name), and after finish() the extensions that
    // two users of this directory claim: the first 100, "dn: reason".
    std::vector<std::string> reasons() const;

   private:
    friend class People;
    struct Impl;
    explicit SyncRun(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
  };
  // Throws Problem(conflict, "people.sync.running").
  SyncRun beginSync(const std::string& directory, directory::SyncMode mode, const SyncOptions& options = {});
  std::string syncCursor(const std::string& directory) const;

  // A directory server was removed: its entries go, as a synchronisation would take them away.
  void removeDirectory(const std::string& directory);

  // Words in any order, prefixes, accents folded, digits of numbers too; an empty text lists everybody by name.
  // Under 50 ms at 100,000 entries. text: at most 200 octets are used; limit: at most 1,000.
  PersonPage search(const std::string& text, std::size_t limit, std::size_t offset) const;
  std::optional<directory::Person> person(const std::string& id) const;
  // Name for a number as signalled: exact match of normalised digits first, else the longest suffix of at least 7
  // digits that is unique; a number that several people share names nobody. Served from memory, never touches the
  // disk: only id, name, login and extension are filled in.
  std::optional<directory::Person> byNumber(const std::string& number) const;

  std::optional<UserRecord> user(const std::string& id) const;
  // The enabled user of an extension on a telephony server, from memory: called for every call event. Of the person
  // only id, name, login and extension are filled in.
  std::optional<UserRecord> userOf(const std::string& telephony_server, const std::string& extension) const;
  UserPage users(const std::string& text, std::size_t limit, std::size_t offset) const;
  std::uint64_t userCount() const;
  struct UserChange {
    std::optional<std::string> telephony_server;
    std::optional<std::string> extension;
    std::optional<bool> enabled;
  };
  // An empty telephony server takes telephony away, an empty extension goes back to the directory's. Throws
  // Problem(notFound, "people.user.unknown") and Problem(conflict, "people.extension.taken") when another user has
  // this extension on that server.
  UserRecord change(const std::string& id, const UserChange&);
  std::vector<ExtensionConflict> extensionConflicts() const;
  // How many users refer to a telephony server (SRV-014).
  std::uint64_t usersOf(const std::string& telephony_server) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace jackfield::store

#endif
