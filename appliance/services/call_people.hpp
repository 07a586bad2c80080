// SPDX-License-Identifier: Apache-2.0
// Whom a call concerns: devices to users, numbers to names, and the log rows that a call leaves behind (CLT-110).
#ifndef JACKFIELD_SERVICES_CALL_PEOPLE_HPP
#define JACKFIELD_SERVICES_CALL_PEOPLE_HPP

#include <memory>
#include <string>
#include <vector>

#include "services/call_book.hpp"
#include "store/journal.hpp"

namespace jackfield::store {
class People;
}

namespace jackfield::services {

class NumberConversion;

// The call with its people and with the numbers as people see them. People is asked in memory only. `conversion`: of
// the server; null: numbers stay as they were signalled.
CallBook::Entry describeCall(const store::People&, const NumberConversion* conversion, const std::string& server,
                             const call_control::Call&);

// The rows of those whose part in the call ended between `before` (nullptr: the call is new) and `after`. The body of
// `before` is on disk, so that no restart brings a row twice.
std::vector<store::ContactLogEntry> rowsOf(const store::People&, const LiveCallEntry* before,
                                           const LiveCallEntry& after);

// Request ids are chosen by clients: one user's must not meet another's.
std::string scopedRequestId(const std::string& user, const std::string& request_id);
std::string shownRequestId(const std::string& scoped);

// The same call, over, since nobody knows it any more.
call_control::Call lostCall(call_control::Call, std::int64_t now);
// The same call, assumed to go on.
call_control::Call unconfirmedCall(call_control::Call);

}  // namespace jackfield::services

#endif
