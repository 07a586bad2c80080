// SPDX-License-Identifier: Apache-2.0
// What an administrator does with the plugins' processes, and sees of them.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "site.hpp"

namespace jackfield::tests {
namespace {

using namespace std::chrono_literals;

TEST(Operation, ThePluginsProcessesAreConfinedAndTheAdministratorSeesIt) {
  const Site site;
  const auto servers = site.administrator().get("/admin/servers").body;
  ASSERT_EQ(servers.at("servers").as_array().size(), 2U);
  for (const auto& server : servers.at("servers").as_array()) {
    std::vector<std::string> holding;
    for (const auto& measure : server.at("confinement").as_array())
      if (measure.at("holds").as_bool()) holding.emplace_back(measure.at("name").as_string());
    EXPECT_EQ(holding, (std::vector<std::string>{"resources", "files", "privileges", "systemCalls"}))
        << server.at("handle");
  }
}

TEST(Operation, SuspendSilencesWhatRings) {
  Site site;
  site.alicePhone().dial(Site::uri("1002"));
  ASSERT_TRUE(site.bobPhone().waitForEvent("CALL_INCOMING", 10s));
  ASSERT_TRUE(site.alicePhone().waitForEvent("CALL_RINGING", 5s));
  ASSERT_EQ(site.administrator().post("/admin/servers/pbx/suspend", nullptr).status, 200);
  EXPECT_TRUE(site.bobPhone().waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(site.alicePhone().waitForEvent("CALL_CLOSED", 10s));
}

TEST(Operation, SuspendTakesJackfieldOutOfThePathAndResumePutsItBack) {
  Site site;
  const ApiClient morgan = site.administrator(), bob = site.person("bob");
  const auto bobs_calls = [&] { return bob.get("/calls").body.at("calls").as_array().size(); };
  ASSERT_EQ(morgan.post("/admin/servers/pbx/suspend", nullptr).status, 200);
  EXPECT_TRUE(site.waitForServer(morgan, "pbx", "suspended", 5s));
  EXPECT_TRUE(morgan.get("/admin/alarms?open=true").body.at("alarms").as_array().empty()) << "it was wanted";

  site.alicePhone().dial(Site::uri("1002"));
  ASSERT_TRUE(site.bobPhone().waitForEvent("CALL_INCOMING", 10s)) << "the phones go on without Jackfield";
  EXPECT_EQ(bobs_calls(), 0U);
  site.alicePhone().hangUp();
  ASSERT_TRUE(site.bobPhone().waitForEvent("CALL_CLOSED", 10s));

  ASSERT_EQ(morgan.post("/admin/servers/pbx/resume", nullptr).status, 200);
  ASSERT_TRUE(site.waitForServer(morgan, "pbx", "connected", 20s));
  // The call server has to find out that Jackfield is back.
  EXPECT_TRUE(waitFor(30s, [&] {
    site.alicePhone().dial(Site::uri("1002"));
    const bool seen =
        site.bobPhone().waitForEvent("CALL_INCOMING", 10s) && waitFor(2s, [&] { return bobs_calls() == 1; });
    site.alicePhone().hangUp();
    site.bobPhone().waitForEvent("CALL_CLOSED", 10s);
    return seen;
  })) << "calls are seen and can be controlled again";
}

}  // namespace
}  // namespace jackfield::tests
