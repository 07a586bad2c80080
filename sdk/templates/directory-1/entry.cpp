// SPDX-License-Identifier: Apache-2.0
// What the library exports.
#include "plugin.hpp"

JACKFIELD_PLUGIN(sample_directory::SampleDirectory);
