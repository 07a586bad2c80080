// SPDX-License-Identifier: Apache-2.0
// Writes a batch with statements that are prepared once: 200 calls a second are some 1,600 events a second.
#include "store/journal_writer.hpp"

#include <charconv>
#include <chrono>

#include <Poco/Data/Statement.h>

#include "store/sqlite_session.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;
using Poco::Data::Statement;

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

// Each statement reads its own variables; Poco binds references.
struct JournalWriter::Statements {
  explicit Statements(Session& session)
      : user(session),
        event(session),
        audience(session),
        record(session),
        record_gone(session),
        call(session),
        call_gone(session),
        log(session) {
    user << "INSERT INTO users (number, id) VALUES ($1, $2) ON CONFLICT DO NOTHING", use(number), use(text);
    event << "INSERT INTO events (sequence, time, total, type, data, audience) VALUES ($1, $2, $3, $4, $5, $6)",
        use(sequence), use(time), use(total), use(type), use(body), use(text);
    audience << "INSERT INTO audience (number, sequence) VALUES ($1, $2) ON CONFLICT DO NOTHING", use(number),
        use(sequence);
    record << "INSERT INTO records (server, name, body) VALUES ($1, $2, $3) "
              "ON CONFLICT (server, name) DO UPDATE SET body = excluded.body",
        use(server), use(text), use(body);
    record_gone << "DELETE FROM records WHERE server = $1 AND name = $2", use(server), use(text);
    call << "INSERT INTO live_calls (server, call, body) VALUES ($1, $2, $3) "
            "ON CONFLICT (server, call) DO UPDATE SET body = excluded.body",
        use(server), use(text), use(body);
    call_gone << "DELETE FROM live_calls WHERE server = $1 AND call = $2", use(server), use(text);
    log << "INSERT INTO contact_log (id, number, call, direction, missed, party, name, person, started, answered, "
           "ended, cause) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        use(sequence), use(number), use(text), use(direction), use(missed), use(party), use(name), use(person),
        use(time), use(answered), use(ended), use(cause);
  }

  Poco::Int64 number = 0, sequence = 0, time = 0, total = 0, answered = 0, ended = 0;
  int direction = 0, missed = 0;
  std::string text, type, body, server, party, name, person, cause;
  Statement user, event, audience, record, record_gone, call, call_gone, log;
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
  try {
    std::int64_t total = batch.total;
    for (const auto& event : batch.events)
      writeEvent(event, total += static_cast<std::int64_t>(event.data->size()), batch);
    writeRecords(batch);
    for (const auto& entry : batch.contact_log) writeLogEntry(entry, batch);
  } catch (...) {
    // Poco does not say what a statement is good for after an error.
    dropStatements();
    throw;
  }
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
  for (auto& entry : batch.contact_log) entry.id = ++last_log_id_;
  batch.numbered = true;
}

// A user that is new to the journal is written with whatever mentions it, until one such batch is known to be on disk.
std::int64_t JournalWriter::userNumber(const std::string& user_id, PendingBatch& batch) {
  const auto [number, on_disk] = users_.give(user_id);
  if (on_disk) return number;
  statements_->number = number;
  statements_->text = user_id;
  statements_->user.execute();
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
  auto& s = *statements_;
  s.sequence = static_cast<Poco::Int64>(event.sequence);
  s.time = event.time;
  s.total = total;
  s.type = event.type;
  s.body = *event.data;
  s.text = std::move(list);
  s.event.execute();
  for (const auto number : numbers) {
    s.number = number;
    s.audience.execute();
  }
}

void JournalWriter::writeRecords(const PendingBatch& batch) {
  auto& s = *statements_;
  s.server = batch.server;
  for (const auto& [key, body] : batch.keep) {
    s.text = key;
    s.body = body.value_or(std::string());
    (body ? s.record : s.record_gone).execute();
  }
  for (const auto& live : batch.live_calls) {
    s.server = live.server;
    s.text = live.call;
    s.body = live.body;
    (live.body.empty() ? s.call_gone : s.call).execute();
  }
}

void JournalWriter::writeLogEntry(const ContactLogEntry& entry, PendingBatch& batch) {
  const auto number = userNumber(entry.user_id, batch);
  auto& s = *statements_;
  s.sequence = static_cast<Poco::Int64>(entry.id);
  s.number = number;
  s.text = entry.call;
  s.direction = static_cast<int>(entry.direction);
  s.missed = entry.missed ? 1 : 0;
  s.party = entry.number;
  s.name = entry.name;
  s.person = entry.person_id;
  s.time = entry.started;
  s.answered = entry.answered;
  s.ended = entry.ended;
  s.cause = entry.cause;
  s.log.execute();
}

}  // namespace jackfield::store
