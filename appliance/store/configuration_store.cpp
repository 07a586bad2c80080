// SPDX-License-Identifier: Apache-2.0
// Servers with sealed secrets, and sessions. Alarms, audit and synchronisation runs: records.cpp.
#include "store/configuration_store.hpp"

#include <chrono>

#include <Poco/Data/Statement.h>

#include <jackfield/json.hpp>

#include "model/problem.hpp"
#include "store/configuration_impl.hpp"
#include "store/sealed_settings.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using model::Problem;
using Poco::Data::Session;
using Poco::Data::Statement;

std::string storable(std::string text) {
  for (std::size_t at = 0; (at = text.find('\0', at)) != std::string::npos; ++at) text.replace(at, 1, "\xef\xbf\xbd");
  return text;
}

namespace {

std::int64_t nowMs() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string rolesText(const std::set<model::Role>& roles) {
  std::string text;
  for (const auto role : roles) text += (text.empty() ? "" : ",") + nameOf(role);
  return text;
}

std::set<model::Role> rolesOf(const std::string& text) {
  std::set<model::Role> roles;
  for (const auto role : {model::Role::user, model::Role::auditor, model::Role::administrator})
    if (("," + text + ",").find("," + nameOf(role) + ",") != std::string::npos) roles.insert(role);
  return roles;
}

}  // namespace

ConfigurationStore::ConfigurationStore(Database& database, const std::filesystem::path& key_file, SecretNames names)
    : impl_(std::make_unique<Impl>(database, key_file, std::move(names))) {}

ConfigurationStore::~ConfigurationStore() = default;

namespace {

// All servers, or the one with this handle; what cannot be opened goes into `lost`.
std::vector<ServerRecord> load(const Database& database, const SecretBox& box, const std::string& handle,
                               std::vector<std::string>& lost) {
  std::vector<std::string> handles, types, descriptions, settings;
  std::vector<int> enabled, restart;
  std::vector<Poco::Int64> revisions;
  std::string wanted = handle;
  int all = handle.empty() ? 1 : 0;
  database.read([&](Session& session) {
    session << "SELECT handle, type, description, enabled, settings, revision, restart_required FROM servers "
               "WHERE $1 = 1 OR handle = $2 ORDER BY handle",
        into(handles), into(types), into(descriptions), into(enabled), into(settings), into(revisions), into(restart),
        use(all), use(wanted), now;
  });
  std::vector<ServerRecord> out;
  for (std::size_t i = 0; i < handles.size(); ++i) {
    std::vector<std::string> pointers;
    ServerRecord server;
    server.handle = handles[i];
    server.type = types[i];
    server.description = descriptions[i];
    server.enabled = enabled[i] != 0;
    server.settings = unsealed(parseJson(settings[i]).as_object(), handles[i], box, pointers);
    server.revision = static_cast<std::uint64_t>(revisions[i]);
    server.restart_required = restart[i] != 0;
    for (const auto& pointer : pointers) lost.push_back(handles[i] + pointer);
    out.push_back(std::move(server));
  }
  return out;
}

}  // namespace

std::vector<ServerRecord> ConfigurationStore::servers() const {
  std::vector<std::string> lost;
  return load(impl_->database, impl_->box, "", lost);
}

