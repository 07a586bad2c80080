// SPDX-License-Identifier: Apache-2.0
// What plugins say by themselves is routed by name, and their records come back.
#include "capabilities/plugin_router.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <jackfield/json.hpp>

#include "support/process.hpp"

namespace jackfield::capabilities {
namespace {

class PluginRouterTest : public testing::Test {
 protected:
  PluginRouterTest() {
    journal_ = std::make_unique<store::Journal>(folder_ / "journal.db", store::JournalLimits{});
    router_ = std::make_unique<PluginRouter>(*journal_);
  }
  std::vector<kernel::Reply> request(const std::string& name, const std::string& body) {
    std::vector<kernel::Reply> replies;
    router_->onRequest("hq", name, body, [&](kernel::Reply reply) { replies.push_back(std::move(reply)); });
    return replies;
  }

  tests::TemporaryFolder folder_{"router"};
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<PluginRouter> router_;
};

TEST_F(PluginRouterTest, RecordsComeBackInPartsBelowTheBoundarysLimit) {
  store::JournalBatch batch;
  batch.server = "hq";
  for (int i = 0; i < 500; ++i)
    batch.keep["call/" + std::to_string(i)] = R"({"sdp":")" + std::string(2000, 'x') + "\"}";
  batch.keep["other"] = "1";
  std::atomic<bool> done = false;
  journal_->append(std::move(batch), [&](auto, auto) { done = true; });
  while (!done) std::this_thread::yield();
  const auto replies = request("storage/1.load", R"({"prefix":"call/"})");
  ASSERT_GT(replies.size(), 3U);
  std::size_t records = 0;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    EXPECT_LT(replies[i].body.size(), 512U * 1024);
    EXPECT_EQ(replies[i].more, i + 1 < replies.size());
    records += fromJson<server::Records>(parseJson(replies[i].body)).records.size();
  }
  EXPECT_EQ(records, 500U);
}

TEST_F(PluginRouterTest, NoRecordsAreAnEmptyAnswer) {
  const auto replies = request("storage/1.load", R"({"prefix":"call/"})");
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].body, R"({"records":{}})");
  EXPECT_FALSE(replies[0].more);
}

TEST_F(PluginRouterTest, UnknownServiceAndBrokenRequestAreRefusedWithASentence) {
  auto replies = request("storage/9.fly", "{}");
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].status, Status::unsupported);
  EXPECT_NE(replies[0].body.find("storage/1.load"), std::string::npos);
  replies = request("storage/1.load", "\xff");
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].status, Status::internal);
}

TEST_F(PluginRouterTest, EventsReachTheirListenerAndBrokenOnesNobody) {
  int events = 0;
  int resyncs = 0;
  Listeners listeners;
  listeners.call_events = [&](const auto& server, const auto& message) {
    EXPECT_EQ(server, "hq");
    events += static_cast<int>(message.events.size());
  };
  listeners.call_resync = [&](const auto&, const auto&) { ++resyncs; };
  router_->listen(std::move(listeners));
  router_->onEvent("hq", "call-control/1.event", R"({"events":[{"event":"held"},{"event":"held"}]})");
  router_->onEvent("hq", "call-control/1.event", R"({"events":[{"event":"levitated"}]})");
  router_->onEvent("hq", "call-control/1.event", "{");
  router_->onEvent("hq", "call-control/2.event", "{}");
  router_->onEvent("hq", "call-control/1.resync", "{}");
  EXPECT_EQ(events, 2);
  EXPECT_EQ(resyncs, 1);
}

}  // namespace
}  // namespace jackfield::capabilities
