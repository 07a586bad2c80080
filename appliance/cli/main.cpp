// SPDX-License-Identifier: Apache-2.0
// The program `jackfield`.
#include <csignal>
#include <iostream>
#include <string>

#include <unistd.h>

#include "cli/command_line.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  jackfield::cli::Variables variables;
  for (char** entry = ::environ; entry && *entry; ++entry) {
    const std::string text = *entry;
    if (const auto equals = text.find('='); equals != std::string::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return jackfield::cli::run({argv + 1, argv + argc}, {std::cin, std::cout, std::cerr}, variables);
}
