// SPDX-License-Identifier: Apache-2.0
// Completion scripts, made from the command line itself so that they cannot lag behind it.
#ifndef JACKFIELD_CLI_COMPLETION_HPP
#define JACKFIELD_CLI_COMPLETION_HPP

#include <string>

namespace CLI {
class App;
}

namespace jackfield::cli {

// For: source <(jackfield completion bash)
std::string bashCompletion(const CLI::App& app);
// For: source <(jackfield completion zsh)
std::string zshCompletion(const CLI::App& app);

}  // namespace jackfield::cli

#endif
