// SPDX-License-Identifier: Apache-2.0
// One's own contact log: rights and bounds; the journal does the rest.
#include "services/contact_log.hpp"

#include "services/paging.hpp"

namespace jackfield::services {

ContactLog::ContactLog(store::Journal& journal) : journal_(journal) {}

ContactLogView ContactLog::list(const model::Principal& principal, const store::ContactLogQuery& query) const {
  principal.require(model::Permission::ownCalls);
  requireLimit(query.limit);
  ContactLogView view{journal_.contactLog(principal.user_id, query), 0};
  if (view.entries.size() == query.limit) view.next = view.entries.back().id;
  return view;
}

void ContactLog::remove(const model::Principal& principal, std::uint64_t id) {
  principal.require(model::Permission::ownCalls);
  if (journal_.removeFromContactLog(principal.user_id, id)) return;
  throw model::Problem(
      model::Problem::Kind::notFound, "contactLog.unknown",
      "entry: " + std::to_string(id) + " is not in your contact log; it may have been removed already");
}

}  // namespace jackfield::services
