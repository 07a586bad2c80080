// SPDX-License-Identifier: Apache-2.0
// Encoding the cursor of an incremental synchronisation and judging one that comes back.
#include "cursor.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <jackfield/json.hpp>

#include "domains.hpp"
#include "guid.hpp"
#include "presets.hpp"

namespace jackfield::directory {

namespace {

Error fullNeeded(const std::string& why) {
  return Error(Status::state, "directory.sync.cursor", why + ": run a full synchronisation");
}

// An update sequence number: a signed integer of 64 bits, never negative.
bool isNumber(const std::string& text) {
  return !text.empty() && text.size() <= 19 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A value goes into a filter: nothing but what such a value can hold.
bool isStamp(const std::string& text) {
  return !text.empty() && text.size() <= 64 && text.find_first_not_of("0123456789abcdefABCDEFZ.#") == std::string::npos;
}

ChangePoint usnNow(ldap::Connection& connection) {
  ChangePoint point{"usn", "", readText(connection, "", "highestCommittedUSN")};
  if (!isNumber(point.value))
    throw Error(
        Status::unsupported, "directory.search.failed",
        connection.endpoint().address() + " does not tell its highestCommittedUSN: is it a Microsoft directory?");
  const std::string service = readText(connection, "", "dsServiceName");
  if (!service.empty()) point.origin = idText(readText(connection, service, "invocationId"), IdForm::microsoftGuid);
  if (point.origin.empty()) point.origin = readText(connection, "", "dnsHostName");
  return point;
}

// The earliest of the values that a server with several providers gives: later ones would miss what is still on its
// way.
std::string contextCsn(ldap::Connection& connection, const std::string& dn) {
  std::string earliest;
  ldap::Query query{dn, ldap::Scope::base};
  query.attributes = {"contextCSN"};
  connection.search(query, [&](const ldap::Entry& entry) {
    if (const auto* found = entry.find("contextCSN"))
      for (const auto value : found->values)
        if (earliest.empty() || value < earliest) earliest.assign(value);
    return true;
  });
  return isStamp(earliest) ? earliest : std::string();
}

// The suffix entry, where OpenLDAP keeps the point of the whole database.
std::string suffixOf(ldap::Connection& connection, const std::string& base) {
  const std::string below = ldap::canonicalDn(base);
  std::string best;
  ldap::Query root{"", ldap::Scope::base};
  root.attributes = {"namingContexts"};
  connection.search(root, [&](const ldap::Entry& entry) {
    if (const auto* contexts = entry.find("namingContexts"))
      for (const auto context : contexts->values) {
        const std::string suffix = ldap::canonicalDn(context);
        if (below.size() >= suffix.size() && below.ends_with(suffix) && suffix.size() > best.size()) best = suffix;
      }
    return true;
  });
  return best.empty() ? base : best;
}

}  // namespace

std::string cursorText(const Cursor& cursor) {
  return toJsonText(cursor);
}

Cursor readCursor(const std::string& text, const std::string& settings_fingerprint) {
  if (text.empty()) throw fullNeeded("there was no full synchronisation yet");
  Cursor cursor;
  try {
    cursor = fromJson<Cursor>(parseJson(text));
  } catch (const Error&) {
    throw fullNeeded("the cursor is not one of this plugin");
  }
  if (cursor.version != 1) throw fullNeeded("the cursor is of another version of this plugin");
  if (cursor.settings != settings_fingerprint)
    throw fullNeeded("filter, mapping, groups or base DN were changed since the last synchronisation");
  return cursor;
}

std::string settingsFingerprint(const Settings& settings) {
  Settings relevant;  // servers, passwords and time-outs do not decide what comes
  relevant.directory_type = settings.directory_type;
  relevant.groups = settings.groups;
  relevant.object_class = settings.object_class;
  relevant.contact_filter = settings.contact_filter;
  relevant.attributes = effectiveAttributes(settings);
  const auto add = [](Domain& out, const Domain& in) {
    out.domain = in.domain;
    out.base_dn = in.base_dn;
    out.enabled = in.enabled;
  };
  add(relevant.user, settings.user);
  if (settings.resource) add(relevant.resource.emplace(), *settings.resource);
  for (const Domain& contact : settings.contacts) add(relevant.contacts.emplace_back(), contact);
  std::uint64_t hash = 1469598103934665603u;
  for (const char c : toJsonText(relevant)) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  std::array<char, 17> out{};
  std::snprintf(out.data(), out.size(), "%016llx", static_cast<unsigned long long>(hash));
  return out.data();
}

ChangePoint pointNow(const Settings& settings, ldap::Connection& connection, const std::string& base) {
  if (presetOf(settings.directory_type).microsoft) return usnNow(connection);
  if (settings.directory_type == DirectoryType::openLdap)
    if (std::string csn = contextCsn(connection, suffixOf(connection, base)); !csn.empty())
      return {"csn", "", std::move(csn)};
  return {"time", "", ""};
}

std::string changedSince(const ChangePoint& then, const ChangePoint& now) {
  if (then.kind != now.kind || then.origin != now.origin)
    throw fullNeeded("the server is another one than at the last synchronisation");
  if (then.kind == "usn" && isNumber(then.value))
    return "(uSNChanged>=" + std::to_string(std::stoull(then.value) + 1) + ")";
  if (then.kind == "csn" && isStamp(then.value)) return "(entryCSN>=" + then.value + ")";
  if (then.kind == "time" && isStamp(then.value)) return "(modifyTimestamp>=" + then.value + ")";
  throw fullNeeded("the cursor holds no point in time for this domain");
}

std::string earlier(const std::string& timestamp, long seconds) {
  std::tm parts{};
  if (timestamp.size() < 15 || !isStamp(timestamp) ||
      strptime(timestamp.substr(0, 14).c_str(), "%Y%m%d%H%M%S", &parts) == nullptr)
    return {};
  const std::time_t moved = timegm(&parts) - seconds;
  std::array<char, 20> out{};
  std::strftime(out.data(), out.size(), "%Y%m%d%H%M%SZ", gmtime_r(&moved, &parts));
  return out.data();
}

}  // namespace jackfield::directory
