// SPDX-License-Identifier: Apache-2.0
// A person's own contact log: incoming, outgoing and missed calls, also of the time when nobody was signed in.
#ifndef JACKFIELD_SERVICES_CONTACT_LOG_HPP
#define JACKFIELD_SERVICES_CONTACT_LOG_HPP

#include <cstdint>
#include <vector>

#include <boost/describe.hpp>

#include "model/principal.hpp"
#include "store/journal.hpp"

namespace jackfield::services {

struct ContactLogView {
  std::vector<store::ContactLogEntry> entries;  // newest first
  std::uint64_t next = 0;                       // give it as `before` for the following page; 0: no more
};
BOOST_DESCRIBE_STRUCT(ContactLogView, (), (entries, next))

class ContactLog {
 public:
  explicit ContactLog(store::Journal&);
  // ownCalls. Throws Problem(invalid, "value.invalid") for a limit outside 1 to 200.
  ContactLogView list(const model::Principal&, const store::ContactLogQuery&) const;
  // ownCalls. notFound "contactLog.unknown".
  void remove(const model::Principal&, std::uint64_t id);

 private:
  store::Journal& journal_;
};

}  // namespace jackfield::services

#endif
