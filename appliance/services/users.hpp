// SPDX-License-Identifier: Apache-2.0
// The users of Jackfield and the telephony that each one has (CAP-001, SRV-014, SEC-011).
#ifndef JACKFIELD_SERVICES_USERS_HPP
#define JACKFIELD_SERVICES_USERS_HPP

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/describe.hpp>

#include "model/principal.hpp"
#include "store/people.hpp"

namespace jackfield::services {

struct Context;
class Servers;

// Only what is named is changed. An empty text takes the assignment away.
struct UserPatch {
  std::optional<std::string> telephony_server;
  std::optional<std::string> extension;
  std::optional<bool> enabled;
};
BOOST_DESCRIBE_STRUCT(UserPatch, (), (telephony_server, extension, enabled))

class Users {
 public:
  Users(const Context&, const Servers&);
  ~Users();

  store::UserPage list(const model::Principal&, const std::string& text, std::size_t limit,
                       std::size_t offset) const;                               // viewSystem
  store::UserRecord get(const model::Principal&, const std::string& id) const;  // notFound "user.unknown"
  // changeSystem. invalid "user.extension", "user.server"; conflict "user.extension.taken"; tooMany
  // "capacity.administeredUsers" for user number 4,001 with a telephony server (CAP-003).
  store::UserRecord change(const model::Principal&, const std::string& id, const UserPatch&);

  // How many users have a telephony server.
  std::uint64_t administered() const;
  void onChange(std::function<void()>);  // after every saved change, no lock held

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
