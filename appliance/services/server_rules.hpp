// SPDX-License-Identifier: Apache-2.0
// The rules of servers that need neither disk nor plugin: names, secrets, and the state that a person is shown.
#ifndef JACKFIELD_SERVICES_SERVER_RULES_HPP
#define JACKFIELD_SERVICES_SERVER_RULES_HPP

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "capabilities/plugin_port.hpp"
#include "kernel/plugins.hpp"
#include "model/problem.hpp"

namespace jackfield::services {

inline constexpr std::size_t longest_description = 200;

// 1 to 64 letters, digits, '-', '_', '.' (SRV-004).
bool isHandle(const std::string& text);
std::vector<model::FieldError> nameFaults(const std::string& handle, const std::string& description);

// `secrets` are JSON pointers in which "*" stands for every item of an array.
// Every secret becomes null: there is one, and it is not shown.
boost::json::object maskSecrets(boost::json::object settings, const std::set<std::string>& secrets);
// A secret that is null or absent keeps what is stored, an empty one takes it away. An
// item of an array keeps the secrets of the stored item that it is most like, so that moving items mixes up nothing.
boost::json::object mergeSecrets(boost::json::object settings, const boost::json::object& stored,
                                 const std::set<std::string>& secrets);

// The fixed settings that are not what they were, each with its rule.
std::vector<model::FieldError> fixedChanges(const boost::json::object& before, const boost::json::object& after,
                                            const std::vector<capabilities::FixedSetting>& fixed);

// MON-011: connected, started, idle, starting, suspended, down. No status: the server is not in use.
std::string shownState(const std::optional<kernel::InstanceStatus>&, bool suspended);
std::string shownReason(const std::optional<kernel::InstanceStatus>&, bool enabled, bool suspended);
bool isDown(const kernel::InstanceStatus&);

}  // namespace jackfield::services

#endif
