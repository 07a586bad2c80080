// SPDX-License-Identifier: Apache-2.0
// A phone's own keys in the notations that baresip does not speak: sipp holds, takes back, and the other side drops.
#include <algorithm>

#include <jackfield/json.hpp>

#include "sipp_rig.hpp"

namespace jackfield::calls {
namespace {

using namespace std::chrono_literals;

struct Notation {
  std::string name, direction, address;
};

class Keys : public testing::TestWithParam<Notation> {};

TEST_P(Keys, HoldAndRetrieveAreSeenAndTheOtherSideDrops) {
  std::vector<cc::Event> events;
  SippRig rig([&](const cc::EventMessage& message) {
    events.insert(events.end(), message.events.begin(), message.events.end());
  });
  rig.startCalled("called-held", {"-d", "300", "-m", "1"});
  rig.startCaller("caller-holds", {"-d", "300", "-m", "1", "-key", "direction", GetParam().direction, "-key", "address",
                                   GetParam().address});
  ASSERT_TRUE(rig.until([&] { return !events.empty() && events.back().call.ended > 0; }, 20s));
  EXPECT_EQ(rig.caller().wait(10s), 0) << rig.caller().output().substr(0, 2000);
  EXPECT_EQ(rig.called().wait(10s), 0) << rig.called().output().substr(0, 2000);
  const auto of_caller = [&](cc::EventType type) {
    return std::find_if(events.begin(), events.end(), [&](const cc::Event& event) {
      return event.event == type && event.device == "sip:1000@site.test" && event.source == cc::Source::device;
    });
  };
  const auto held = of_caller(cc::EventType::held), retrieved = of_caller(cc::EventType::retrieved);
  ASSERT_TRUE(held < retrieved && retrieved != events.end());
  const auto& holding = held->call.connections.front();
  EXPECT_EQ(nameOf(holding.state), "held");
  EXPECT_EQ(holding.refused.at("retrieve"), cc::Refusal::heldByDevice) << "only the phone can take it back";
  EXPECT_EQ(nameOf(retrieved->call.connections.front().state), "connected");
  EXPECT_EQ(events.back().event, cc::EventType::connectionCleared);
  EXPECT_EQ(events.back().cause, cc::Cause::normal);
  EXPECT_EQ(events.back().source, cc::Source::device);
}

TEST(RemoteAnswer, APhoneThatDeclaresItAnswersWhenItIsTold) {
  std::vector<cc::Event> events;
  SippRig rig([&](const cc::EventMessage& message) {
    events.insert(events.end(), message.events.begin(), message.events.end());
  });
  rig.startCalled("called-told", {"-m", "1"});
  rig.startCaller("caller", {"-d", "300", "-m", "1"}, "term");
  const auto possible = [&] {
    if (events.empty() || events.back().call.connections.size() < 2) return false;
    const auto& verbs = events.back().call.connections[1].verbs;
    return std::find(verbs.begin(), verbs.end(), "answer") != verbs.end();
  };
  ASSERT_TRUE(rig.until(possible, 10s));
  rig.until([] { return false; }, 1s);
  EXPECT_EQ(events.back().event, cc::EventType::delivered) << "it rings until it is told";
  const auto& call = events.back().call;
  rig.board().answerCall({"", call.id, call.connections[1].device});
  ASSERT_TRUE(rig.until([&] { return events.back().call.ended > 0; }, 20s));
  EXPECT_GT(events.back().call.answered, 0);
  EXPECT_EQ(rig.caller().wait(10s), 0) << rig.caller().output().substr(0, 2000);
  EXPECT_EQ(rig.called().wait(10s), 0) << rig.called().output().substr(0, 2000);
}

TEST(Forked, OfSeveralPhonesThatRingTheOneThatAnswersIsInTheCall) {
  std::vector<cc::Event> events;
  SippRig rig([&](const cc::EventMessage& message) {
    events.insert(events.end(), message.events.begin(), message.events.end());
  });
  rig.startCalled("called-forked", {"-d", "300", "-m", "1"});
  rig.startCaller("caller", {"-d", "300", "-m", "1"});
  ASSERT_TRUE(rig.until([&] { return !events.empty() && events.back().call.ended > 0; }, 20s));
  EXPECT_EQ(rig.caller().wait(10s), 0) << rig.caller().output().substr(0, 2000);
  EXPECT_EQ(rig.called().wait(10s), 0) << "ACK and BYE bear the second phone's tag\n"
                                       << rig.called().output().substr(0, 2000);
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const auto& event) { return event.event == cc::EventType::delivered; }),
            1)
      << "two phones ring, one party";
  EXPECT_GT(events.back().call.answered, 0);
}

INSTANTIATE_TEST_SUITE_P(Each, Keys,
                         testing::Values(Notation{"sendonly", "sendonly", "127.0.0.1"},
                                         Notation{"inactive", "inactive", "127.0.0.1"},
                                         Notation{"noAddress", "sendrecv", "0.0.0.0"}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace jackfield::calls
