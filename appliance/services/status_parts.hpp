// SPDX-License-Identifier: Apache-2.0
// What the status page is gathered from.
#ifndef JACKFIELD_SERVICES_STATUS_PARTS_HPP
#define JACKFIELD_SERVICES_STATUS_PARTS_HPP

#include <cstdint>
#include <string>

#include "services/limits.hpp"

namespace jackfield::store {
class People;
}

namespace jackfield::services {

class Alarms;
class Calls;
class Events;
class Servers;
class SignIn;
class Users;

struct StatusParts {
  std::string version;
  std::int64_t started;
  const Clock& clock;
  const Limits& limits;
  const store::People& people;
  const Servers& servers;
  const SignIn& sign_in;
  const Users& users;
  const Calls& calls;
  const Events& events;
  const Alarms& alarms;
};

}  // namespace jackfield::services

#endif
