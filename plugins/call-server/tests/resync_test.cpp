// SPDX-License-Identifier: Apache-2.0
// All calls to the host after a start or a reconnection, however many they are.
#include <set>

#include "lab.hpp"

namespace jackfield::calls::tests {
namespace {

class Resync : public Lab {
 protected:
  // As many answered calls as if they had been on disk.
  void restore(int count) {
    talk();
    const std::string one = boost::json::serialize(kept.begin()->second);
    const auto record = fromJson<KeptCall>(parseJson(one));
    for (int i = 0; i < count; ++i) {
      auto copy = record;
      copy.call.id = "c" + std::to_string(i);
      for (auto& span : copy.spans) {
        span.a.call_id += std::to_string(i);
        span.b.call_id += std::to_string(i);
      }
      board->restore("call/" + copy.call.id, parseJson(toJsonText(copy)));
    }
  }
  std::set<std::string> named() const {
    std::set<std::string> out;
    for (const auto& part : resyncs) {
      for (const auto& call : part.calls) EXPECT_TRUE(out.insert(call.id).second) << call.id << " twice";
    }
    return out;
  }
  bool whole() const { return !resyncs.empty() && !resyncs.back().more; }
};

TEST_F(Resync, TwentyThousandCallsGoInPartsThatFitIntoMessages) {
  restore(19999);
  board->resync();
  ASSERT_TRUE(until([&] { return whole(); }, 40s));
  EXPECT_EQ(named().size(), 20000U);
  for (std::size_t i = 0; i < resyncs.size(); ++i) {
    EXPECT_EQ(resyncs[i].part, i);
    EXPECT_EQ(resyncs[i].more, i + 1 < resyncs.size());
    EXPECT_LT(toJsonText(resyncs[i]).size(), 256U * 1024) << "an event may have 1 MiB";
    for (const auto& call : resyncs[i].calls) ASSERT_FALSE(call.connections.front().verbs.empty());
  }
}

TEST_F(Resync, GoesOnWhereTheFullQueueStoppedIt) {
  restore(600);
  board->resync();
  ASSERT_EQ(resyncs.size(), 1U) << "the rest comes in turns of the loop";
  full = true;
  settle(50ms);
  EXPECT_EQ(resyncs.size(), 1U);
  full = false;
  board->writable();
  ASSERT_TRUE(until([&] { return whole(); }));
  EXPECT_EQ(named().size(), 601U);
  EXPECT_EQ(resyncs.back().part + 1, resyncs.size());
}

TEST_F(Resync, TellsTheEndOfACallBeforeTheListThatDoesNotNameItAnyMore) {
  auto& caller = talk();
  const auto id = call().id;
  full = true;
  board->resync();
  request(caller, "BYE");
  ASSERT_TRUE(until([&] { return caller.lastStatus() == 200; }));
  full = false;
  board->writable();
  EXPECT_EQ(call().id, id);
  EXPECT_GT(call().ended, 0) << "else the host would take it for lost";
  ASSERT_TRUE(whole());
  EXPECT_TRUE(named().empty());
}

TEST_F(Resync, ProbesOfManyCallsAreSpreadAndFindThoseThatAreGone) {
  restore(300);
  const auto real = call().id;
  const auto began = std::chrono::steady_clock::now();
  board->probeAll();
  ASSERT_TRUE(until([&] { return board->size() == 1; }, 30s)) << "nobody knows the dialogs of the others";
  EXPECT_GT(std::chrono::steady_clock::now() - began, 250ms) << "1,000 a second";
  EXPECT_TRUE(kept.contains("call/" + real));
}

TEST_F(Resync, ASecondOneBeginsAnew) {
  restore(600);
  board->resync();
  board->resync();
  ASSERT_TRUE(until([&] { return whole(); }));
  ASSERT_GE(resyncs.size(), 3U);
  EXPECT_EQ(resyncs[0].part, 0U);
  EXPECT_EQ(resyncs[1].part, 0U);
  resyncs.erase(resyncs.begin());
  EXPECT_EQ(named().size(), 601U);
}

TEST_F(Resync, WithoutCallsIsOneEmptyPart) {
  board->resync();
  ASSERT_EQ(resyncs.size(), 1U);
  EXPECT_TRUE(resyncs[0].calls.empty());
  EXPECT_FALSE(resyncs[0].more);
}

}  // namespace
}  // namespace jackfield::calls::tests
