// SPDX-License-Identifier: Apache-2.0
// Cleaning in slices of a few hundred rows, so that no call event waits more than a few milliseconds behind one.
#include "store/journal_cleaner.hpp"

#include <Poco/Data/Statement.h>

#include "store/sqlite_session.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;
using Poco::Data::Statement;

namespace {

constexpr Poco::Int64 slice = 200;

// The last event of the next slice that has to go; 0: none.
Poco::Int64 lastToGo(const Database& database, const JournalLimits& limits, std::int64_t now_ms) {
  std::vector<Poco::Int64> sequences, times, totals;
  Poco::Int64 newest = 0;
  Poco::Int64 most = slice;
  database.read([&](Session& session) {
    session << "SELECT sequence, time, total FROM events ORDER BY sequence LIMIT $1", into(sequences), into(times),
        into(totals), use(most), now;
    newest = integer(session, "SELECT coalesce((SELECT total FROM events ORDER BY sequence DESC LIMIT 1), 0)");
  });
  Poco::Int64 last = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const bool old = times[i] < now_ms - limits.events_ms;
    const bool beyond = newest - totals[i] >= static_cast<Poco::Int64>(limits.events_bytes);
    if (!old && !beyond) break;
    last = sequences[i];
  }
  return last;
}

// Removes until a slice comes back short.
template <class Remove>
void removeInSlices(Database& database, Remove remove) {
  std::size_t removed = 0;
  do {
    database.write([&](Session& session) { removed = remove(session); });
  } while (removed >= static_cast<std::size_t>(slice));
}

}  // namespace

void cleanEvents(Database& database, const JournalLimits& limits, std::int64_t now_ms) {
  while (auto last = lastToGo(database, limits, now_ms)) {
    std::size_t removed = 0;
    database.write([&](Session& session) {
      Statement statement(session);
      statement << "DELETE FROM events WHERE sequence <= $1 AND sequence < (SELECT max(sequence) FROM events)",
          use(last);
      removed = statement.execute();
    });
    if (removed < static_cast<std::size_t>(slice)) return;
  }
}

void cleanAudience(Database& database) {
  Poco::Int64 oldest = 0;
  std::vector<Poco::Int64> stale;
  database.read([&](Session& session) {
    oldest = integer(session, "SELECT coalesce(min(sequence), 0) FROM events");
    session << "SELECT number FROM (SELECT 0 AS number UNION ALL SELECT number FROM users) u WHERE EXISTS "
               "(SELECT 1 FROM audience a WHERE a.number = u.number AND a.sequence < $1)",
        into(stale), use(oldest), now;
  });
  for (auto number : stale)
    removeInSlices(database, [&](Session& session) {
      Poco::Int64 most = slice;
      Statement statement(session);
      statement << "DELETE FROM audience WHERE number = $1 AND sequence IN (SELECT sequence FROM audience "
                   "WHERE number = $2 AND sequence < $3 ORDER BY sequence LIMIT $4)",
          use(number), use(number), use(oldest), use(most);
      return statement.execute();
    });
}

void cleanContactLog(Database& database, int entries, std::int64_t oldest) {
  Poco::Int64 kept = entries;
  Poco::Int64 since = oldest;
  std::vector<Poco::Int64> beyond;
  database.read([&](Session& session) {
    session << "SELECT number FROM contact_log GROUP BY number HAVING count(*) > $1 OR min(started) < $2", into(beyond),
        use(kept), use(since), now;
  });
  for (auto number : beyond)
    removeInSlices(database, [&](Session& session) {
      Poco::Int64 most = slice;
      Statement statement(session);
      statement << "DELETE FROM contact_log WHERE id IN (SELECT id FROM contact_log WHERE number = $1 AND "
                   "(started < $2 OR id <= (SELECT id FROM contact_log WHERE number = $3 ORDER BY id DESC "
                   "LIMIT 1 OFFSET $4)) ORDER BY id LIMIT $5)",
          use(number), use(since), use(number), use(kept), use(most);
      return statement.execute();
    });
}

}  // namespace jackfield::store
