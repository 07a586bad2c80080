// SPDX-License-Identifier: Apache-2.0
// The journal's face: hands batches to the writer, answers questions about the past, and keeps the log within limits.
#include "store/journal.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <limits>

#include <Poco/Data/Statement.h>

#include "model/problem.hpp"
#include "store/journal_cleaner.hpp"
#include "store/journal_writer.hpp"
#include "store/sqlite_session.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using model::Problem;
using Poco::Data::Session;
using Poco::Data::Statement;

namespace {

constexpr std::size_t most_waiting_bytes = std::size_t{64} << 20;
constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

std::size_t sizeOf(const JournalBatch& batch) {
  std::size_t bytes = 256;
  for (const auto& event : batch.events) bytes += event.data.size() + event.audience.size() * 40 + 64;
  for (const auto& [key, body] : batch.keep) bytes += key.size() + (body ? body->size() : 0) + 64;
  for (const auto& live : batch.live_calls) bytes += live.body.size() + 128;
  return bytes + batch.contact_log.size() * 512;
}

std::shared_ptr<PendingBatch> pending(JournalBatch&& batch) {
  auto out = std::make_shared<PendingBatch>();
  out->bytes = sizeOf(batch);
  for (auto& event : batch.events) {
    StoredEvent stored;
    stored.type = std::move(event.type);
    stored.data = std::make_shared<const std::string>(std::move(event.data));
    stored.audience = std::move(event.audience);
    out->events.push_back(std::move(stored));
  }
  out->server = std::move(batch.server);
  out->keep = std::move(batch.keep);
  out->live_calls = std::move(batch.live_calls);
  out->contact_log = std::move(batch.contact_log);
  return out;
}

// The first text after every text that begins with `prefix`; empty when there is none.
std::string endOf(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace

std::string Cursor::text() const {
  return epoch + ":" + std::to_string(sequence);
}

std::optional<Cursor> Cursor::parse(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon > 64) return std::nullopt;
  const bool plain = std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                                 [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  Cursor cursor;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data() + colon + 1, end, cursor.sequence);
  if (!plain || failed != std::errc() || stop != end) return std::nullopt;
  cursor.epoch = text.substr(0, colon);
  return cursor;
}

struct Journal::Impl {
  Impl(const std::filesystem::path& file, JournalLimits with)
      : limits(with), writer(users), database(file, journalSchema(), std::chrono::milliseconds(4)) {
    database.read([this](Session& session) {
      session << "SELECT epoch FROM identity", into(epoch), now;
      users.load(session);
      writer.load(session);
    });
    head = writer.lastSequence();
  }

  // Prepared statements go before the session they belong to: after all that is queued, on the writer's thread.
  ~Impl() {
    database.writeLater([this](Session&) { writer.dropStatements(); }, {}, Durability::ordered);
  }

  void committed(PendingBatch& batch, const Committed& tell) {
    waiting_bytes -= batch.bytes;
    for (const auto& user : batch.new_users) users.onDisk(user);
    if (!batch.events.empty()) head = batch.events.back().sequence;
    if (tell) tell(std::move(batch.events), std::move(batch.contact_log));
  }

