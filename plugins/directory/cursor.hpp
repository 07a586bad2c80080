// SPDX-License-Identifier: Apache-2.0
// Where the last synchronisation stood: which settings, which group members, and per domain the point in the server's
// history. The host keeps it as an opaque text.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_CURSOR_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_CURSOR_HPP

#include <map>
#include <string>

#include <boost/describe.hpp>

#include "ldap/connection.hpp"
#include "settings.hpp"

namespace jackfield::directory {

// The point of a domain in time. `usn`: highestCommittedUSN of the named domain controller; `csn`: OpenLDAP's
// contextCSN; `time`: a modifyTimestamp, for servers that give nothing better.
struct ChangePoint {
  std::string kind;    // usn, csn or time; empty: unknown yet
  std::string origin;  // of usn: the controller's invocation id; numbers of another one mean nothing
  std::string value;
};
BOOST_DESCRIBE_STRUCT(ChangePoint, (), (kind, origin, value))

struct Cursor {
  int version = 1;
  std::string settings;  // fingerprint of what decides which entries come and how (LDAP-032, SCH-028)
  std::string groups;    // Membership::fingerprint()
  std::map<std::string, ChangePoint> domains;
};
BOOST_DESCRIBE_STRUCT(Cursor, (), (version, settings, groups, domains))

std::string cursorText(const Cursor& cursor);

// The cursor of an incremental run. Error(state, "directory.sync.cursor") when it is not one of ours, or was made with
// other settings: a full run is needed.
Cursor readCursor(const std::string& text, const std::string& settings_fingerprint);

// Of the mapping, filter, base DNs and groups. 16 hexadecimal digits.
std::string settingsFingerprint(const Settings& settings);

// The point at which the server is now. Kind `time` has no value yet: it is found by reading entries.
ChangePoint pointNow(const Settings& settings, ldap::Connection& connection, const std::string& base);

// The filter for entries changed since `then`. Error(state, "directory.sync.cursor") when `then` belongs to another
// controller than `now`, as after a failover.
std::string changedSince(const ChangePoint& then, const ChangePoint& now);

// A modifyTimestamp ("20261121093111Z") moved back by so many seconds; empty when it is none.
std::string earlier(const std::string& timestamp, long seconds);

}  // namespace jackfield::directory

#endif
