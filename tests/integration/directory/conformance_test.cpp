// SPDX-License-Identifier: Apache-2.0
// The directory plugin passes the suite that every plugin of directory/1 must pass, against a real slapd.
#include <gmock/gmock.h>

#include <jackfield/json.hpp>

#include "peer.hpp"
#include "support/sdk.hpp"

namespace jackfield::tests {

TEST(DirectoryConformance, PassesTheSuiteOfTheSdk) {
  const Slapd slapd;
  const TemporaryFolder folder("conformance");
  const auto settings = toJson(slapd.settings()).as_object();
  auto user = settings.at("user");
  user.as_object()["servers"].as_array()[0].as_object()["port"] = freePort();
  const boost::json::object facts{{"login", "alice"},
                                  {"password", "demo-alice"},
                                  {"refused", boost::json::object()},
                                  {"unreachable", boost::json::object{{"user", user}}}};
  const auto said = conform("directory", folder.path(), settings, facts, {"libldap", "liblber", "libcrypto"});
  EXPECT_THAT(said, ::testing::HasSubstr("\"failed\": 0, \"skipped\": 1}")) << said;
}

}  // namespace jackfield::tests
