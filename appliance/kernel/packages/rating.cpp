// SPDX-License-Identifier: Apache-2.0
// One table: when a reason applies, and how much it weighs.
#include "kernel/packages/rating.hpp"

#include <algorithm>

namespace jackfield::kernel::packages {

namespace {

namespace json = boost::json;

constexpr unsigned much_memory_mb = 2048;

// A setting anywhere in the schema is marked so.
bool marks(const json::value& schema, std::string_view keyword) {
  if (const auto* list = schema.if_array())
    return std::any_of(list->begin(), list->end(), [&](const auto& one) { return marks(one, keyword); });
  const auto* object = schema.if_object();
  if (!object) return false;
  if (const auto* mark = object->if_contains(keyword); mark && mark->is_bool() && mark->get_bool()) return true;
  return std::any_of(object->begin(), object->end(), [&](const auto& one) { return marks(one.value(), keyword); });
}

bool asksFor(const Manifest& manifest, std::string_view keyword) {
  return std::any_of(manifest.server_types.begin(), manifest.server_types.end(),
                     [&](const auto& type) { return marks(json::value(type.settings), keyword); });
}

}  // namespace

Rating rate(const Manifest& manifest, Rung rung) {
  const bool network = manifest.needs.network != "none";
  const struct {
    bool applies;
    RiskReason reason;
  } table[] = {
      {rung == Rung::developer, {"unsigned", Risk::high, "Nobody signed it: whoever made or changed it is unknown."}},
      {rung == Rung::administrator,
       {"ownKey", Risk::medium, "It is signed by a key that an administrator added; nobody else has looked at it."}},
      {network, {"network", Risk::medium, "It may open connections to any address and listen."}},
      {network && asksFor(manifest, "x-secret"),
       {"secrets", Risk::medium, "It is given passwords, and has a network by which it could send them elsewhere."}},
      {asksFor(manifest, "x-file"), {"files", Risk::medium, "It reads the files whose paths its settings name."}},
      {manifest.needs.memory_mb > much_memory_mb,
       {"memory", Risk::medium, "It may take " + std::to_string(manifest.needs.memory_mb) + " MiB of memory."}},
  };
  Rating out;
  for (const auto& row : table)
    if (row.applies) {
      out.reasons.push_back(row.reason);
      out.risk = std::max(out.risk, row.reason.risk);
    }
  return out;
}

}  // namespace jackfield::kernel::packages
