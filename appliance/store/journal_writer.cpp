// SPDX-License-Identifier: Apache-2.0
// Writes a batch with statements that are prepared once: 200 calls a second are some 1,600 events a second.
#include "store/journal_writer.hpp"

#include <chrono>

#include <Poco/Data/Statement.h>

#include "store/sqlite_session.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;

// `total` counts the octets of all events ever written up to a row: the size of the log is a subtraction.
// `audience` repeats the numbers in the event itself, so that a reader of the event needs no second look-up.
const std::vector<Migration>& journalSchema() {
  static const std::vector<Migration> schema = {
      {1,
       {"CREATE TABLE identity (epoch TEXT NOT NULL)",
        "INSERT INTO identity (epoch) VALUES (lower(hex(randomblob(8))))",
        "CREATE TABLE users (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
        "CREATE TABLE events (sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, total INTEGER NOT NULL, "
        "type TEXT NOT NULL, data TEXT NOT NULL, audience TEXT NOT NULL)",
        "CREATE TABLE audience (number INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (number, sequence)) "
        "WITHOUT ROWID",
        "CREATE TABLE records (server TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (server, name))",
        "CREATE TABLE live_calls (server TEXT NOT NULL, call TEXT NOT NULL, body TEXT NOT NULL, "
        "UNIQUE (server, call))",
        "CREATE TABLE contact_log (id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL, call TEXT NOT NULL, "
        "direction INTEGER NOT NULL, missed INTEGER NOT NULL, party TEXT NOT NULL, name TEXT NOT NULL, "
        "person TEXT NOT NULL, started INTEGER NOT NULL, answered INTEGER NOT NULL, ended INTEGER NOT NULL, "
        "cause TEXT NOT NULL)",
        "CREATE INDEX contact_log_of_user ON contact_log (number, id, started)"}}};
  return schema;
}

void UserNumbers::load(Session& session) {
  std::vector<Poco::Int64> numbers;
  std::vector<std::string> ids;
  session << "SELECT number, id FROM users ORDER BY number", into(numbers), into(ids), now;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    names_.resize(static_cast<std::size_t>(numbers[i]) + 1);
    names_.back() = ids[i];
    numbers_[ids[i]] = {numbers[i], true};
  }
}

std::int64_t UserNumbers::find(const std::string& user_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = numbers_.find(user_id);
  return found == numbers_.end() ? -1 : found->second.number;
}

std::string UserNumbers::name(std::int64_t number) const {
  const std::lock_guard lock(mutex_);
  return number > 0 && static_cast<std::size_t>(number) < names_.size() ? names_[static_cast<std::size_t>(number)]
                                                                        : std::string();
}

std::pair<std::int64_t, bool> UserNumbers::give(const std::string& user_id) {
  const std::lock_guard lock(mutex_);
  const auto [place, added] = numbers_.try_emplace(user_id, Entry{static_cast<std::int64_t>(names_.size()), false});
  if (added) names_.push_back(user_id);
  return {place->second.number, place->second.on_disk};
}

void UserNumbers::onDisk(const std::string& user_id) {
  const std::lock_guard lock(mutex_);
  numbers_.at(user_id).on_disk = true;
}

struct JournalWriter::Statements {
  explicit Statements(Session& session)
      : user(session, "INSERT INTO users (number, id) VALUES ($1, $2) ON CONFLICT DO NOTHING"),
        event(session,
              "INSERT INTO events (sequence, time, total, type, data, audience) VALUES ($1, $2, $3, $4, $5, $6)"),
        audience(session, "INSERT INTO audience (number, sequence) VALUES ($1, $2) ON CONFLICT DO NOTHING"),
        record(session,
               "INSERT INTO records (server, name, body) VALUES ($1, $2, $3) "
               "ON CONFLICT (server, name) DO UPDATE SET body = excluded.body"),
        record_gone(session, "DELETE FROM records WHERE server = $1 AND name = $2"),
        call(session,
             "INSERT INTO live_calls (server, call, body) VALUES ($1, $2, $3) "
             "ON CONFLICT (server, call) DO UPDATE SET body = excluded.body"),
        call_gone(session, "DELETE FROM live_calls WHERE server = $1 AND call = $2"),
        log(session,
            "INSERT INTO contact_log (id, number, call, direction, missed, party, name, person, started, answered, "
            "ended, cause) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)") {}

