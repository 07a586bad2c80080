// SPDX-License-Identifier: Apache-2.0
// The list of sessions for administrators and auditors, and ending one (AUTH-006, SEC-011).
#ifndef JACKFIELD_SERVICES_SESSIONS_HPP
#define JACKFIELD_SERVICES_SESSIONS_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "model/principal.hpp"

namespace jackfield::services {

class Audit;
class SignIn;

struct SessionInfo {
  std::string id;
  std::string login;
  std::string name;
  std::vector<std::string> roles;
  bool program = false;  // a token, not a browser
  std::string note;
  std::string address;
  std::int64_t created = 0;
  std::int64_t used = 0;
  std::int64_t expires = 0;
  bool own = false;  // the session that asks
};
BOOST_DESCRIBE_STRUCT(SessionInfo, (), (id, login, name, roles, program, note, address, created, used, expires, own))

class Sessions {
 public:
  Sessions(SignIn&, Audit&);
  std::vector<SessionInfo> list(const model::Principal&) const;  // viewSystem
  // operate: an auditor is refused. Throws Problem(notFound, "session.unknown").
  void end(const model::Principal&, const std::string& id);
  // operate. All sessions of a login or, with an empty one, all but the one that asks. Returns how many.
  std::size_t endAll(const model::Principal&, const std::string& login);

 private:
  SignIn& sign_in_;
  Audit& audit_;
};

}  // namespace jackfield::services

#endif
