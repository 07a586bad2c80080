// SPDX-License-Identifier: Apache-2.0
// The whole command, callable from a test.
#ifndef JACKFIELD_CLI_COMMAND_LINE_HPP
#define JACKFIELD_CLI_COMMAND_LINE_HPP

#include <string>
#include <vector>

#include "cli/context.hpp"

namespace jackfield::cli {

// `arguments` without the program's name. Returns the exit code; every error has been written to streams.err.
int run(const std::vector<std::string>& arguments, const Streams& streams, const Variables& variables);

}  // namespace jackfield::cli

#endif
