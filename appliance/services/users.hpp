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

  // Gives a telephony server to every enabled user that has an extension and no server, as far as the limit reaches;
  // returns to how many. One audit record. For SiteConfiguration and after a synchronisation.
  std::uint64_t assignAll(const model::Principal&, const std::string& telephony_server);
  // The user of a login; nullopt when there is none.
  std::optional<store::UserRecord> byLogin(const std::string& login) const;
  // Every user, a page at a time.
  void each(const std::function<void(const store::UserRecord&)>&) const;

  // How many users have a telephony server.
  std::uint64_t administered() const;
  void onChange(std::function<void()>);  // after every saved change, no lock held

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
