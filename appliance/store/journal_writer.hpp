// SPDX-License-Identifier: Apache-2.0
// The writing side of the journal: prepared statements, numbering of events and log entries, short numbers for users.
// Everything here belongs to the database's writer thread, but for what says otherwise.
#ifndef JACKFIELD_STORE_JOURNAL_WRITER_HPP
#define JACKFIELD_STORE_JOURNAL_WRITER_HPP

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "store/database.hpp"
#include "store/journal.hpp"

namespace jackfield::store {

const std::vector<Migration>& journalSchema();

// Users stand in the journal by small numbers: an audience row takes 10 bytes instead of 40. Number 0 is "everybody
// who may view the system". Numbers are never used again. Any thread.
class UserNumbers {
 public:
  static constexpr std::int64_t system = 0;
  void load(Poco::Data::Session&);
  std::int64_t find(const std::string& user_id) const;  // -1: never seen
  std::string name(std::int64_t number) const;
  // The number, and whether its row is known to be on disk.
  std::pair<std::int64_t, bool> give(const std::string& user_id);
  void onDisk(const std::string& user_id);

 private:
  struct Entry {
    std::int64_t number;
    bool on_disk;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> numbers_;
  std::vector<std::string> names_{std::string()};
};

// A batch on its way to the disk. Numbers are given the first time it is written and kept when it has to be written
// again after the disk refused.
struct PendingBatch {
  std::vector<StoredEvent> events;
  std::string server;
  std::map<std::string, std::optional<std::string>> keep;
  std::vector<LiveCall> live_calls;
  std::vector<ContactLogEntry> contact_log;
  std::vector<std::string> new_users;
  bool numbered = false;
  std::int64_t total = 0;  // octets of all events before this batch
  std::size_t bytes = 0;
};

class JournalWriter {
 public:
  explicit JournalWriter(UserNumbers&);
  ~JournalWriter();
  void load(Poco::Data::Session&);
  void write(Poco::Data::Session&, PendingBatch&);
  void dropStatements();
  std::uint64_t lastSequence() const { return last_sequence_; }
  std::uint64_t newLogId() { return ++last_log_id_; }  // any thread

 private:
  struct Statements;
  void number(PendingBatch&);
  std::int64_t userNumber(const std::string& user_id, PendingBatch&);
  void writeEvent(const StoredEvent&, std::int64_t total, PendingBatch&);
  void writeRecords(const PendingBatch&);
  void writeLogEntry(const ContactLogEntry&, PendingBatch&);

  UserNumbers& users_;
  std::unique_ptr<Statements> statements_;
  std::uint64_t last_sequence_ = 0;
  std::atomic<std::uint64_t> last_log_id_{0};
  std::int64_t total_bytes_ = 0;
};

}  // namespace jackfield::store

#endif
