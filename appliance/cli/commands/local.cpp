// SPDX-License-Identifier: Apache-2.0
// What needs no server: the benches and the shells' completion.
#include <filesystem>
#include <ostream>

#include <unistd.h>

#include "cli/commands/commands.hpp"
#include "cli/completion.hpp"

namespace jackfield::cli {

namespace {

namespace fs = std::filesystem;

// Installed beside the program, or in the source tree that it was built in.
fs::path benchProgram() {
  std::error_code unknown;
  const auto self = fs::read_symlink("/proc/self/exe", unknown).parent_path();
  for (const char* place : {"../share/jackfield/bench/run", "../../../tests/bench/run"})
    if (auto program = (self / place).lexically_normal(); ::access(program.c_str(), X_OK) == 0) return program;
  return {};
}

ExitCode bench(const std::vector<std::string>& given) {
  const auto program = benchProgram();
  if (program.empty())
    throw Failure(ExitCode::failed,
                  "the benches are not installed; they stand in tests/bench of the source tree, and the program that "
                  "was built there finds them");
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), given.begin(), given.end());
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  throw Failure(ExitCode::failed, program.string() + " cannot be run");
}

}  // namespace

void addLocalCommands(CLI::App& app, Context& context) {
  auto* benches = app.add_subcommand("bench", "Measure Jackfield on this machine");
  const auto given = does<std::vector<std::string>>(*benches, context,
                                                    [](const std::vector<std::string>& words) { return bench(words); });
  benches->add_option("names", *given, "Only these benches");

  auto* completion = app.add_subcommand("completion", "Print the completion script of a shell");
  const auto shell = does<std::string>(*completion, context, [&app, &context](const std::string& name) {
    context.streams.out << (name == "bash" ? bashCompletion(app) : zshCompletion(app));
    return ExitCode::success;
  });
  completion->add_option("shell", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
}

}  // namespace jackfield::cli
