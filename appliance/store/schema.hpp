// SPDX-License-Identifier: Apache-2.0
// The tables of the main database: configuration, sessions, alarms, audit, synchronisations and people.
#ifndef JACKFIELD_STORE_SCHEMA_HPP
#define JACKFIELD_STORE_SCHEMA_HPP

#include "store/database.hpp"

namespace jackfield::store {

// Give it to the Database that ConfigurationStore and People share.
const std::vector<Migration>& mainSchema();

}  // namespace jackfield::store

#endif
