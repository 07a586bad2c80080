// SPDX-License-Identifier: Apache-2.0
// What holds for the whole site and belongs to no server or user: the one place for site-wide defaults, in the store.
#ifndef JACKFIELD_SERVICES_SITE_DEFAULTS_HPP
#define JACKFIELD_SERVICES_SITE_DEFAULTS_HPP

#include <string>

#include <boost/describe.hpp>

namespace jackfield::store {
class ConfigurationStore;
}

namespace jackfield::services {

struct Defaults {
  std::string telephony_server;  // users that have an extension and no telephony server get this one; empty: none
};
BOOST_DESCRIBE_STRUCT(Defaults, (), (telephony_server))

// Any thread.
class SiteDefaults {
 public:
  explicit SiteDefaults(store::ConfigurationStore& store) : store_(store) {}
  Defaults get() const;
  void set(const Defaults&);  // on disk when it returns

 private:
  store::ConfigurationStore& store_;
};

}  // namespace jackfield::services

#endif
