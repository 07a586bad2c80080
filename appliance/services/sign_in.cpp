// SPDX-License-Identifier: Apache-2.0
// Sign-in: lock-out, the directories' word, the roles, the limit, then a session that is on disk before it is told.
#include "services/sign_in.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <jackfield/json.hpp>

#include "capabilities/directory.hpp"
#include "kernel/base/log.hpp"
#include "services/alarms.hpp"
#include "services/audit.hpp"
#include "services/context.hpp"
#include "services/counters.hpp"
#include "services/lock_out.hpp"
#include "services/servers.hpp"
#include "services/session_book.hpp"
#include "services/sessions.hpp"
#include "services/setup_token.hpp"
#include "services/tokens.hpp"
#include "store/people.hpp"

namespace jackfield::services {
namespace {

using model::Permission;
using model::Principal;
using model::Problem;
using model::Role;
using Kind = Problem::Kind;

constexpr std::size_t longest_login = 256;
constexpr std::size_t longest_password = 1024;
const std::string setup_login = "setup";

const kernel::Log& log() {
  static const kernel::Log log("services.signIn");
  return log;
}

// Logins are compared without regard to case (INT-140).
std::string normal(const std::string& login) {
  const auto begin = login.find_first_not_of(" \t");
  const auto end = login.find_last_not_of(" \t");
  std::string out = begin == std::string::npos ? std::string() : login.substr(begin, end - begin + 1);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// An empty password would be an anonymous bind, which many directories grant to anybody.
bool plausible(const std::string& login, const std::string& password) {
  const auto printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
  return !login.empty() && login.size() <= longest_login && !password.empty() && password.size() <= longest_password &&
         std::all_of(login.begin(), login.end(), printable) && password.find('\0') == std::string::npos;
}

std::set<Role> rolesOf(const directory::Person& person) {
  std::set<Role> out;
  for (const auto role : {Role::user, Role::auditor, Role::administrator})
    if (std::find(person.roles.begin(), person.roles.end(), nameOf(role)) != person.roles.end()) out.insert(role);
  return out;
}

Problem wrongCredentials() {
  return Problem(Kind::unauthenticated, "auth.credentials", "Login or password is wrong.");
}

Principal principalOf(const store::SessionRecord& session, const std::string& address) {
  return {session.user_id, session.login, session.name, session.roles, session.id, address};
}

}  // namespace

struct SignIn::Impl {
  Impl(const Context& ground, const Servers& of)
      : context(ground),
        servers(of),
        directories(ground.plugins),
        lock_out(ground.limits),
        book(ground.limits),
        setup(ground.data_folder / "setup-token") {}

  const Context context;
  const Servers& servers;
  const capabilities::Directory directories;
  LockOut lock_out;
  SessionBook book;
  SetupToken setup;
  mutable std::mutex mutex;  // of what follows
  std::vector<std::function<void(const std::string&)>> on_end;

  std::int64_t now() const { return context.clock(); }

  void tellEnd(const std::string& session_id) {
    std::vector<std::function<void(const std::string&)>> listeners;
    {
      const std::lock_guard lock(mutex);
      listeners = on_end;
    }
    for (const auto& listener : listeners) listener(session_id);
  }

  void end(const store::SessionRecord& session) {
    context.configuration.removeSession(session.id);
    tellEnd(session.id);
  }

  // The first directory that takes the password decides. Nobody: wrong credentials, unless one could not be asked.
  directory::Person authenticate(const std::string& login, const std::string& password) {
    const auto handles = servers.enabledOf("directory");
    if (handles.empty())
      throw Problem(
          Kind::unavailable, "auth.noDirectory",
          "No directory server is configured yet, so nobody can sign in. Configure one with the set-up token.");
    std::optional<Problem> down;
    for (const auto& handle : handles) {
      try {
        return directories.authenticate(handle, {login, password}, context.limits.sign_in_timeout);
      } catch (const Problem& problem) {
        if (problem.kind() == Kind::unauthenticated) continue;
        log().warning("auth.directoryDown", {{"server", handle}, {"reason", problem.what()}});
        down = problem;
      }
    }
    if (!down) throw wrongCredentials();
    throw Problem(Kind::unavailable, "auth.directoryDown",
                  "The directory that would check the password does not answer. Try again in a minute.");
  }

  void refuseLocked(const std::string& login, const std::string& address) {
    const std::int64_t wait_ms = lock_out.begin(login, address, now());
    if (wait_ms <= 0) return;
    context.counters.sign_ins_locked.add();
    log().warning("auth.locked", {{"login", login}, {"address", address}});
    context.alarms.notice(
        "security.lockedOut", "signIn",
        "Sign-ins are held back after too many failed ones; the audit log says whose and from where.");
    const std::int64_t seconds = (wait_ms + 999) / 1000;
    throw Locked("Too many failed sign-ins. Try again in " + std::to_string(seconds) + " seconds.", seconds);
  }

