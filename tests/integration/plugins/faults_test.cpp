// SPDX-License-Identifier: Apache-2.0
// Whatever a plugin does in a process of its own, it does to itself: in each step of its life, and at work.
#include "faults.hpp"

namespace jackfield::kernel::testing {
namespace {

using ::testing::HasSubstr;

struct Step {
  const char* type;
  LifeState end;
  const char* reason;
};
// NOLINTNEXTLINE(readability-identifier-naming): the name that GoogleTest looks for
void PrintTo(const Step& step, std::ostream* out) {
  *out << step.type;
}

std::string nameOfStep(const ::testing::TestParamInfo<Step>& info) {
  std::string name = info.param.type;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class PluginFaultInAStep : public ::testing::TestWithParam<Step> {};

TEST_P(PluginFaultInAStep, EndsThePluginAloneWithTheReason) {
  PluginOptions options;
  options.first_backoff = 1ms;
  options.crash_limit = 2;
  options.open_limit = options.start_limit = 500ms;
  Zoo zoo(Hosting::ownProcess, options);
  zoo.startGood();
  zoo.start(GetParam().type);
  if (GetParam().end == LifeState::stopped) {  // the faults of its end
    ASSERT_TRUE(zoo.recorder.waitState(GetParam().type, LifeState::running));
    zoo.manager.suspend(GetParam().type);
  }
  ASSERT_TRUE(zoo.recorder.waitState(GetParam().type, GetParam().end));
  EXPECT_THAT(zoo.manager.instance(GetParam().type).reason, HasSubstr(GetParam().reason));
  EXPECT_EQ(zoo.manager.instance(GetParam().type).pid, 0);
  zoo.expectGoodNeighbour();
}

INSTANTIATE_TEST_SUITE_P(
    Life, PluginFaultInAStep,
    ::testing::Values(Step{"hanging-create", LifeState::quarantined, "did not accept its settings in time"},
                      Step{"hanging-configure", LifeState::quarantined, "did not accept its settings in time"},
                      Step{"hanging-start", LifeState::quarantined, "did not return from start() in time"},
                      Step{"hanging-destroy", LifeState::stopped, "did not stop within 300 ms"},
                      Step{"crashing-create", LifeState::quarantined, "signal 11"},
                      Step{"crashing-configure", LifeState::quarantined, "signal 11"},
                      Step{"crashing-stop", LifeState::stopped, "suspended"},
                      Step{"crashing-destroy", LifeState::stopped, "suspended"}),
    nameOfStep);

TEST(PluginFaults, AtRandomHarmNobodyAndThePluginServesAgain) {
  RandomFaults faults;
  tellTimes(faults.run(48));
  faults.expectNothingMissed();
}

}  // namespace
}  // namespace jackfield::kernel::testing
