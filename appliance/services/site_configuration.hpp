// SPDX-License-Identifier: Apache-2.0
// The whole configuration as one document: export, and apply, which does only what differs and all of it or nothing.
#ifndef JACKFIELD_SERVICES_SITE_CONFIGURATION_HPP
#define JACKFIELD_SERVICES_SITE_CONFIGURATION_HPP

#include <memory>
#include <string>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json.hpp>

#include "model/principal.hpp"

namespace jackfield::services {

struct Context;
class DialPlans;
class DirectorySchedule;
class Servers;
class Users;

struct ConfigurationChange {
  std::string action;             // "create", "change", "remove"
  std::string object;             // "server/ldap1", "user/alice"
  std::vector<std::string> what;  // the members that differ, as JSON pointers
};
BOOST_DESCRIBE_STRUCT(ConfigurationChange, (), (action, object, what))

struct ApplyResult {
  bool dry_run = false;
  std::vector<ConfigurationChange> changes;  // empty: the configuration is as the document says
};
BOOST_DESCRIBE_STRUCT(ApplyResult, (), (dry_run, changes))

// The document:
//   {"version":1,
//    "servers":[{"handle","type","description","enabled","settings":{... secrets as {"secretRef":"env:NAME"} or
//                {"secretRef":"file:PATH"}; null or absent keeps what is stored},
//                "schedule":{"enabled","mode","daysOfWeek","weeksOfMonth","hour","minute"},  directory servers
//                "numbering":{"dialPlan","removeArs","arsOverlapsWithExtension"}}],  servers that deal with numbers
//    "dialPlans":[model::DialPlan],
//    "users":[{"login","telephonyServer","extension","enabled"}],
//    "defaults":{"telephonyServer":"HANDLE"}}        users that have an extension and no server get this one
// Servers, users and dial plans that the document does not name stay as they are. References are read on the host by
// the user that it runs as; files only below the folder for secrets of the host's configuration.
class SiteConfiguration {
 public:
  SiteConfiguration(const Context&, Servers&, Users&, DirectorySchedule&, DialPlans&);
  ~SiteConfiguration();

  boost::json::object exportAll(const model::Principal&) const;  // viewSystem; secrets are null
  // changeSystem (a dry run needs viewSystem only). Every fault of the document is reported at once as
  // Problem(invalid, "configuration.invalid") with pointers into it; then nothing was changed.
  ApplyResult apply(const model::Principal&, const boost::json::value& document, bool dry_run);

  // After a synchronisation: gives the default telephony server to users that lack one.
  void assignDefaults();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
