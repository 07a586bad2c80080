// SPDX-License-Identifier: Apache-2.0
// The long form of the random faults, for the full run.
#include "faults.hpp"

namespace jackfield::kernel::testing {
namespace {

TEST(PluginFaults, AThousandAtRandomHarmNobodyAndThePluginServesAgain) {
  RandomFaults faults;
  tellTimes(faults.run(1000));
  faults.expectNothingMissed();
}

}  // namespace
}  // namespace jackfield::kernel::testing
