// SPDX-License-Identifier: Apache-2.0
// Looking at sessions and ending them, for administrators.
#include "services/sessions.hpp"

#include "model/problem.hpp"
#include "services/audit.hpp"
#include "services/sign_in.hpp"

namespace jackfield::services {

Sessions::Sessions(SignIn& sign_in, Audit& audit) : sign_in_(sign_in), audit_(audit) {}

std::vector<SessionInfo> Sessions::list(const model::Principal& principal) const {
  principal.require(model::Permission::viewSystem);
  auto all = sign_in_.sessions();
  for (auto& session : all) session.own = session.id == principal.session_id;
  return all;
}

void Sessions::end(const model::Principal& principal, const std::string& id) {
  audit_.require(principal, model::Permission::operate, "session.end", id);
  const auto login = sign_in_.end(id);
  if (login.empty())
    throw model::Problem(model::Problem::Kind::notFound, "session.unknown",
                         "session: there is none of this id; it may have ended already");
  audit_.record(principal, "session.end", login);
}

std::size_t Sessions::endAll(const model::Principal& principal, const std::string& login) {
  audit_.require(principal, model::Permission::operate, "session.endAll", login);
  std::size_t ended = 0;
  for (const auto& session : sign_in_.sessions()) {
    if (session.id == principal.session_id || (!login.empty() && session.login != login)) continue;
    ended += sign_in_.end(session.id).empty() ? 0 : 1;
  }
  audit_.record(principal, "session.endAll", login, {}, std::to_string(ended));
  return ended;
}

}  // namespace jackfield::services
