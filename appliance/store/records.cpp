// SPDX-License-Identifier: Apache-2.0
// Alarms, the audit log with its chain of hashes, the history of synchronisations, and documents by name.

#include <jackfield/json.hpp>

#include "store/configuration_impl.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;

namespace {

constexpr std::size_t most_skipped_reasons = 100;

Poco::Int64 signedOf(std::uint64_t value) {
  return static_cast<Poco::Int64>(std::min<std::uint64_t>(value, std::numeric_limits<Poco::Int64>::max()));
}

// Lengths stand before the texts, so that no two records give the same octets.
std::string chained(const std::string& previous, const AuditRecord& record) {
  std::string text = previous;
  for (const auto& part : {std::to_string(record.time), record.who, record.address, record.action, record.object,
                           record.before, record.after})
    text += std::to_string(part.size()) + ":" + part;
  return sha256(text);
}

std::vector<AlarmRecord> findAlarms(Session& session, const std::string& condition, std::string code,
                                    std::string subject, Poco::Int64 limit) {
  std::vector<Poco::Int64> ids, raised, cleared;
  std::vector<std::string> codes, subjects, severities, texts;
  session << "SELECT id, code, subject, severity, text, raised, cleared FROM alarms WHERE " + condition +
                 " ORDER BY id DESC LIMIT $3",
      into(ids), into(codes), into(subjects), into(severities), into(texts), into(raised), into(cleared), use(code),
      use(subject), use(limit), now;
  std::vector<AlarmRecord> out;
  for (std::size_t i = 0; i < ids.size(); ++i)
    out.push_back(
        {static_cast<std::uint64_t>(ids[i]), codes[i], subjects[i], severities[i], texts[i], raised[i], cleared[i]});
  return out;
}

constexpr const char* open_of = "cleared = 0 AND code = $1 AND subject = $2";

}  // namespace

AlarmRecord ConfigurationStore::raise(const AlarmRecord& alarm) {
  AlarmRecord stored = alarm;
  std::string code = storable(alarm.code);
  std::string subject = storable(alarm.subject);
  std::string severity = alarm.severity;
  std::string text = storable(alarm.text);
  Poco::Int64 raised = alarm.raised;
  impl_->database.write([&](Session& session) {
    session << "INSERT INTO alarms (code, subject, severity, text, raised, cleared) VALUES ($1, $2, $3, $4, $5, 0) "
               "ON CONFLICT (code, subject) WHERE cleared = 0 "
               "DO UPDATE SET severity = excluded.severity, text = excluded.text",
        use(code), use(subject), use(severity), use(text), use(raised), now;
    stored = findAlarms(session, open_of, code, subject, 1).at(0);
  });
  return stored;
}

std::optional<AlarmRecord> ConfigurationStore::clear(const std::string& code, const std::string& subject,
                                                     std::int64_t now_ms) {
  std::optional<AlarmRecord> out;
  impl_->database.write([&](Session& session) {
    auto found = findAlarms(session, open_of, storable(code), storable(subject), 1);
    if (found.empty()) return;
    out = found.front();
    out->cleared = now_ms;
    Poco::Int64 id = signedOf(out->id);
    Poco::Int64 time = now_ms;
    session << "UPDATE alarms SET cleared = $1 WHERE id = $2", use(time), use(id), now;
  });
  return out;
}

std::vector<AlarmRecord> ConfigurationStore::alarms(bool open_only, std::size_t limit) const {
  std::vector<AlarmRecord> out;
  impl_->database.read([&](Session& session) {
    const std::string condition = open_only ? "cleared = 0 AND $1 = $2" : "$1 = $2";
    out = findAlarms(session, condition, "", "", signedOf(limit));
  });
  return out;
}

void ConfigurationStore::audit(const AuditRecord& record) {
  AuditRecord r = record;
  for (auto* text : {&r.who, &r.address, &r.action, &r.object, &r.before, &r.after}) *text = storable(std::move(*text));
  Poco::Int64 time = r.time;
  impl_->database.write([&](Session& session) {
    std::string previous;
    session << "SELECT chain FROM audit ORDER BY id DESC LIMIT 1", into(previous), now;
    std::string chain = chained(previous, r);
    session << "INSERT INTO audit (time, who, address, action, object, before, after, chain) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        use(time), use(r.who), use(r.address), use(r.action), use(r.object), use(r.before), use(r.after), use(chain),
        now;
  });
}