  Prepared user, event, audience, record, record_gone, call, call_gone, log;
};

JournalWriter::JournalWriter(UserNumbers& users) : users_(users) {}
JournalWriter::~JournalWriter() = default;

void JournalWriter::load(Session& session) {
  last_sequence_ = static_cast<std::uint64_t>(integer(session, "SELECT coalesce(max(sequence), 0) FROM events"));
  total_bytes_ = integer(session, "SELECT coalesce((SELECT total FROM events ORDER BY sequence DESC LIMIT 1), 0)");
  last_log_id_ = static_cast<std::uint64_t>(
      integer(session, "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'contact_log'), 0)"));
}

void JournalWriter::dropStatements() {
  statements_.reset();
}

void JournalWriter::write(Session& session, PendingBatch& batch) {
  if (!statements_) statements_ = std::make_unique<Statements>(session);
  if (!batch.numbered) number(batch);
  std::int64_t total = batch.total;
  for (const auto& event : batch.events)
    writeEvent(event, total += static_cast<std::int64_t>(event.data->size()), batch);
  writeRecords(batch);
  for (const auto& entry : batch.contact_log) writeLogEntry(entry, batch);
}

void JournalWriter::number(PendingBatch& batch) {
  using namespace std::chrono;
  const auto time = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  batch.total = total_bytes_;
  for (auto& event : batch.events) {
    total_bytes_ += static_cast<std::int64_t>(event.data->size());
    event.sequence = ++last_sequence_;
    event.time = time;
  }
  for (auto& entry : batch.contact_log) {
    if (entry.id == 0) entry.id = newLogId();
  }
  batch.numbered = true;
}

// A user that is new to the journal is written with whatever mentions it, until one such batch is known to be on disk.
std::int64_t JournalWriter::userNumber(const std::string& user_id, PendingBatch& batch) {
  const auto [number, on_disk] = users_.give(user_id);
  if (on_disk) return number;
  statements_->user.run(number, user_id);
  batch.new_users.push_back(user_id);
  return number;
}

void JournalWriter::writeEvent(const StoredEvent& event, std::int64_t total, PendingBatch& batch) {
  std::vector<std::int64_t> numbers;
  std::string list;
  for (const auto& user : event.audience) {
    numbers.push_back(userNumber(user, batch));
    list += (list.empty() ? "" : ",") + std::to_string(numbers.back());
  }
  if (numbers.empty()) numbers.push_back(UserNumbers::system);
  statements_->event.run(event.sequence, event.time, total, event.type, *event.data, list);
  for (const auto number : numbers) statements_->audience.run(number, event.sequence);
}

void JournalWriter::writeRecords(const PendingBatch& batch) {
  auto& s = *statements_;
  for (const auto& [key, body] : batch.keep) {
    if (body)
      s.record.run(batch.server, key, *body);
    else
      s.record_gone.run(batch.server, key);
  }
  for (const auto& live : batch.live_calls) {
    if (live.body.empty())
      s.call_gone.run(live.server, live.call);
    else
      s.call.run(live.server, live.call, live.body);
  }
}

void JournalWriter::writeLogEntry(const ContactLogEntry& entry, PendingBatch& batch) {
  const auto number = userNumber(entry.user_id, batch);
  statements_->log.run(entry.id, number, entry.call, static_cast<int>(entry.direction), entry.missed ? 1 : 0,
                       entry.number, entry.name, entry.person_id, entry.started, entry.answered, entry.ended,
                       entry.cause);
}

}  // namespace jackfield::store
