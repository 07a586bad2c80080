// SPDX-License-Identifier: Apache-2.0
// Starting slapd and jackfieldd, configuring one for the other.
#include "support/directory_site.hpp"

#include <stdexcept>
#include <utility>

namespace jackfield::tests {
namespace json = boost::json;
using namespace std::chrono_literals;

DirectorySite::DirectorySite(DirectorySiteOptions options)
    : folder_("directory-site"),
      security_(std::move(options.security)),
      slapd_(options.peers, std::move(options.ldif)),
      host_(options.programs, folder_.path(), options.hosting) {
  host_.start();
}

json::object DirectorySite::configuration() const {
  const std::string& below = slapd_.suffix();
  const bool company = below == "dc=brightwater,dc=test";
  const std::string groups = ",ou=groups," + below, first = company ? "cn=jackfield-" : "cn=";
  const int port = security_ == "ldaps" ? slapd_.ldapsPort() : slapd_.ldapPort();
  const json::object settings{
      {"directoryType", "openLdap"},
      {"caFile", slapd_.caFile()},
      {"user",
       {{"domain", company ? "brightwater.test" : "bench.test"},
        {"servers", json::array{{{"host", "127.0.0.1"}, {"port", port}, {"security", security_}}}},
        {"loginId", "cn=jackfield,ou=services," + below},
        {"password", "demo-service"},
        {"baseDn", below}}},
      {"groups",
       {{"user", first + "users" + groups},
        {"administrator", first + "administrators" + groups},
        {"auditor", first + "auditors" + groups}}}};
  return {{"version", 1},
          {"servers", json::array{{{"handle", "directory"}, {"type", "directory"}, {"settings", settings}}}}};
}

void DirectorySite::configure(const json::object& document) const {
  const ApiClient administrator = setup();
  const Answer applied = administrator.post("/admin/configuration", document);
  if (applied.status != 200) throw std::runtime_error("apply: " + json::serialize(applied.body));
  const bool connected = waitFor(20s, [&] {
    const Answer answer = administrator.get("/admin/servers/directory");
    return answer.status == 200 && answer.body.at("state").as_string() == "connected";
  });
  if (!connected) throw std::runtime_error("the directory does not connect");
}

json::object DirectorySite::synchronise(const ApiClient& administrator, const json::object& request,
                                        std::chrono::milliseconds limit) const {
  Answer answer = administrator.post("/admin/directory-sync", request);
  if (answer.status != 202) throw std::runtime_error("sync: " + json::serialize(answer.body));
  const std::string at = "/admin/directory-sync/" + json::serialize(answer.body.at("id"));
  const bool over = waitFor(limit, [&] {
    answer = administrator.get(at);
    return answer.status == 200 && answer.body.at("state").as_string() != "running";
  });
  if (!over) throw std::runtime_error("the synchronisation does not end");
  return answer.body.as_object();
}

}  // namespace jackfield::tests