namespace {

struct AuditRows {
  std::vector<AuditRecord> records;
  std::vector<std::string> chains;
};

AuditRows auditRows(Session& session, const std::string& which, Poco::Int64 bound, Poco::Int64 limit) {
  std::vector<Poco::Int64> ids, times;
  std::vector<std::string> who, addresses, actions, objects, before, after;
  AuditRows out;
  session << "SELECT id, time, who, address, action, object, before, after, chain FROM audit WHERE " + which +
                 " LIMIT $2",
      into(ids), into(times), into(who), into(addresses), into(actions), into(objects), into(before), into(after),
      into(out.chains), use(bound), use(limit), now;
  for (std::size_t i = 0; i < ids.size(); ++i)
    out.records.push_back({static_cast<std::uint64_t>(ids[i]), times[i], who[i], addresses[i], actions[i], objects[i],
                           before[i], after[i]});
  return out;
}

}  // namespace

std::vector<AuditRecord> ConfigurationStore::auditLog(std::uint64_t before, std::size_t limit) const {
  std::vector<AuditRecord> out;
  impl_->database.read([&](Session& session) {
    const auto bound = before == 0 ? std::numeric_limits<Poco::Int64>::max() : signedOf(before);
    out = auditRows(session, "id < $1 ORDER BY id DESC", bound, signedOf(limit)).records;
  });
  return out;
}

// Read in pages of one snapshot: the log may be long. Ids have no gaps, for nothing takes records away.
std::optional<std::uint64_t> ConfigurationStore::auditBrokenAt() const {
  std::optional<std::uint64_t> broken;
  impl_->database.read([&](Session& session) {
    std::string previous;
    Poco::Int64 last = 0;
    while (!broken) {
      const auto page = auditRows(session, "id > $1 ORDER BY id", last, 1000);
      if (page.records.empty()) break;
      for (std::size_t i = 0; i < page.records.size() && !broken; ++i) {
        if (page.chains[i] != chained(previous, page.records[i])) broken = page.records[i].id;
        previous = page.chains[i];
        last = signedOf(page.records[i].id);
      }
    }
  });
  return broken;
}

std::optional<boost::json::value> ConfigurationStore::document(const std::string& name) const {
  std::string key = name;
  std::string body;
  impl_->database.read(
      [&](Session& session) { session << "SELECT body FROM documents WHERE name = $1", into(body), use(key), now; });
  return body.empty() ? std::nullopt : std::optional(parseJson(body));
}

void ConfigurationStore::saveDocument(const std::string& name, const boost::json::value& document) {
  std::string key = name;
  std::string body = boost::json::serialize(document);
  impl_->database.write([&](Session& session) {
    session << "INSERT INTO documents (name, body) VALUES ($1, $2) "
               "ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        use(key), use(body), now;
  });
}

void ConfigurationStore::removeDocument(const std::string& name) {
  std::string key = name;
  impl_->database.write([&](Session& session) { session << "DELETE FROM documents WHERE name = $1", use(key), now; });
}

std::uint64_t ConfigurationStore::saveSyncRun(const SyncRunRecord& run) {
  SyncRunRecord stored = run;
  if (stored.skipped_reasons.size() > most_skipped_reasons) stored.skipped_reasons.resize(most_skipped_reasons);
  Poco::Int64 id = signedOf(run.id);
  std::string body = toJsonText(stored);
  impl_->database.write([&](Session& session) {
    if (id == 0) {
      session << "INSERT INTO sync_runs (body) VALUES ($1) RETURNING id", into(id), use(body), now;
    } else {
      session << "UPDATE sync_runs SET body = $1 WHERE id = $2", use(body), use(id), now;
    }
  });
  return static_cast<std::uint64_t>(id);
}

std::vector<SyncRunRecord> ConfigurationStore::syncRuns(std::size_t limit) const {
  std::vector<Poco::Int64> ids;
  std::vector<std::string> bodies;
  Poco::Int64 most = signedOf(limit);
  impl_->database.read([&](Session& session) {
    session << "SELECT id, body FROM sync_runs ORDER BY id DESC LIMIT $1", into(ids), into(bodies), use(most), now;
  });
  std::vector<SyncRunRecord> out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    out.push_back(fromJson<SyncRunRecord>(parseJson(bodies[i]), Unknown::ignore));
    out.back().id = static_cast<std::uint64_t>(ids[i]);
  }
  return out;
}

}  // namespace jackfield::store
