// SPDX-License-Identifier: Apache-2.0
// Settings given as NAME=VALUE, typed by the JSON Schema that the server type's manifest brings.
#ifndef JACKFIELD_CLI_COMMANDS_SERVER_SETTINGS_HPP
#define JACKFIELD_CLI_COMMANDS_SERVER_SETTINGS_HPP

#include <string>
#include <vector>

#include <boost/json.hpp>

namespace jackfield::cli {

// Puts each "name=value" into `settings`; "tls.verify=true" reaches into an object. Lists are given with commas or as
// JSON. Throws Failure(usage) that names the known settings for an unknown name, or the type that was wanted. Whether
// the values are right is the server's to say.
void putSettings(boost::json::object& settings, const std::vector<std::string>& assignments,
                 const boost::json::value& schema);

}  // namespace jackfield::cli

#endif
