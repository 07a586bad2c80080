// SPDX-License-Identifier: Apache-2.0
// The call-server plugin passes the suite that every plugin of call-control/1 must pass, against a real Kamailio and
// phones that answer by themselves.
#include <gmock/gmock.h>

#include "fixture.hpp"
#include "support/sdk.hpp"

namespace jackfield::tests {
namespace {

using CallServerConformance = CallServerSite;

TEST_F(CallServerConformance, PassesTheSuiteOfTheSdk) {
  ::setenv("BARESIP_ANSWER", "auto", 1);
  startKamailio();
  phone("1001");
  phone("1002");
  const boost::json::object facts{{"from", uri("1001")},
                                  {"to", "1002"},
                                  {"caller", "1001"},
                                  {"unreachable", boost::json::object{{"sipRemotePort", freePort()}}}};
  const auto said = conform("call-server", folder.path(), settings, facts, {"libsofia", "libssl", "libcrypto"});
  EXPECT_THAT(said, ::testing::HasSubstr("\"failed\": 0, \"skipped\": 0}")) << said;
}

}  // namespace
}  // namespace jackfield::tests
