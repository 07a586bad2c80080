// SPDX-License-Identifier: Apache-2.0
// Settings of a server on their way to and from the disk: each secret becomes {"$sealed": "..."}.
#ifndef JACKFIELD_STORE_SEALED_SETTINGS_HPP
#define JACKFIELD_STORE_SEALED_SETTINGS_HPP

#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "store/secret_box.hpp"

namespace jackfield::store {

// `secrets` are names of members ("password") or JSON pointers to them ("/tls/password"). Throws Problem(invalid,
// "secrets.reserved") when another member already looks like a sealed one.
boost::json::object sealed(const boost::json::object& settings, const std::set<std::string>& secrets,
                           const std::string& handle, const SecretBox&);

// The settings in clear. What cannot be opened is left out, and its pointer goes into `lost`.
boost::json::object unsealed(const boost::json::object& settings, const std::string& handle, const SecretBox&,
                             std::vector<std::string>& lost);

}  // namespace jackfield::store

#endif
