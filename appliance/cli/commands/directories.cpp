// SPDX-License-Identifier: Apache-2.0
// When directories are synchronised by the clock, and the domains that they consist of.
#include <cstdio>
#include <ostream>

#include "cli/commands/commands.hpp"
#include "cli/commands/server_settings.hpp"

namespace jackfield::cli {

namespace {

namespace json = boost::json;

struct ScheduleOptions {
  std::string server, at;
  std::vector<std::string> full_on;
  std::vector<int> weeks;
  bool off = false;
};

const std::vector<Column>& scheduleColumns() {
  static const std::vector<Column> columns = {column("SERVER", "/server"),
                                              column("ENABLED", "/schedule/enabled"),
                                              {"AT",
                                               [](const json::value& row) {
                                                 char out[16];
                                                 std::snprintf(out, sizeof out, "%02d:%02d",
                                                               row.at("schedule").at("hour").to_number<int>(),
                                                               row.at("schedule").at("minute").to_number<int>());
                                                 return std::string(out);
                                               }},
                                              column("FULL ON", "/schedule/daysOfWeek"),
                                              column("IN WEEKS", "/schedule/weeksOfMonth"),
                                              timeColumn("NEXT RUN", "/nextRun"),
                                              column("NEXT MODE", "/nextMode")};
  return columns;
}

// With weeks it is the mode weekly: full only in these weeks of the month.
ExitCode schedule(Context& context, const ScheduleOptions& options) {
  int hour = 0, minute = 0;
  char more = 0;
  if (!options.off && std::sscanf(options.at.c_str(), "%2d:%2d%c", &hour, &minute, &more) != 2)
    throw Failure(ExitCode::usage, "--at: " + options.at + " is not a time such as 02:30");
  const json::object body{{"enabled", !options.off},
                          {"mode", options.weeks.empty() ? "daily" : "weekly"},
                          {"daysOfWeek", json::value_from(options.full_on)},
                          {"weeksOfMonth", json::value_from(options.weeks)},
                          {"hour", hour},
                          {"minute", minute}};
  context.print(context.client().put(path("admin", "directory-schedules", options.server), body), "",
                scheduleColumns());
  return ExitCode::success;
}

struct DomainOptions {
  std::string server, domain, name;
  std::vector<std::string> settings;
};

const std::vector<Column>& domainColumns() {
  static const std::vector<Column> columns = {column("DOMAIN", "/domain"),
                                              column("TYPE", "/types"),
                                              column("SERVER", "/addresses"),
                                              column("DIRECTORY", "/server"),
                                              column("ENABLED", "/settings/enabled"),
                                              column("DESCRIPTION", "/settings/description"),
                                              column("RESTART NEEDED", "/restartRequired")};
  return columns;
}

// What the plugin says of a contact domain, which has the settings of every domain.
json::value domainSchema(Context& context) {
  const auto types = context.client().get(path("admin", "server-types"));
  for (const auto& type : types.at("serverTypes").as_array()) {
    json::error_code missing;
    if (textAt(type, "/kind") != "directory") continue;
    if (const auto* found = type.find_pointer("/settings/properties/contacts/items", missing)) return *found;
  }
  throw Failure(ExitCode::failed, "no plugin brings a directory with contact domains");
}

json::object given(Context& context, const DomainOptions& options) {
  json::object settings;
  if (!options.settings.empty()) putSettings(settings, options.settings, domainSchema(context));
  return settings;
}

ExitCode addDomain(Context& context, const DomainOptions& options) {
  json::object body{{"domain", options.domain}, {"settings", given(context, options)}};
  if (!options.server.empty()) body["server"] = options.server;
  context.print(context.client().post(path("admin", "directory-domains"), body), "", domainColumns());
  return ExitCode::success;
}

ExitCode changeDomain(Context& context, const DomainOptions& options) {
  json::object body;
  if (!options.name.empty()) body["domain"] = options.name;
  if (!options.settings.empty()) body["settings"] = given(context, options);
  if (body.empty()) throw Failure(ExitCode::usage, "domains change: nothing to change; give --name or --set");
  context.print(context.client().patch(path("admin", "directory-domains", options.server, options.domain), body), "",
                domainColumns());
  return ExitCode::success;
}

ExitCode changePassword(Context& context, const DomainOptions& options) {
  const auto password = context.secret("the service account of " + options.domain);
  if (password.empty()) throw Failure(ExitCode::usage, "no password was given: type it, or pipe it in");
  context.print(context.client().put(path("admin", "directory-domains", options.server, options.domain, "password"),
                                     {{"password", password}}),
                "", domainColumns());
  return ExitCode::success;
}

void addSchedules(CLI::App& app, Context& context) {
  auto* schedules =
      app.add_subcommand("schedules", "When directories are synchronised by the clock")->require_subcommand(1);
  does(*schedules->add_subcommand("list", "List the schedules with their next runs"), context, [&] {
    context.print(context.client().get(path("admin", "directory-schedules")), "/schedules", scheduleColumns());
    return ExitCode::success;
  });
  auto* set = schedules->add_subcommand("set", "Synchronise a directory every day at this time");
  const auto options =
      does<ScheduleOptions>(*set, context, [&](const ScheduleOptions& o) { return schedule(context, o); });
  set->add_option("server", options->server, "Handle of the directory")->required();
  auto* off = set->add_flag("--off", options->off, "Not by the clock any more");
  set->add_option("--at", options->at, "Time of day, as 02:30")->excludes(off);
  set->add_option("--full-on", options->full_on, "Days of the week whose run is full, as sunday,wednesday")
      ->delimiter(',')
      ->check(CLI::IsMember({"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}));
  set->add_option("--weeks", options->weeks, "Full only in these weeks of the month, as 1,3")
      ->delimiter(',')
      ->check(CLI::Range(1, 4));
}

void addDomains(CLI::App& app, Context& context) {
  auto* domains = app.add_subcommand("domains", "The domains of directories")->require_subcommand(1);
  does(*domains->add_subcommand("list", "List domains, what they serve as, and their servers"), context, [&] {
    context.print(context.client().get(path("admin", "directory-domains")), "/domains", domainColumns());
    return ExitCode::success;
  });
  const auto command = [&](const char* verb, const char* text, ExitCode (*work)(Context&, const DomainOptions&)) {
    auto* made = domains->add_subcommand(verb, text);
    const auto options =
        does<DomainOptions>(*made, context, [&context, work](const DomainOptions& o) { return work(context, o); });
    return std::pair(made, options);
  };
  const auto named = [](CLI::App& made, DomainOptions& options) {
    made.add_option("server", options.server, "Handle of the directory")->required();
    made.add_option("domain", options.domain, "Name of the domain")->required();
  };
  const auto set = [](CLI::App& made, DomainOptions& options) {
    made.add_option("--set", options.settings, "A setting, NAME=VALUE; may be repeated")->expected(1)->take_all();
  };

  const auto [added, add_options] = command("add", "Add a contact domain", addDomain);
  added->add_option("domain", add_options->domain, "Fully qualified name")->required();
  added->add_option("--server", add_options->server, "Handle of the directory; may be left out when there is one");
  set(*added, *add_options);

  const auto [changed, change_options] = command("change", "Change a domain, or rename a contact domain", changeDomain);
  named(*changed, *change_options);
  changed->add_option("--name", change_options->name, "Its new name");
  set(*changed, *change_options);

  const auto [secret, secret_options] =
      command("password", "Change the service account's password: backup, stop, change, start", changePassword);
  named(*secret, *secret_options);

  const auto [removed, remove_options] =
      command("remove", "Remove a contact domain", [](Context& c, const DomainOptions& o) {
        c.client().remove(path("admin", "directory-domains", o.server, o.domain));
        c.streams.out << "Removed " << o.domain << ".\n";
        return ExitCode::success;
      });
  named(*removed, *remove_options);
}

}  // namespace

void addDirectoryCommands(CLI::App& app, Context& context) {
  addSchedules(app, context);
  addDomains(app, context);
}

}  // namespace jackfield::cli
