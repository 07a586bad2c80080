// SPDX-License-Identifier: Apache-2.0
// Random tokens and their hashes.
#ifndef JACKFIELD_SERVICES_TOKENS_HPP
#define JACKFIELD_SERVICES_TOKENS_HPP

#include <string>

namespace jackfield::services {

// 256 random bits as 43 characters of base64url. Throws Problem(internal, "system.random") when there are none.
std::string randomToken();
// 128 random bits as 32 hexadecimal digits: names, not secrets.
std::string randomId();
// SHA-256 in hexadecimal digits. A token has 256 bits of its own, so no salt and no slow hash is needed.
std::string hashOf(const std::string& token);
// Takes as long for a wrong text as for the right one.
bool sameSecret(const std::string& one, const std::string& other);

}  // namespace jackfield::services

#endif
