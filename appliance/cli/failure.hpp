// SPDX-License-Identifier: Apache-2.0
// How a command ends (CLI-015), and the exception that carries it to main.
#ifndef JACKFIELD_CLI_FAILURE_HPP
#define JACKFIELD_CLI_FAILURE_HPP

#include <stdexcept>
#include <string>

namespace jackfield::cli {

enum class ExitCode {
  success = 0,
  partial = 1,     // done, but something needs a look
  usage = 2,       // the command line or a file given to it is wrong
  connection = 3,  // the server cannot be reached, or sign-in was refused
  failed = 4       // the server refused or could not do it
};

// what() is shown to the person as it is; it may have several lines.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& text) : std::runtime_error(text), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

}  // namespace jackfield::cli

#endif
