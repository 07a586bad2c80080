// SPDX-License-Identifier: Apache-2.0
// Users and the directory.
#include <optional>

#include "cli/commands/commands.hpp"

namespace jackfield::cli {

namespace {

struct PageOptions {
  std::string search;
  int limit = 50, offset = 0;
};

struct UserOptions {
  std::string user;
  std::optional<std::string> extension, server, enabled;
};

const std::vector<Column>& userColumns() {
  static const std::vector<Column> columns = {column("LOGIN", "/person/login"),  column("NAME", "/person/name"),
                                              column("EXTENSION", "/extension"), column("SERVER", "/telephonyServer"),
                                              column("ENABLED", "/enabled"),     column("ROLES", "/person/roles"),
                                              column("DIRECTORY", "/directory"), column("ID", "/person/id")};
  return columns;
}

Query page(const PageOptions& options) {
  Query query = {{"limit", std::to_string(options.limit)}, {"offset", std::to_string(options.offset)}};
  if (!options.search.empty()) query.emplace_back("search", options.search);
  return query;
}

// A login is as good as an id. A login that looks like an id of somebody else cannot be: ids are UUIDs.
std::string idOf(Context& context, const std::string& user) {
  const auto found = context.client().get(path("admin", "users"), {{"search", user}, {"limit", "200"}});
  for (const auto& entry : found.at("entries").as_array())
    if (textAt(entry, "/person/login") == user) return textAt(entry, "/person/id");
  return user;
}

ExitCode change(Context& context, const UserOptions& options) {
  boost::json::object body;
  if (options.extension) body["extension"] = *options.extension;
  if (options.server) body["telephonyServer"] = *options.server;
  if (options.enabled) body["enabled"] = *options.enabled == "true";
  if (body.empty())
    throw Failure(ExitCode::usage, "users set: nothing to set; give --extension, --server or --enabled");
  context.print(context.client().patch(path("admin", "users", idOf(context, options.user)), body), "", userColumns());
  return ExitCode::success;
}

void addPage(CLI::App& command, PageOptions& options) {
  command.add_option("--limit", options.limit, "How many")->check(CLI::Range(1, 200));
  command.add_option("--offset", options.offset, "How many to leave out first")->check(CLI::Range(0, 1000000));
}

}  // namespace

void addPeopleCommands(CLI::App& app, Context& context) {
  auto* users = app.add_subcommand("users", "People who may sign in")->require_subcommand(1);

  auto* listed = users->add_subcommand("list", "List users");
  const auto list_options = does<PageOptions>(*listed, context, [&](const PageOptions& options) {
    context.print(context.client().get(path("admin", "users"), page(options)), "/entries", userColumns());
    return ExitCode::success;
  });
  listed->add_option("--search", list_options->search, "Words and numbers in any order");
  addPage(*listed, *list_options);

  auto* shown = users->add_subcommand("show", "Show one user");
  const auto shown_user = does<std::string>(*shown, context, [&](const std::string& user) {
    context.printOne(context.client().get(path("admin", "users", idOf(context, user))), userColumns());
    return ExitCode::success;
  });
  shown->add_option("user", *shown_user, "Login or id")->required();

  auto* set = users->add_subcommand("set", "Change what Jackfield itself knows of a user");
  const auto set_options =
      does<UserOptions>(*set, context, [&](const UserOptions& options) { return change(context, options); });
  set->add_option("user", set_options->user, "Login or id")->required();
  set->add_option("--extension", set_options->extension, "Extension; empty: the directory's");
  set->add_option("--server", set_options->server, "Handle of the call server; empty: no telephony");
  set->add_option("--enabled", set_options->enabled, "May sign in")->check(CLI::IsMember({"true", "false"}));

  auto* directory = app.add_subcommand("directory", "Search people and contacts");
  const auto search = does<PageOptions>(*directory, context, [&](const PageOptions& options) {
    const Column numbers{"NUMBERS", [](const boost::json::value& person) {
                           std::string text = textAt(person, "/extension");
                           const auto* list = person.as_object().if_contains("numbers");
                           if (list && list->is_array())
                             for (const auto& number : list->get_array())
                               text += (text.empty() ? "" : ", ") + textAt(number, "/value");
                           return text;
                         }};
    context.print(context.client().get("directory", page(options)), "/entries",
                  {column("NAME", "/name"), numbers, column("MAIL", "/mail"), column("DEPARTMENT", "/department"),
                   column("ID", "/id")});
    return ExitCode::success;
  });
  directory->add_option("search", search->search, "Words and numbers in any order");
  addPage(*directory, *search);
}

}  // namespace jackfield::cli
