// SPDX-License-Identifier: Apache-2.0
// One run of directory/1.sync: streams people and contacts of all domains in parts, never holding more than one part
// and the group members in memory.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_SYNCHRONISATION_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_SYNCHRONISATION_HPP

#include <functional>
#include <stop_token>

#include <jackfield/directory.hpp>

#include "settings.hpp"

namespace jackfield::directory {

// Takes a part; blocks while the asker gives no credit. Throws Error(cancelled) when he gave up.
using PartSink = std::function<void(const SyncPart&)>;

// Blocks until done; returns the last part, which holds the cursor. A full run covers everything; an incremental one
// what changed since the cursor (SCH-023). When the security groups changed, an incremental run reads all entries,
// because who lost or won a role did not change himself. Members of the groups that the filter leaves out are
// included (LDAP-033). Throws Error; then nothing of the run counts and the old cursor stays good.
SyncPart synchronise(const Settings& settings, const Sync& request, const PartSink& sink, const std::stop_token& stop);

}  // namespace jackfield::directory

#endif