std::optional<ServerRecord> ConfigurationStore::server(const std::string& handle) const {
  std::vector<std::string> lost;
  if (handle.empty()) return std::nullopt;
  auto found = load(impl_->database, impl_->box, handle, lost);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<std::string> ConfigurationStore::lostSecrets() const {
  std::vector<std::string> lost;
  load(impl_->database, impl_->box, "", lost);
  return lost;
}

ServerRecord ConfigurationStore::save(const ServerRecord& server) {
  ServerRecord stored = server;
  std::string handle = server.handle;
  std::string type = server.type;
  std::string description = storable(server.description);
  std::string settings =
      boost::json::serialize(sealed(server.settings, impl_->secrets(server.type), server.handle, impl_->box));
  int enabled = server.enabled ? 1 : 0;
  int restart = server.restart_required ? 1 : 0;
  impl_->database.write([&](Session& session) {
    Poco::Int64 revision = 0;
    session << "SELECT revision FROM servers WHERE handle = $1", into(revision), use(handle), now;
    if (server.revision == 0 && revision != 0)
      throw Problem(Problem::Kind::conflict, "store.server.taken",
                    "handle: " + handle + " is taken by another server; choose another",
                    {{"/handle", handle, "is taken"}});
    if (server.revision != 0 && revision == 0)
      throw Problem(Problem::Kind::notFound, "store.server.unknown", "server: " + handle + " is not there any more");
    if (server.revision != static_cast<std::uint64_t>(revision))
      throw Problem(Problem::Kind::conflict, "store.server.stale",
                    "server: " + handle + " has been changed by somebody else (revision " + std::to_string(revision) +
                        ", yours is " + std::to_string(server.revision) + "); read it again",
                    {{"/revision", std::to_string(server.revision), "is not " + std::to_string(revision)}});
    ++revision;
    stored.revision = static_cast<std::uint64_t>(revision);
    session << "INSERT INTO servers (handle, type, description, enabled, settings, revision, restart_required) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (handle) DO UPDATE SET type = excluded.type, "
               "description = excluded.description, enabled = excluded.enabled, settings = excluded.settings, "
               "revision = excluded.revision, restart_required = excluded.restart_required",
        use(handle), use(type), use(description), use(enabled), use(settings), use(revision), use(restart), now;
  });
  return stored;
}

void ConfigurationStore::remove(const std::string& handle) {
  std::string name = handle;
  impl_->database.write([&](Session& session) { session << "DELETE FROM servers WHERE handle = $1", use(name), now; });
}

void ConfigurationStore::setRestartRequired(const std::string& handle, bool required) {
  std::string name = handle;
  int flag = required ? 1 : 0;
  impl_->database.write([&](Session& session) {
    session << "UPDATE servers SET restart_required = $1 WHERE handle = $2", use(flag), use(name), now;
  });
}

void ConfigurationStore::copyTo(const std::filesystem::path& copy) const {
  impl_->database.copyTo(copy);
}

void ConfigurationStore::saveSession(const SessionRecord& record) {
  SessionRecord r = record;
  std::string roles = rolesText(r.roles);
  for (auto* text : {&r.login, &r.name, &r.note, &r.address}) *text = storable(std::move(*text));
  int program = r.program ? 1 : 0;
  Poco::Int64 created = r.created, used = r.used, expires = r.expires, today = nowMs();
  impl_->database.write([&](Session& session) {
    session << "DELETE FROM sessions WHERE expires <= $1", use(today), now;
    session << "INSERT INTO sessions (id, token_hash, user_id, login, name, roles, program, note, address, csrf, "
               "created, used, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
               "ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, roles = excluded.roles, "
               "name = excluded.name, note = excluded.note, address = excluded.address, csrf = excluded.csrf, "
               "used = excluded.used, expires = excluded.expires",
        use(r.id), use(r.token_hash), use(r.user_id), use(r.login), use(r.name), use(roles), use(program), use(r.note),
        use(r.address), use(r.csrf), use(created), use(used), use(expires), now;
  });
}

void ConfigurationStore::touchSessions(const std::vector<std::pair<std::string, std::int64_t>>& used) {
  std::string id;
  Poco::Int64 time = 0;
  impl_->database.write([&](Session& session) {
    Statement statement(session);
    statement << "UPDATE sessions SET used = $1 WHERE id = $2", use(time), use(id);
    for (const auto& [session_id, when] : used) {
      id = session_id;
      time = when;
      statement.execute();
    }
  });
}

bool ConfigurationStore::removeSession(const std::string& id) {
  std::string name = id;
  bool removed = false;
  impl_->database.write([&](Session& session) {
    Statement statement(session);
    statement << "DELETE FROM sessions WHERE id = $1", use(name);
    removed = statement.execute() > 0;
  });
  return removed;
}

std::vector<SessionRecord> ConfigurationStore::sessions() const {
  std::vector<std::string> ids, hashes, users, logins, names, roles, notes, addresses, csrfs;
  std::vector<int> programs;
  std::vector<Poco::Int64> created, used, expires;
  Poco::Int64 today = nowMs();
  impl_->database.read([&](Session& session) {
    session << "SELECT id, token_hash, user_id, login, name, roles, program, note, address, csrf, created, used, "
               "expires FROM sessions WHERE expires > $1 ORDER BY created, id",
        into(ids), into(hashes), into(users), into(logins), into(names), into(roles), into(programs), into(notes),
        into(addresses), into(csrfs), into(created), into(used), into(expires), use(today), now;
  });
  std::vector<SessionRecord> out;
  for (std::size_t i = 0; i < ids.size(); ++i)
    out.push_back({ids[i], hashes[i], users[i], logins[i], names[i], rolesOf(roles[i]), programs[i] != 0, notes[i],
                   addresses[i], csrfs[i], created[i], used[i], expires[i]});
  return out;
}

}  // namespace jackfield::store
