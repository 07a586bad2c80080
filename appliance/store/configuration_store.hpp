// SPDX-License-Identifier: Apache-2.0
// Servers, sessions, alarms, audit, sync history and documents: the small tables of the main database. Secrets in
// server settings are encrypted before they reach the disk (AES-256-GCM, a key file beside the database, mode 0600).
#ifndef JACKFIELD_STORE_CONFIGURATION_STORE_HPP
#define JACKFIELD_STORE_CONFIGURATION_STORE_HPP

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json.hpp>

#include "model/principal.hpp"
#include "store/database.hpp"

namespace jackfield::store {

struct ServerRecord {
  std::string handle;  // unique across all kinds (SRV-004), 1 to 64 of letters, digits, '-', '_', '.'
  std::string type;    // a server type of a manifest
  std::string description;
  bool enabled = true;
  boost::json::object settings;   // secrets in clear here, encrypted on disk
  std::uint64_t revision = 0;     // counts changes; a writer says which one it read
  bool restart_required = false;  // saved but not yet in force (SRV-015)
};
BOOST_DESCRIBE_STRUCT(ServerRecord, (), (handle, type, description, enabled, settings, revision, restart_required))

struct SessionRecord {
  std::string id;          // public id
  std::string token_hash;  // SHA-256 of the cookie or bearer token; the token itself is never stored
  std::string user_id;
  std::string login;
  std::string name;
  std::set<model::Role> roles;
  bool program = false;  // bearer token
  std::string note;
  std::string address;
  std::string csrf;
  std::int64_t created = 0;
  std::int64_t used = 0;
  std::int64_t expires = 0;
};

struct AlarmRecord {
  std::uint64_t id = 0;
  std::string code;      // of the message catalogue
  std::string subject;   // what it is about: a server's handle
  std::string severity;  // "warning", "major", "critical"
  std::string text;
  std::int64_t raised = 0;
  std::int64_t cleared = 0;  // 0: still up
};
BOOST_DESCRIBE_STRUCT(AlarmRecord, (), (id, code, subject, severity, text, raised, cleared))

struct AuditRecord {
  std::uint64_t id = 0;
  std::int64_t time = 0;
  std::string who;
  std::string address;
  std::string action;  // "server.change", "signIn.failed" ...
  std::string object;
  std::string before;  // JSON, secrets masked
  std::string after;
};
BOOST_DESCRIBE_STRUCT(AuditRecord, (), (id, time, who, address, action, object, before, after))

struct SyncRunRecord {
  std::uint64_t id = 0;
  std::string directory;
  std::string mode;
  std::string state;  // "running", "done", "failed", "refused"
  std::string text;   // why, when not done
  std::int64_t started = 0;
  std::int64_t ended = 0;
  std::uint64_t seen = 0, added = 0, changed = 0, removed = 0, unchanged = 0, skipped = 0;
  std::vector<std::string> skipped_reasons;  // the first 100, "dn: reason"
};
BOOST_DESCRIBE_STRUCT(SyncRunRecord, (),
                      (id, directory, mode, state, text, started, ended, seen, added, changed, removed, unchanged,
                       skipped, skipped_reasons))

class ConfigurationStore {
 public:
  // The settings of a server type that are secret, from the manifest: names ("password") or JSON pointers
  // ("/tls/password").
  using SecretNames = std::function<std::set<std::string>(const std::string& type)>;
  // The database is one with mainSchema(). The key file is made at first use. Throws Problem("secrets.key").
  ConfigurationStore(Database&, const std::filesystem::path& key_file, SecretNames);
  ~ConfigurationStore();

  std::vector<ServerRecord> servers() const;
  std::optional<ServerRecord> server(const std::string& handle) const;
  // Secrets that the key file no longer opens, as "HANDLE/pointer"; they are absent from the settings above and have
  // to be entered again.
  std::vector<std::string> lostSecrets() const;
  // Stores a new or changed server. `revision` 0 inserts. Throws Problem(conflict, "store.server.taken") on a taken
  // handle (capital letters do not make a difference), Problem(conflict, "store.server.stale") on a stale revision,
  // Problem(notFound, "store.server.unknown"). Returns what was stored, with its new revision.
  ServerRecord save(const ServerRecord&);
  void remove(const std::string& handle);  // one that is not there is removed already
  void setRestartRequired(const std::string& handle, bool);

  void saveSession(const SessionRecord&);  // durable
  void touchSessions(const std::vector<std::pair<std::string, std::int64_t>>& used);
  bool removeSession(const std::string& id);
  std::vector<SessionRecord> sessions() const;  // not expired ones; the service keeps them in memory

  AlarmRecord raise(const AlarmRecord&);  // one open alarm per code and subject
  std::optional<AlarmRecord> clear(const std::string& code, const std::string& subject, std::int64_t now_ms);
  std::vector<AlarmRecord> alarms(bool open_only, std::size_t limit) const;

  void audit(const AuditRecord&);
  // Each record carries a hash over itself and the one before: the first record that was changed, or that follows a
  // removed one; nullopt when all is as it was written.
  std::optional<std::uint64_t> auditBrokenAt() const;
  // Newest first; `before` 0: from the newest.
  std::vector<AuditRecord> auditLog(std::uint64_t before, std::size_t limit) const;

  // A small JSON document by name, such as "defaults"; nullopt when there is none. Saving replaces it whole; it is on
  // disk when it returns.
  std::optional<boost::json::value> document(const std::string& name) const;
  void saveDocument(const std::string& name, const boost::json::value&);
  void removeDocument(const std::string& name);  // one that is not there is removed already

  // A copy of the whole main database, as Database::copyTo().
  void copyTo(const std::filesystem::path& copy) const;

  std::uint64_t saveSyncRun(const SyncRunRecord&);  // id 0 inserts; returns the id
  std::vector<SyncRunRecord> syncRuns(std::size_t limit) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::store

#endif
