// SPDX-License-Identifier: Apache-2.0
// directory/1.authenticate: find the person with the service account, then bind as the person.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_SIGN_IN_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_SIGN_IN_HPP

#include <stop_token>

#include <jackfield/directory.hpp>

#include "settings.hpp"

namespace jackfield::directory {

// Blocks. Error(auth, "directory.credentials") for a wrong password, an unknown or an ambiguous login and an empty
// password alike, after the same questions to the server. Everything else that fails is the directory's fault and says
// so. In Microsoft directories user@domain and DOMAIN\user are accepted too.
Authenticated authenticate(const Settings& settings, const Authenticate& request, const std::stop_token& stop);

}  // namespace jackfield::directory

#endif
