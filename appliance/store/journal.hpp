// SPDX-License-Identifier: Apache-2.0
// What calls leave behind: the event log with cursors, the drivers' recovery records, the live calls and the contact
// log. One database of its own with its own writer, so that a directory synchronisation never delays a call, and so
// that an event, the dialog state behind it and the log row that it ends with are on disk together or not at all.
#ifndef JACKFIELD_STORE_JOURNAL_HPP
#define JACKFIELD_STORE_JOURNAL_HPP

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

namespace jackfield::store {

// A place in the event log. The epoch is random and made with the database, so that a cursor of another database (a
// restored backup) is recognised. Text form: "EPOCH:SEQUENCE".
struct Cursor {
  std::string epoch;
  std::uint64_t sequence = 0;
  std::string text() const;
  static std::optional<Cursor> parse(const std::string&);
};

struct NewEvent {
  std::string type;                   // "call", "contactLog", "alarm", "server", "sync"
  std::string data;                   // JSON, serialised once for all receivers
  std::vector<std::string> audience;  // user ids; empty: everybody with Permission::viewSystem
};

struct StoredEvent {
  std::uint64_t sequence = 0;
  std::int64_t time = 0;
  std::string type;
  std::shared_ptr<const std::string> data;
  std::vector<std::string> audience;
};

// One row per served participant of a call.
enum class Direction { incoming, outgoing };
BOOST_DESCRIBE_ENUM(Direction, incoming, outgoing)

struct ContactLogEntry {
  std::uint64_t id = 0;  // ascending; 0 is given one when it is written
  std::string user_id;
  std::string call;
  Direction direction = Direction::incoming;
  bool missed = false;
  std::string number;     // of the other party
  std::string name;       // resolved from the directory, else as signalled
  std::string person_id;  // of the directory entry, when resolved
  std::int64_t started = 0;
  std::int64_t answered = 0;
  std::int64_t ended = 0;
  std::string cause;
};
BOOST_DESCRIBE_STRUCT(ContactLogEntry, (),
                      (id, user_id, call, direction, missed, number, name, person_id, started, answered, ended, cause))

struct LiveCall {
  std::string server;  // handle
  std::string call;    // id
  std::string body;    // call_control::Call as JSON; empty removes
};

// All of it is committed together.
struct JournalBatch {
  std::vector<NewEvent> events;
  std::string server;                                      // whose records `keep` are
  std::map<std::string, std::optional<std::string>> keep;  // key -> JSON, nullopt removes
  std::vector<LiveCall> live_calls;
  std::vector<ContactLogEntry> contact_log;
};

struct ContactLogQuery {
  std::optional<Direction> direction;
  std::optional<bool> missed;
  std::uint64_t before = 0;  // entries with a smaller id only; 0: from the newest
  std::size_t limit = 50;    // 1 to 200
};

struct JournalLimits {
  std::int64_t events_ms = 24LL * 3600 * 1000;  // how long events are kept
  std::uint64_t events_bytes = 512ULL << 20;    // and how many
  int log_entries = 400;                        // of a user (1 to 400)
  int log_days = 14;                            // 1 to 14
};

class Journal {
 public:
  Journal(const std::filesystem::path& file, JournalLimits limits);
  ~Journal();

  // Commits within 5 ms; then `committed` gets the stored events in order, on the writer thread. Batches commit in
  // the order of the calls. A full or broken disk loses nothing: batches wait in memory, in order, until it takes them
  // (trouble() says why). Throws Problem(unavailable, "journal.full") when 64 MiB wait: the sender keeps what it has
  // and sends a snapshot later.
  using Committed = std::function<void(std::vector<StoredEvent>, std::vector<ContactLogEntry>)>;
  void append(JournalBatch batch, Committed committed);

  // An id for a contact log entry that an event of the same batch speaks of. Never given twice; any thread.
  std::uint64_t newLogId();

  // One sentence while batches wait for the disk, else empty.
  std::string trouble() const;

  // The last event on disk.
  Cursor head() const;
  // Events after `sequence` that this reader may see, oldest first, at most `limit`. nullopt: the cursor is older than
  // the log, or of another epoch, or from the future; the reader has to take a snapshot.
  std::optional<std::vector<StoredEvent>> since(const Cursor&, const std::string& user_id, bool system,
                                                std::size_t limit) const;

  void records(const std::string& server, const std::string& prefix,
               const std::function<void(const std::string& key, const std::string& body)>&) const;
  std::vector<LiveCall> liveCalls() const;
  // A server was removed: its records and live calls go.
  void forget(const std::string& server);

  std::vector<ContactLogEntry> contactLog(const std::string& user_id, const ContactLogQuery&) const;
  bool removeFromContactLog(const std::string& user_id, std::uint64_t id);
  // Applies the limits by count and age; in slices, never more than 5 ms of the writer at a time. The newest event
  // stays, however old: numbering goes on from it.
  void clean(std::int64_t now_ms);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::store

#endif
