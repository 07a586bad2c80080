// SPDX-License-Identifier: Apache-2.0
// Streaming people and contacts in parts under credit.
#include "synchronisation.hpp"

#include <chrono>
#include <optional>

#include "cursor.hpp"
#include "domains.hpp"
#include "groups.hpp"
#include "ldap/filter.hpp"
#include "mapping.hpp"

namespace jackfield::directory {

namespace {

// A part is at most 1 MiB of JSON at the boundary. Texts hold no control characters, so escaping at most doubles them.
constexpr std::size_t part_entries = 500;
constexpr std::size_t part_octets = 384 * 1024;
constexpr std::size_t entry_overhead = 320;  // member names, quotes and commas of one person

std::size_t sizeOf(const Person& p) {
  std::size_t size = entry_overhead + p.id.size() + p.dn.size() + p.login.size() + p.name.size() + p.given_name.size() +
                     p.surname.size() + p.mail.size() + p.mail2.size() + p.title.size() + p.department.size() +
                     p.company.size() + p.location.size() + p.extension.size();
  for (const auto& number : p.numbers) size += number.value.size() + 32;
  return size;
}

class Parts {
 public:
  explicit Parts(const PartSink& sink) : sink_(sink) { part_.entries.reserve(part_entries); }

  void add(Person&& person) {
    octets_ += sizeOf(person);
    part_.entries.push_back(std::move(person));
    flushIfFull();
  }

  void skip(std::string_view dn, const std::string& reason) {
    // A DN that is itself the fault may be of any size and content.
    part_.skipped.push_back({std::string(dn.substr(0, 512)), reason});
    octets_ += 64 + std::min<std::size_t>(dn.size(), 512) * 6 + reason.size();
    flushIfFull();
  }

  SyncPart last() { return std::move(part_); }

 private:
  void flushIfFull() {
    if (part_.entries.size() + part_.skipped.size() < part_entries && octets_ < part_octets) return;
    sink_(part_);
    part_.entries.clear();
    part_.skipped.clear();
    octets_ = 0;
  }

  const PartSink& sink_;
  SyncPart part_;
  std::size_t octets_ = 0;
};

class Run {
 public:
  Run(const Settings& settings, const Sync& request, const PartSink& sink, const std::stop_token& stop)
      : settings_(settings), mapping_(settings), parts_(sink), stop_(stop) {
    next_.settings = settingsFingerprint(settings);
    if (request.mode == SyncMode::incremental) before_ = readCursor(request.cursor, next_.settings);
  }

  SyncPart run() {
    readGroups();
    readUsers();
    for (std::size_t i = 0; i < settings_.contacts.size(); ++i)
      if (settings_.contacts[i].enabled) readContacts(settings_.contacts[i], "contact" + std::to_string(i + 1));
    SyncPart last = parts_.last();
    last.cursor = cursorText(next_);
    return last;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void readGroups() {
    auto connection = connectBound(settings_, groupDomain(settings_), stop_);
    members_.emplace(settings_, connection, baseOf(settings_, groupDomain(settings_), connection));
    next_.groups = members_->fingerprint();
  }

  void readUsers() {
    auto connection = connectBound(settings_, settings_.user, stop_);
    const std::string base = baseOf(settings_, settings_.user, connection);
    const std::string changed = begin(connection, base, "user");
    const bool groups_changed = before_ && before_->groups != next_.groups;
    const std::string since = groups_changed ? "" : changed;
    const auto started = Clock::now();
    stream(connection, base, within(peopleFilter(settings_), since), true);
    if (since.empty())
      fetchUnmet(connection, base);
    else if (!settings_.contact_filter.empty())
      streamChangedMembers(connection, base, since);
    finish("user", Clock::now() - started);
  }

  void readContacts(const Domain& domain, const std::string& key) {
    auto connection = connectBound(settings_, domain, stop_);
    const std::string base = baseOf(settings_, domain, connection);
    const std::string changed = begin(connection, base, key);
    const auto started = Clock::now();
    stream(connection, base, within(peopleFilter(settings_), changed), false, domain.page_size);
    finish(key, Clock::now() - started);
  }

  // Notes the point before anything is read, so that what changes meanwhile comes again next time. Returns the filter
  // for what changed since the last run, empty for a full run.
  std::string begin(ldap::Connection& connection, const std::string& base, const std::string& key) {
    ChangePoint now = pointNow(settings_, connection, base);
    std::string changed;
    newest_.clear();
    wants_time_ = now.kind == "time";
    if (before_) {
      const ChangePoint& then = before_->domains[key];
      changed = changedSince(then, now);
      if (wants_time_) newest_ = then.value;
    }
    next_.domains[key] = std::move(now);
    return changed;
  }

  // A server without a change point: the newest stamp seen, less the length of the run, is before the run began,
  // whatever the two clocks say; two seconds more for stamps cut to whole seconds.
  void finish(const std::string& key, Clock::duration took) {
    if (!wants_time_) return;
    const long seconds = static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(took).count()) + 2;
    std::string before = earlier(newest_, seconds);
    next_.domains[key].value = before.empty() ? "19700101000000Z" : std::move(before);
  }

