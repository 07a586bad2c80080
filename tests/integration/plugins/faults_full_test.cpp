// SPDX-License-Identifier: Apache-2.0
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
