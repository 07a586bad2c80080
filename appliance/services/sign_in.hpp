// SPDX-License-Identifier: Apache-2.0
// Sign-in with directory passwords, sessions of browsers and tokens of programs (AUTH, SEC-002, CAP-002, CAP-003).
// The host stores no password: every enabled directory server is asked, the first that knows the login decides.
#ifndef JACKFIELD_SERVICES_SIGN_IN_HPP
#define JACKFIELD_SERVICES_SIGN_IN_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "model/principal.hpp"
#include "model/problem.hpp"

namespace jackfield::services {

struct Context;
struct SessionInfo;
class Servers;

struct SessionUser {
  std::string id;
  std::string login;
  std::string name;
  std::string extension;
};
BOOST_DESCRIBE_STRUCT(SessionUser, (), (id, login, name, extension))

// What GET /session answers.
struct SessionView {
  SessionUser user;
  std::vector<std::string> roles;        // of model::Role
  std::vector<std::string> permissions;  // of model::Permission
  std::string csrf_token;                // empty for programs
  std::int64_t expires = 0;              // when the session ends even if it is used
};
BOOST_DESCRIBE_STRUCT(SessionView, (), (user, roles, permissions, csrf_token, expires))

// The token is told once, here; only its hash is kept.
struct SignedIn {
  std::string token;
  SessionView session;
};

struct ProgramToken {
  std::string token;
  std::int64_t expires = 0;
};
BOOST_DESCRIBE_STRUCT(ProgramToken, (), (token, expires))

// Too many failures: code "auth.locked". The gateway sends Retry-After.
class Locked : public model::Problem {
 public:
  Locked(const std::string& detail, std::int64_t retry_after_s)
      : Problem(Kind::tooMany, "auth.locked", detail), retry_after_s_(retry_after_s) {}
  std::int64_t retryAfterSeconds() const noexcept { return retry_after_s_; }

 private:
  std::int64_t retry_after_s_;
};

// Any thread. One mutex guards the sessions and one the failures; neither is held while a directory, the disk or a
// listener is called.
class SignIn {
 public:
  SignIn(const Context&, const Servers&);
  ~SignIn();

  // Blocks for as long as the directories need, at most Limits::sign_in_timeout. Throws Problem:
  //   unauthenticated "auth.credentials"   wrong password and unknown login alike, after the same time
  //   forbidden       "auth.noRole"        the person is in no security group
  //   forbidden       "auth.disabled"      an administrator disabled the user
  //   tooMany         "auth.locked"        class Locked
  //   tooMany         "capacity.activeUsers"  person number 2,001 (CAP-003)
  //   unavailable     "auth.noDirectory", "auth.directoryDown"
  SignedIn signIn(const std::string& login, const std::string& password, const std::string& address);
  ProgramToken issueToken(const std::string& login, const std::string& password, const std::string& note,
                          const std::string& address);

  // Who shows this cookie or bearer token; counts as use. A bearer token may be the set-up token (the file
  // setup-token) while no directory server is configured. Throws Problem(unauthenticated, "auth.session").
  model::Principal fromCookie(const std::string& token, const std::string& address);
  model::Principal fromBearer(const std::string& token, const std::string& address);
  // A browser's write must carry the session's CSRF token. Throws Problem(forbidden, "auth.csrf").
  void checkCsrf(const model::Principal&, const std::string& csrf) const;

  SessionView session(const model::Principal&) const;
  void signOut(const model::Principal&);

  // Called after a session is gone, for whatever reason: its event streams must end too. Any thread, no lock held.
  void onEnd(std::function<void(const std::string& session_id)>);

  // Ends sessions whose time is over and writes the times of last use; called every minute or so by Services.
  void tidy();
  // Compares every session with the directory as it is now: lost roles are taken away, vanished or disabled people
  // signed out. After each synchronisation and each change of a user.
  void refreshRoles();
  // A directory server was saved: the set-up token has done its work once an administrator has signed in.
  void serversChanged();

  // For Sessions, which checks the rights. end() returns the login of the session, or nothing when there is none.
  std::vector<SessionInfo> sessions() const;
  std::string end(const std::string& session_id);

  std::size_t activeUsers() const;
  std::size_t sessionCount() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
