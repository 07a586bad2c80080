// SPDX-License-Identifier: Apache-2.0
// {"secretRef":"env:NAME"} and {"secretRef":"file:PATH"}: how a configuration document names a secret that it must not
// hold itself.
#ifndef JACKFIELD_SERVICES_SECRET_REFERENCE_HPP
#define JACKFIELD_SERVICES_SECRET_REFERENCE_HPP

#include <filesystem>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "model/problem.hpp"

namespace jackfield::services {

// Puts the secrets in the place of their references, at any depth. `pointer` is where `settings` stands in the
// document; each reference that cannot be followed is added to `wrong` and left out. Files are read below
// `secrets_folder` only, links included, and hold the secret on one line of at most 4,096 octets.
void resolveSecrets(boost::json::value& settings, const std::string& pointer,
                    const std::filesystem::path& secrets_folder, std::vector<model::FieldError>& wrong);

}  // namespace jackfield::services

#endif
