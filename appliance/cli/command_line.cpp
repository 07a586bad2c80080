// SPDX-License-Identifier: Apache-2.0
// Puts the commands together and turns whatever goes wrong into a sentence and an exit code.
#include "cli/command_line.hpp"

#include <ostream>

#include "cli/commands/commands.hpp"

namespace jackfield::cli {

namespace {

constexpr const char* footer =
    "Environment: JACKFIELD_URL, JACKFIELD_TOKEN, JACKFIELD_CA, JACKFIELD_PASSWORD (for login and --login),\n"
    "JACKFIELD_CONFIG (instead of ~/.config/jackfield/cli.yaml).\n"
    "Exit codes: 0 done; 1 done, but something needs a look; 2 wrong command line or file; 3 no connection or no\n"
    "sign-in; 4 the server refused or could not do it.";

void addGlobalOptions(CLI::App& app, Context& context) {
  app.add_option("--server", context.server, "Address of Jackfield, such as https://host:8443");
  app.add_option("--token", context.token, "Bearer token");
  app.add_option("--login", context.login, "Sign in as this person for this one command");
  app.add_option("--ca", context.ca, "PEM file that the server's certificate is checked against");
  app.add_option("--output", context.format, "table, json or csv")
      ->transform(CLI::CheckedTransformer(std::vector<std::pair<std::string, Format>>{
                                              {"table", Format::table}, {"json", Format::json}, {"csv", Format::csv}})
                      .description(""))
      ->type_name("table|json|csv");
}

int code(ExitCode exit) {
  return static_cast<int>(exit);
}

// CLI11 prints help through an exception too.
int usage(const CLI::App& app, const CLI::ParseError& error, const Streams& streams) {
  if (error.get_exit_code() == 0) return app.exit(error, streams.out, streams.err);
  streams.err << "jackfield: " << error.what() << "\n" << app.help();  // of the command that was chosen
  return code(ExitCode::usage);
}

}  // namespace

int run(const std::vector<std::string>& arguments, const Streams& streams, const Variables& variables) {
  Context context(streams, variables);
  CLI::App app("Jackfield from the command line: a client of its API.", "jackfield");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(footer);
  addGlobalOptions(app, context);
  for (const auto add : {addSessionCommands, addSystemCommands, addServerCommands, addPeopleCommands, addSyncCommand,
                         addDirectoryCommands, addDialPlanCommands, addCallCommands, addEventsCommand, addSiteCommands,
                         addLocalCommands})
    add(app, context);
  for (auto* command : app.get_subcommands([](const CLI::App*) { return true; })) command->fallthrough();
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 takes them
    app.parse(reversed);
    return code(context.action());
  } catch (const CLI::ParseError& error) {
    return usage(app, error, streams);
  } catch (const Failure& failure) {
    streams.err << "jackfield: " << failure.what() << "\n";
    return code(failure.code());
  } catch (const std::exception& error) {
    streams.err << "jackfield: the server's answer was not understood: " << error.what() << "\n";
    return code(ExitCode::failed);
  }
}

}  // namespace jackfield::cli