  directory::Person checked(const std::string& login, const std::string& password, const std::string& address) {
    const auto answer_at = std::chrono::steady_clock::now() + context.limits.failed_sign_in;
    refuseLocked(login, address);
    try {
      if (!plausible(login, password)) throw wrongCredentials();
      auto person = authenticate(login, password);
      lock_out.succeeded(login, address);
      return person;
    } catch (const Problem& problem) {
      if (problem.code() != "auth.credentials") {
        lock_out.undecided(login, address);
        throw;
      }
    }
    context.counters.sign_ins_refused.add();
    log().warning("auth.credentials", {{"login", login}, {"address", address}});
    context.audit.record({{}, login.substr(0, longest_login), {}, {}, {}, address}, "signIn.failed",
                         login.substr(0, longest_login));
    std::this_thread::sleep_until(answer_at);  // what every refusal costs, so that its time tells nothing
    throw wrongCredentials();
  }

  void refuse(const Principal& who, const std::string& action, const Problem& problem) {
    context.audit.record(who, action, who.login);
    throw problem;
  }

  void requireEntitled(const Principal& who) {
    if (who.roles.empty())
      refuse(
          who, "signIn.noRole",
          Problem(
              Kind::forbidden, "auth.noRole",
              "You are in none of the security groups that may use Jackfield. Ask an administrator of the directory."));
    const auto user = context.people.user(who.user_id);
    if (user && !user->enabled)
      refuse(who, "signIn.disabled",
             Problem(Kind::forbidden, "auth.disabled", "An administrator has disabled your account in Jackfield."));
  }

  // Sign-in of person number 2,001: logged, audited, counted and an alarm (CAP-013, SEC-019).
  [[noreturn]] void refuseCrowd(const Principal& who) {
    context.counters.capacity_refusals.add();
    const std::string limit = std::to_string(context.limits.active_users);
    context.alarms.raise("capacity.activeUsers", "signIn", "warning",
                         "Sign-ins are refused: " + limit + " people are signed in, as many as may be.");
    context.audit.record(who, "signIn.capacity", who.login);
    throw Problem(Kind::tooMany, "capacity.activeUsers",
                  "As many people are signed in as this server allows (" + limit + "). Try again later.");
  }

  store::SessionRecord begin(const std::string& given_login, const std::string& password, const std::string& address,
                             bool program, const std::string& note, std::string& token) {
    const std::string login = normal(given_login);
    const auto person = checked(login, password, address);
    store::SessionRecord session;
    session.user_id = person.id;
    session.login = normal(person.login.empty() ? login : person.login);
    session.name = person.name;
    session.roles = rolesOf(person);
    session.address = address;
    const Principal who = principalOf(session, address);
    requireEntitled(who);

    token = randomToken();
    session.id = randomId();
    session.token_hash = hashOf(token);
    session.program = program;
    session.note = note;
    session.csrf = program ? std::string() : randomToken();
    session.created = session.used = now();
    session.expires = session.created + (program ? context.limits.token_age : context.limits.session_age).count();
    remember(session, who);
    return session;
  }

  void remember(const store::SessionRecord& session, const Principal& who) {
    std::vector<store::SessionRecord> ended;
    if (!book.add(session, now(), ended)) refuseCrowd(who);
    try {
      context.configuration.saveSession(session);
    } catch (...) {
      book.remove(session.id);
      throw;
    }
    for (const auto& old : ended) end(old);
    context.counters.sign_ins.add();
    context.audit.record(who, session.program ? "token.create" : "signIn", session.login);
    if (session.roles.contains(Role::administrator)) setup.remove();
  }

  // Somebody who signed in before the first synchronisation is not missing from it.
  bool allSynchronised() const {
    std::set<std::string> done;
    for (const auto& run : context.configuration.syncRuns(200))
      if (run.state == "done") done.insert(run.directory);
    const auto handles = servers.enabledOf("directory");
    return std::all_of(handles.begin(), handles.end(), [&](const auto& handle) { return done.contains(handle); });
  }

  Principal use(const std::string& token, bool program, const std::string& address) {
    if (const auto session = book.use(hashOf(token), program, now())) return principalOf(*session, address);
    throw Problem(Kind::unauthenticated, "auth.session",
                  program ? "This token is unknown, revoked or out of date. Ask for a new one with POST /tokens."
                          : "You are not signed in, or the session has ended. Sign in.");
  }

