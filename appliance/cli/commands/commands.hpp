// SPDX-License-Identifier: Apache-2.0
// The commands, by subject. Each function adds its commands to the line; a chosen one leaves its work in
// Context::action.
#ifndef JACKFIELD_CLI_COMMANDS_COMMANDS_HPP
#define JACKFIELD_CLI_COMMANDS_COMMANDS_HPP

#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/context.hpp"

namespace jackfield::cli {

void addSessionCommands(CLI::App& app, Context& context);  // login, logout, whoami, sessions
void addSystemCommands(CLI::App& app, Context& context);   // status, plugins, alarms, audit
void addServerCommands(CLI::App& app, Context& context);
void addPeopleCommands(CLI::App& app, Context& context);  // users, directory
void addSyncCommand(CLI::App& app, Context& context);
void addDirectoryCommands(CLI::App& app, Context& context);  // schedules, domains
void addDialPlanCommands(CLI::App& app, Context& context);
void addCallCommands(CLI::App& app, Context& context);  // calls, log
void addEventsCommand(CLI::App& app, Context& context);
void addSiteCommands(CLI::App& app, Context& context);   // apply, export
void addLocalCommands(CLI::App& app, Context& context);  // bench, completion

// A command that does `work(options)`; `options` is one object for the options to be stored in.
template <class Options, class Work>
std::shared_ptr<Options> does(CLI::App& command, Context& context, Work work) {
  auto options = std::make_shared<Options>();
  command.callback([&context, options, work] { context.action = [options, work] { return work(*options); }; });
  return options;
}

// A command without options of its own.
template <class Work>
void does(CLI::App& command, Context& context, Work work) {
  command.callback([&context, work] { context.action = work; });
}

}  // namespace jackfield::cli

#endif
