// SPDX-License-Identifier: Apache-2.0
// The audit log.
#include "services/audit.hpp"

#include "model/problem.hpp"
#include "services/paging.hpp"

namespace jackfield::services {

Audit::Audit(store::ConfigurationStore& store, Clock clock) : store_(store), clock_(std::move(clock)) {}

AuditView Audit::list(const model::Principal& principal, std::uint64_t before, std::size_t limit) const {
  principal.require(model::Permission::viewSystem);
  requireLimit(limit);
  AuditView view{store_.auditLog(before, limit), 0};
  if (view.entries.size() == limit) view.next = view.entries.back().id;
  return view;
}

void Audit::record(const model::Principal& principal, const std::string& action, const std::string& object,
                   const std::string& before, const std::string& after) {
  store::AuditRecord entry;
  entry.time = clock_();
  entry.who = principal.login;
  entry.address = principal.address;
  entry.action = action;
  entry.object = object;
  entry.before = before;
  entry.after = after;
  store_.audit(entry);
}

void Audit::require(const model::Principal& principal, model::Permission permission, const std::string& action,
                    const std::string& object) {
  if (!principal.may(permission)) {
    record(principal, action + ".refused", object);
    if (on_refused_) on_refused_(principal);
  }
  principal.require(permission);
}

}  // namespace jackfield::services
