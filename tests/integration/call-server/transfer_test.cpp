// SPDX-License-Identifier: Apache-2.0
// Transfers with real phones behind a real call server: by command, and by a phone's own key.
#include "fixture.hpp"

namespace jackfield::tests {
namespace {

using namespace std::chrono_literals;

class Transfers : public CallServerSite {
 protected:
  // Bob and Carol talk in that call, and Alice has left it.
  void joined(const std::string& id) {
    EXPECT_TRUE(waitFor(10s, [&] {
      const auto now = call(id);
      if (now.connections.size() != 3) return false;
      for (const auto& connection : now.connections) {
        if (nameOf(connection.state) != (connection.number == "1001" ? "null" : "connected")) return false;
      }
      return true;
    })) << toJsonText(call(id));
  }
  // Carol's key ends it for both.
  void ends(const std::string& id) {
    phone("1003").hangUp();
    EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s));
    EXPECT_TRUE(waitFor(10s, [&] { return call(id).ended > 0 && records().empty(); }));
  }
};

TEST_F(Transfers, ByCommandTheOtherPartyIsConnectedWithTheDestination) {
  open({"1001", "1002", "1003"});
  talk();
  const auto id = call().id;
  command("singleStepTransferCall", {{"call", id}, {"device", uri("1001")}, {"to", "1003"}});
  ASSERT_TRUE(phone("1003").waitForEvent("CALL_INCOMING", 10s));
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s)) << "free as soon as it rings";
  phone("1003").answer();
  joined(id);
  // Both may go on to use it.
  command("holdCall", {{"call", id}, {"device", uri("1003")}});
  EXPECT_TRUE(becomes("1003", "held"));
  command("retrieveCall", {{"call", id}, {"device", uri("1003")}});
  EXPECT_TRUE(becomes("1003", "connected"));
  ends(id);
}

TEST_F(Transfers, TheCalledUserTransfersTheCaller) {
  open({"1001", "1002", "1003"});
  phone("1002").dial(uri("1001"));
  ASSERT_TRUE(phone("1001").waitForEvent("CALL_INCOMING", 10s));
  phone("1001").answer();
  ASSERT_TRUE(becomes("1001", "connected"));
  const auto id = call().id;
  command("singleStepTransferCall", {{"call", id}, {"device", uri("1001")}, {"to", "1003"}});
  ASSERT_TRUE(phone("1003").waitForEvent("CALL_INCOMING", 10s));
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  phone("1003").answer();
  joined(id);
  ends(id);
}

TEST_F(Transfers, ADestinationThatIsUnknownLeavesTheCallAsItIs) {
  open({"1001", "1002"});
  talk();
  command("singleStepTransferCall", {{"call", call().id}, {"device", uri("1001")}, {"to", "1999"}});
  ASSERT_TRUE(waitFor(10s, [&] {
    const auto all = events();
    return all.back().event == cc::EventType::snapshot && all.back().cause == cc::Cause::refused;
  }));
  EXPECT_EQ(state("1001"), "connected");
  EXPECT_EQ(state("1002"), "connected");
  phone("1001").hangUp();
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s));
}

TEST_F(Transfers, AttendedTheTwoOtherPartiesAreConnected) {
  open({"1001", "1002", "1003"});
  talk();
  const auto first = call().id;
  phone("1001").hold();
  ASSERT_TRUE(becomes("1001", "held"));
  phone("1001").dial(uri("1003"));
  ASSERT_TRUE(phone("1003").waitForEvent("CALL_INCOMING", 10s));
  phone("1003").answer();
  ASSERT_TRUE(becomes("1003", "connected"));
  const auto second = call().id;
  ASSERT_NE(first, second);
  command("transferCall", {{"call", first}, {"device", uri("1001")}, {"otherCall", second}});
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  joined(first);
  EXPECT_GT(call(second).ended, 0);
  ends(first);
}

TEST_F(Transfers, APhonesOwnKeyTransfersThroughJackfield) {
  open({"1001", "1002", "1003"});
  talk();
  const auto id = call().id;
  phone("1001").transfer(uri("1003"));
  ASSERT_TRUE(phone("1003").waitForEvent("CALL_INCOMING", 10s));
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  phone("1003").answer();
  joined(id);
  ends(id);
}

}  // namespace
}  // namespace jackfield::tests
