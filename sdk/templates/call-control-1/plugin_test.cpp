// SPDX-License-Identifier: Apache-2.0
// The plugin in the SDK's in-memory host: no process, no network, a clock of the test's own.
#include "plugin.hpp"

#include <gtest/gtest.h>

#include <jackfield/testing/fake_host.hpp>

namespace sample_pbx {
namespace {

using jackfield::Status;
using jackfield::testing::FakeHost;

class SamplePbxTest : public testing::Test {
 protected:
  SamplePbxTest() {
    host.configure({{"host", "pbx.test"}, {"answerMs", 100}});
    host.start();
  }
  std::string call(const std::string& request) {
    return host.call<cc::Accepted>("call-control/1.makeCall", cc::MakeCall{request, "1001", "1002", "", ""}).call;
  }
  cc::Event lastEvent() { return host.eventsAs<cc::EventMessage>("call-control/1.event").back().events.back(); }

  FakeHost host{jackfield::entryOf<SamplePbx>(), "sample-pbx"};
};

TEST_F(SamplePbxTest, RefusesAnAddressThatIsNone) {
  try {
    host.stop();
    host.configure({{"host", "0.0.0.0"}, {"answerMs", 1}});
    FAIL() << "accepted";
  } catch (const jackfield::Error& error) {
    EXPECT_EQ(error.code(), "samplePbx.host");
    EXPECT_EQ(error.field(), "/host");
  }
}

TEST_F(SamplePbxTest, TellsACallFromRingingToItsEnd) {
  const auto id = call("r1");
  host.advance(std::chrono::milliseconds(100));
  EXPECT_EQ(lastEvent().event, cc::EventType::established);
  host.call<cc::Accepted>("call-control/1.clearConnection", cc::CallCommand{"", id, "1002"});
  EXPECT_EQ(lastEvent().event, cc::EventType::connectionCleared);
  EXPECT_GT(lastEvent().call.ended, 0);
}

TEST_F(SamplePbxTest, AnswersTheSameRequestWithTheSameCall) {
  EXPECT_EQ(call("r1"), call("r1"));
}

TEST_F(SamplePbxTest, RefusesAVerbThatIsNotPossibleNow) {
  const auto id = call("r1");
  const auto refused = host.call("call-control/1.holdCall", jackfield::toJson(cc::CallCommand{"", id, "1002"}));
  EXPECT_EQ(refused.status, Status::state);
}

}  // namespace
}  // namespace sample_pbx