  const JournalLimits limits;
  UserNumbers users;
  JournalWriter writer;
  std::string epoch;
  std::atomic<std::uint64_t> head{0};
  std::atomic<std::size_t> waiting_bytes{0};
  Database database;
};

Journal::Journal(const std::filesystem::path& file, JournalLimits limits)
    : impl_(std::make_unique<Impl>(file, limits)) {}

Journal::~Journal() = default;

void Journal::append(JournalBatch batch, Committed committed) {
  auto waiting = pending(std::move(batch));
  if (impl_->waiting_bytes.fetch_add(waiting->bytes) + waiting->bytes > most_waiting_bytes) {
    impl_->waiting_bytes -= waiting->bytes;
    throw Problem(Problem::Kind::unavailable, "journal.full",
                  "too much waits for the disk: " +
                      (trouble().empty() ? std::string("it is too slow for this load") : trouble()));
  }
  Impl* const impl = impl_.get();
  impl->database.writeLater([impl, waiting](Session& session) { impl->writer.write(session, *waiting); },
                            [impl, waiting, committed = std::move(committed)](const std::exception_ptr& failure) {
                              if (!failure)
                                impl->committed(*waiting, committed);
                              else
                                impl->waiting_bytes -= waiting->bytes;
                            },
                            Durability::kept);
}

std::uint64_t Journal::newLogId() {
  return impl_->writer.newLogId();
}

std::string Journal::trouble() const {
  return impl_->database.trouble();
}

Cursor Journal::head() const {
  return {impl_->epoch, impl_->head};
}

namespace {

struct EventRows {
  std::vector<Poco::Int64> sequence, time;
  std::vector<std::string> type, data, audience;
};

// Events with one number in their audience, oldest first.
EventRows eventsOf(Session& session, Poco::Int64 number, Poco::Int64 after, Poco::Int64 limit) {
  EventRows rows;
  session << "SELECT e.sequence, e.time, e.type, e.data, e.audience FROM audience a "
             "JOIN events e ON e.sequence = a.sequence "
             "WHERE a.number = $1 AND a.sequence > $2 ORDER BY a.sequence LIMIT $3",
      into(rows.sequence), into(rows.time), into(rows.type), into(rows.data), into(rows.audience), use(number),
      use(after), use(limit), now;
  return rows;
}

std::vector<std::string> namesOf(const UserNumbers& users, const std::string& list) {
  std::vector<std::string> names;
  const char* at = list.data();
  const char* const end = at + list.size();
  std::int64_t number = 0;
  while (at < end) {
    at = std::from_chars(at, end, number).ptr + 1;
    names.push_back(users.name(number));
  }
  return names;
}

void addEvents(std::vector<StoredEvent>& out, EventRows&& rows, const UserNumbers& users) {
  for (std::size_t i = 0; i < rows.sequence.size(); ++i) {
    StoredEvent event;
    event.sequence = static_cast<std::uint64_t>(rows.sequence[i]);
    event.time = rows.time[i];
    event.type = std::move(rows.type[i]);
    event.data = std::make_shared<const std::string>(std::move(rows.data[i]));
    event.audience = namesOf(users, rows.audience[i]);
    out.push_back(std::move(event));
  }
}

}  // namespace

std::optional<std::vector<StoredEvent>> Journal::since(const Cursor& cursor, const std::string& user_id, bool system,
                                                       std::size_t limit) const {
  constexpr auto most_sequence = static_cast<std::uint64_t>(std::numeric_limits<Poco::Int64>::max());
  if (cursor.epoch != impl_->epoch || cursor.sequence >= most_sequence) return std::nullopt;
  const auto after = static_cast<Poco::Int64>(cursor.sequence);
  const auto most = static_cast<Poco::Int64>(limit);
  std::optional<std::vector<StoredEvent>> out;
  impl_->database.read([&](Session& session) {
    const auto oldest = integer(session, "SELECT coalesce(min(sequence), 0) FROM events");
    if (oldest > after + 1) return;
    // A reader sees a batch on disk a moment before head() says so; its cursor is not from the future then.
    if (cursor.sequence > impl_->head && after > integer(session, "SELECT coalesce(max(sequence), 0) FROM events"))
      return;
    auto& events = out.emplace();
    const auto number = impl_->users.find(user_id);
    if (number > 0) addEvents(events, eventsOf(session, number, after, most), impl_->users);
    if (system) addEvents(events, eventsOf(session, UserNumbers::system, after, most), impl_->users);
  });
  if (!out) return out;
  std::sort(out->begin(), out->end(),
            [](const StoredEvent& a, const StoredEvent& b) { return a.sequence < b.sequence; });
  if (out->size() > limit) out->resize(limit);
  return out;
}

void Journal::records(const std::string& server, const std::string& prefix,
                      const std::function<void(const std::string&, const std::string&)>& each) const {
  std::string from = prefix;
  std::string of = server;
  std::string to = endOf(prefix);
  int all = to.empty() ? 1 : 0;
  std::vector<std::string> keys;
  std::vector<std::string> bodies;
  impl_->database.read([&](Session& session) {
    session << "SELECT name, body FROM records WHERE server = $1 AND name >= $2 AND ($3 = 1 OR name < $4) "
               "ORDER BY name",
        into(keys), into(bodies), use(of), use(from), use(all), use(to), now;
  });
  for (std::size_t i = 0; i < keys.size(); ++i) each(keys[i], bodies[i]);
}

std::vector<LiveCall> Journal::liveCalls() const {
  std::vector<std::string> servers;
  std::vector<std::string> calls;
  std::vector<std::string> bodies;
  impl_->database.read([&](Session& session) {
    session << "SELECT server, call, body FROM live_calls ORDER BY server, call", into(servers), into(calls),
        into(bodies), now;
  });
  std::vector<LiveCall> out;
  for (std::size_t i = 0; i < calls.size(); ++i)
    out.push_back({std::move(servers[i]), std::move(calls[i]), std::move(bodies[i])});
  return out;
}

void Journal::forget(const std::string& server) {
  impl_->database.write([&](Session& session) {
    std::string name = server;
    session << "DELETE FROM records WHERE server = $1", use(name), now;
    session << "DELETE FROM live_calls WHERE server = $1", use(name), now;
  });
}

// The limit by count holds at once, though the rows beyond it go with the next cleaning.
std::vector<ContactLogEntry> Journal::contactLog(const std::string& user_id, const ContactLogQuery& query) const {
  std::vector<ContactLogEntry> out;
  Poco::Int64 number = impl_->users.find(user_id);
  if (number <= 0) return out;
  Poco::Int64 kept = impl_->limits.log_entries;
  Poco::Int64 before =
      query.before == 0
          ? std::numeric_limits<Poco::Int64>::max()
          : static_cast<Poco::Int64>(std::min<std::uint64_t>(query.before, std::numeric_limits<Poco::Int64>::max()));
  int direction = query.direction ? static_cast<int>(*query.direction) : -1;
  int missed = query.missed ? (*query.missed ? 1 : 0) : -1;
  int any_direction = query.direction ? 0 : 1;
  int any_missed = query.missed ? 0 : 1;
  Poco::Int64 limit = static_cast<Poco::Int64>(std::clamp<std::size_t>(query.limit, 1, 200));
  std::vector<Poco::Int64> ids, started, answered, ended;
  std::vector<int> directions, misses;
  std::vector<std::string> calls, parties, names, people, causes;
  impl_->database.read([&](Session& session) {
    session << "SELECT id, call, direction, missed, party, name, person, started, answered, ended, cause FROM "
               "(SELECT * FROM contact_log WHERE number = $1 ORDER BY id DESC LIMIT $2) "
               "WHERE id < $3 AND ($4 = 1 OR direction = $5) AND ($6 = 1 OR missed = $7) ORDER BY id DESC LIMIT $8",
        into(ids), into(calls), into(directions), into(misses), into(parties), into(names), into(people), into(started),
        into(answered), into(ended), into(causes), use(number), use(kept), use(before), use(any_direction),
        use(direction), use(any_missed), use(missed), use(limit), now;
  });
  for (std::size_t i = 0; i < ids.size(); ++i)
    out.push_back({static_cast<std::uint64_t>(ids[i]), user_id, calls[i], static_cast<Direction>(directions[i]),
                   misses[i] != 0, parties[i], names[i], people[i], started[i], answered[i], ended[i], causes[i]});
  return out;
}

bool Journal::removeFromContactLog(const std::string& user_id, std::uint64_t id) {
  Poco::Int64 number = impl_->users.find(user_id);
  if (number <= 0 || id > static_cast<std::uint64_t>(std::numeric_limits<Poco::Int64>::max())) return false;
  Poco::Int64 entry = static_cast<Poco::Int64>(id);
  bool removed = false;
  impl_->database.write([&](Session& session) {
    Statement statement(session);
    statement << "DELETE FROM contact_log WHERE id = $1 AND number = $2", use(entry), use(number);
    removed = statement.execute() > 0;
  });
  return removed;
}

void Journal::clean(std::int64_t now_ms) {
  cleanEvents(impl_->database, impl_->limits, now_ms);
  cleanAudience(impl_->database);
  cleanContactLog(impl_->database, impl_->limits.log_entries, now_ms - impl_->limits.log_days * day_ms);
}

}  // namespace jackfield::store
