// SPDX-License-Identifier: Apache-2.0
// What holds for the whole site and belongs to no server or user, in the file site.json of the data folder.
#ifndef JACKFIELD_SERVICES_SITE_DEFAULTS_HPP
#define JACKFIELD_SERVICES_SITE_DEFAULTS_HPP

#include <filesystem>
#include <mutex>
#include <string>

#include <boost/describe.hpp>

namespace jackfield::services {

struct Defaults {
  std::string telephony_server;  // users that have an extension and no telephony server get this one; empty: none
};
BOOST_DESCRIBE_STRUCT(Defaults, (), (telephony_server))

// Any thread.
class SiteDefaults {
 public:
  // Throws Problem(internal, "site.unreadable") when the file is there and cannot be understood.
  explicit SiteDefaults(std::filesystem::path file);
  Defaults get() const;
  // On disk when it returns: the file is replaced whole. Throws Problem(internal, "site.unwritable").
  void set(const Defaults&);

 private:
  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  Defaults defaults_;
};

}  // namespace jackfield::services

#endif