  static std::string within(const std::string& filter, const std::string& since) {
    return since.empty() ? filter : "(&" + filter + since + ")";
  }

  ldap::Query queryFor(const std::string& base, ldap::Scope scope, const std::string& filter, int page_size) const {
    ldap::Query query{base, scope, filter, mapping_.attributes()};
    if (wants_time_) query.attributes.emplace_back("modifyTimestamp");
    query.page_size = page_size;
    return query;
  }

  void stream(ldap::Connection& connection, const std::string& base, const std::string& filter, bool users,
              int page_size = 0) {
    const auto query =
        queryFor(base, ldap::Scope::subtree, filter, page_size > 0 ? page_size : settings_.user.page_size);
    connection.search(query, [&](const ldap::Entry& entry) {
      take(entry, users, false);
      return true;
    });
  }

  void take(const ldap::Entry& entry, bool users, bool only_members) {
    if (wants_time_)
      if (const auto stamp = entry.first("modifyTimestamp"); stamp > newest_) newest_.assign(stamp);
    Person person;
    const std::string reason = mapping_.map(entry, person);
    // Contacts of other domains may carry a login name; it is not one that signs in here.
    if (!users) person.login.clear();
    const Roles roles =
        users ? members_->rolesOf(ldap::canonicalDn(entry.dn), person.login, entry.first("primaryGroupID")) : Roles{0};
    if (only_members && roles == 0) return;
    if (!reason.empty()) {
      parts_.skip(entry.dn, reason);
    } else if (roles != 0 && person.login.empty()) {
      parts_.skip(entry.dn,
                  "is in a security group but has no login name (attribute " + mapping_.loginAttribute() + ")");
    } else {
      person.roles = roleNames(roles);
      parts_.add(std::move(person));
    }
  }

  // LDAP-033: members that the filter or the base DN left out.
  void fetchUnmet(ldap::Connection& connection, const std::string& base) {
    for (const std::string& dn : members_->unmetDns()) {
      bool exists = false;
      try {
        connection.search(queryFor(dn, ldap::Scope::base, classFilter(settings_), 0), [&](const ldap::Entry& entry) {
          take(entry, true, false);
          return exists = true;
        });
        if (!exists) connection.search({dn, ldap::Scope::base}, [&](const ldap::Entry&) { return exists = true; });
      } catch (const Error& error) {
        if (error.status() != Status::notFound && error.status() != Status::invalid) throw;
      }
      // What exists and is no person is a machine's or a service's account.
      if (!exists) parts_.skip(dn, "is named in a security group, but there is no such entry");
    }
    for (const std::string& login : members_->unmetLogins()) {
      const auto query =
          queryFor(base, ldap::Scope::subtree,
                   "(&" + classFilter(settings_) + ldap::equals(mapping_.loginAttribute(), login) + ")", 0);
      bool exists = false;
      connection.search(query, [&](const ldap::Entry& entry) {
        take(entry, true, false);
        return exists = true;
      });
      if (!exists) parts_.skip(login, "is named in a security group, but nobody has this login name");
    }
  }

  // LDAP-033 in an incremental run: a member whom the filter leaves out, and who changed.
  void streamChangedMembers(ldap::Connection& connection, const std::string& base, const std::string& since) {
    const auto query = queryFor(base, ldap::Scope::subtree,
                                "(&" + classFilter(settings_) + since + "(!" + settings_.contact_filter + "))",
                                settings_.user.page_size);
    connection.search(query, [&](const ldap::Entry& entry) {
      take(entry, true, true);
      return true;
    });
  }

  const Settings& settings_;
  const Mapping mapping_;
  Parts parts_;
  std::stop_token stop_;
  std::optional<Cursor> before_;
  Cursor next_;
  std::optional<Membership> members_;
  bool wants_time_ = false;
  std::string newest_;
};

}  // namespace

SyncPart synchronise(const Settings& settings, const Sync& request, const PartSink& sink, const std::stop_token& stop) {
  return Run(settings, request, sink, stop).run();
}

}  // namespace jackfield::directory
