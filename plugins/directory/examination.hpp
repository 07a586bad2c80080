// SPDX-License-Identifier: Apache-2.0
// server/1.test: looks at every item that the settings name and says what it found (INT-004); and the light check of
// the link that server/1.state rests on.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_EXAMINATION_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_EXAMINATION_HPP

#include <stop_token>

#include <jackfield/server.hpp>

#include "settings.hpp"

namespace jackfield::directory {

// Blocks. Never throws for what is wrong with the directory: that is a finding. Reads at most a few entries.
server::TestResult examine(const Settings& settings, const std::stop_token& stop);

// Connects and binds to each enabled domain; throws the first Error.
void checkLink(const Settings& settings, const std::stop_token& stop);

}  // namespace jackfield::directory

#endif
