// SPDX-License-Identifier: Apache-2.0
// Who is signed in: this command, and everybody else.
#include <ostream>

#include "cli/commands/commands.hpp"

namespace jackfield::cli {

namespace {

const std::vector<Column>& sessionColumns() {
  static const std::vector<Column> columns = {
      column("ID", "/id"),           column("LOGIN", "/login"),        column("NAME", "/name"),
      column("ROLES", "/roles"),     column("PROGRAM", "/program"),    column("NOTE", "/note"),
      column("ADDRESS", "/address"), timeColumn("LAST USED", "/used"), timeColumn("EXPIRES", "/expires")};
  return columns;
}

ExitCode signIn(Context& context, const std::string& name) {
  Profile profile = context.profile();
  profile.token.clear();
  Client client(profile);
  profile.token = newToken(client, name, context.password(name));
  const auto file = profileFile(context.variables);
  saveProfile(file, profile);
  context.streams.out << "Signed in to " << profile.server << " as " << name << ". The token is kept in "
                      << file.string() << ".\n";
  return ExitCode::success;
}

ExitCode signOut(Context& context) {
  context.client().remove("session");
  const auto file = profileFile(context.variables);
  Profile profile = loadProfile(file, {});
  profile.token.clear();
  saveProfile(file, profile);
  context.streams.out << "Signed out.\n";
  return ExitCode::success;
}

struct EndOptions {
  std::string id, person;
};

ExitCode endSessions(Context& context, const EndOptions& options) {
  if (options.id.empty() == options.person.empty())
    throw Failure(ExitCode::usage, "sessions end: give either the ID of a session or --of LOGIN");
  if (options.id.empty())
    context.client().remove(path("admin", "sessions"), {{"login", options.person}});
  else
    context.client().remove(path("admin", "sessions", options.id));
  context.streams.out << "Ended.\n";
  return ExitCode::success;
}

}  // namespace

void addSessionCommands(CLI::App& app, Context& context) {
  auto* login = app.add_subcommand("login", "Sign in and keep a token for the next commands");
  const auto name = does<std::string>(*login, context, [&](const std::string& n) { return signIn(context, n); });
  login->add_option("name", *name, "Login of the directory")->required();

  does(*app.add_subcommand("logout", "Revoke the token and forget it"), context, [&] { return signOut(context); });

  does(*app.add_subcommand("whoami", "Show who is signed in"), context, [&] {
    context.printOne(
        context.client().get("session"),
        {column("Login", "/user/login"), column("Name", "/user/name"), column("Extension", "/user/extension"),
         column("Roles", "/roles"), column("Permissions", "/permissions"), timeColumn("Expires", "/expires")});
    return ExitCode::success;
  });

  auto* sessions = app.add_subcommand("sessions", "People and programs that are signed in")->require_subcommand(1);
  does(*sessions->add_subcommand("list", "List sessions"), context, [&] {
    context.print(context.client().get(path("admin", "sessions")), "/sessions", sessionColumns());
    return ExitCode::success;
  });
  auto* end = sessions->add_subcommand("end", "End one session, or all of a person");
  const auto ended = does<EndOptions>(*end, context, [&](const EndOptions& o) { return endSessions(context, o); });
  end->add_option("id", ended->id, "ID of the session");
  end->add_option("--of", ended->person, "Login whose sessions end");
}

}  // namespace jackfield::cli