  void refresh(const store::SessionRecord& session, bool missing_is_gone) {
    const auto person = context.people.person(session.user_id);
    if (!person && !missing_is_gone) return;
    const auto user = context.people.user(session.user_id);
    const auto roles = person ? rolesOf(*person) : std::set<Role>();
    if (roles == session.roles && (!user || user->enabled)) return;
    const Principal who = principalOf(session, session.address);
    if (roles.empty() || (user && !user->enabled)) {
      if (!book.remove(session.id)) return;
      end(session);
      context.audit.record(who, "session.revoked", session.login);
      return;
    }
    auto changed = session;
    changed.roles = roles;
    book.replace(changed);
    context.configuration.saveSession(changed);
    context.audit.record(who, "session.roles", session.login);
    tellEnd(session.id);  // its event stream was opened with the old rights; the client comes again
  }
};

SignIn::SignIn(const Context& context, const Servers& servers) : impl_(std::make_unique<Impl>(context, servers)) {
  for (auto& session : context.configuration.sessions()) impl_->book.restore(std::move(session));
  serversChanged();
}
SignIn::~SignIn() = default;

SignedIn SignIn::signIn(const std::string& login, const std::string& password, const std::string& address) {
  SignedIn out;
  const auto record = impl_->begin(login, password, address, false, {}, out.token);
  out.session = session(principalOf(record, address));
  return out;
}

ProgramToken SignIn::issueToken(const std::string& login, const std::string& password, const std::string& note,
                                const std::string& address) {
  ProgramToken out;
  out.expires = impl_->begin(login, password, address, true, note, out.token).expires;
  return out;
}

Principal SignIn::fromCookie(const std::string& token, const std::string& address) {
  return impl_->use(token, false, address);
}

Principal SignIn::fromBearer(const std::string& token, const std::string& address) {
  if (impl_->setup.is(token)) return {{}, setup_login, "Set-up", {Role::administrator}, setup_login, address};
  return impl_->use(token, true, address);
}

void SignIn::checkCsrf(const Principal& principal, const std::string& csrf) const {
  const auto session = impl_->book.find(principal.session_id);
  if (session && !session->csrf.empty() && sameSecret(session->csrf, csrf)) return;
  throw Problem(Kind::forbidden, "auth.csrf",
                "The request does not carry the session's CSRF token (header X-CSRF-Token). Reload the page.");
}

SessionView SignIn::session(const Principal& principal) const {
  SessionView view;
  const auto user = impl_->context.people.user(principal.user_id);
  view.user = {principal.user_id, principal.login, principal.name, user ? user->extension : std::string()};
  for (const auto role : principal.roles) view.roles.push_back(nameOf(role));
  for (const auto permission : {Permission::ownCalls, Permission::directory, Permission::viewSystem,
                                Permission::monitor, Permission::changeSystem, Permission::operate})
    if (principal.may(permission)) view.permissions.push_back(nameOf(permission));
  if (const auto session = impl_->book.find(principal.session_id)) {
    view.csrf_token = session->csrf;
    view.expires = session->expires;
  }
  return view;
}

void SignIn::signOut(const Principal& principal) {
  const auto session = impl_->book.remove(principal.session_id);
  if (!session) return;
  impl_->end(*session);
  impl_->context.audit.record(principal, session->program ? "token.revoke" : "signOut", session->login);
}

void SignIn::onEnd(std::function<void(const std::string&)> listener) {
  const std::lock_guard lock(impl_->mutex);
  impl_->on_end.push_back(std::move(listener));
}

void SignIn::tidy() {
  for (const auto& session : impl_->book.removeExpired(impl_->now())) impl_->end(session);
  if (const auto touched = impl_->book.takeTouched(); !touched.empty())
    impl_->context.configuration.touchSessions(touched);
  if (activeUsers() < impl_->context.limits.active_users) impl_->context.alarms.clear("capacity.activeUsers", "signIn");
}

void SignIn::refreshRoles() {
  const bool missing_is_gone = impl_->allSynchronised();
  for (const auto& session : impl_->book.all()) impl_->refresh(session, missing_is_gone);
}

void SignIn::serversChanged() {
  if (impl_->servers.handlesOf("directory").empty()) impl_->setup.provide();
}

std::vector<SessionInfo> SignIn::sessions() const {
  std::vector<SessionInfo> out;
  for (const auto& session : impl_->book.all()) {
    SessionInfo info{session.id,   session.login,   session.name,    {},           session.program,
                     session.note, session.address, session.created, session.used, session.expires,
                     false};
    for (const auto role : session.roles) info.roles.push_back(nameOf(role));
    out.push_back(std::move(info));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.created > b.created; });
  return out;
}

std::string SignIn::end(const std::string& session_id) {
  const auto session = impl_->book.remove(session_id);
  if (!session) return {};
  impl_->end(*session);
  return session->login;
}

std::size_t SignIn::activeUsers() const {
  return impl_->book.active(impl_->now());
}
std::size_t SignIn::sessionCount() const {
  return impl_->book.size();
}

}  // namespace jackfield::services
