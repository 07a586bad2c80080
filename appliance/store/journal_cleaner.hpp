// SPDX-License-Identifier: Apache-2.0
// Keeps the journal within its limits. What goes is found on a reader; the writer only removes, a slice at a time.
#ifndef JACKFIELD_STORE_JOURNAL_CLEANER_HPP
#define JACKFIELD_STORE_JOURNAL_CLEANER_HPP

#include "store/database.hpp"
#include "store/journal.hpp"

namespace jackfield::store {

// Events older than the limit, and the oldest beyond the limit of octets; never the newest.
void cleanEvents(Database&, const JournalLimits&, std::int64_t now_ms);
// Index rows of events that are gone.
void cleanAudience(Database&);
// Of each user the entries beyond the newest `entries`, and those that began before `oldest` (SCH-014).
void cleanContactLog(Database&, int entries, std::int64_t oldest);

}  // namespace jackfield::store

#endif
