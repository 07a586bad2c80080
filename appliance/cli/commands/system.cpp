// SPDX-License-Identifier: Apache-2.0
// The appliance at a glance: status, plugins, alarms, audit.
#include <ostream>

#include "cli/commands/commands.hpp"

namespace jackfield::cli {

namespace {

struct ListOptions {
  bool open = false;
  int limit = 50;
};

const std::vector<Column>& serverStatusColumns() {
  static const std::vector<Column> columns = {column("SERVER", "/handle"), column("KIND", "/kind"),
                                              column("STATE", "/state"), column("REASON", "/reason"),
                                              timeColumn("SINCE", "/since")};
  return columns;
}

// 1 when a server or an alarm needs a look, so that a script can ask.
ExitCode healthOf(const boost::json::value& status) {
  if (textAt(status, "/openAlarms") != "0") return ExitCode::partial;
  const auto* servers = status.as_object().if_contains("servers");
  if (!servers || !servers->is_array()) return ExitCode::success;
  for (const auto& server : servers->get_array())
    if (textAt(server, "/state") == "down") return ExitCode::partial;
  return ExitCode::success;
}

ExitCode showStatus(Context& context) {
  const auto status = context.client().get(path("admin", "status"));
  const auto of = [](const char* title, const std::string& value, const std::string& limit) {
    return Column{title, [value, limit](const boost::json::value& row) {
                    return textAt(row, value) + " of " + textAt(row, limit);
                  }};
  };
  context.printOne(status,
                   {column("Version", "/version"), timeColumn("Started", "/started"),
                    of("People signed in", "/activeUsers", "/activeUsersLimit"), column("Sessions", "/sessions"),
                    column("Users", "/users"), of("With telephony", "/administeredUsers", "/administeredUsersLimit"),
                    column("Live calls", "/liveCalls"), column("Event readers", "/eventReaders"),
                    column("Open alarms", "/openAlarms")});
  if (context.format == Format::table && status.is_object()) {
    context.streams.out << "\n";
    context.print(status, "/servers", serverStatusColumns());
  }
  return status.is_object() ? healthOf(status) : ExitCode::success;
}

}  // namespace

void addSystemCommands(CLI::App& app, Context& context) {
  does(*app.add_subcommand("status", "Show how the appliance is; ends with 1 when something needs a look"), context,
       [&] { return showStatus(context); });

  does(*app.add_subcommand("plugins", "List plugins, what they offer, and why one is not loaded"), context, [&] {
    context.print(
        context.client().get(path("admin", "plugins")), "/plugins",
        {column("ID", "/id"), column("VERSION", "/version"), column("LOADED", "/loaded"),
         column("CAPABILITIES", "/capabilities"), column("SERVER TYPES", "/serverTypes"), column("REASON", "/reason")});
    return ExitCode::success;
  });

  auto* alarms = app.add_subcommand("alarms", "List alarms, newest first");
  const auto alarm_options = does<ListOptions>(*alarms, context, [&](const ListOptions& options) {
    context.print(context.client().get(path("admin", "alarms"), {{"open", options.open ? "true" : "false"},
                                                                 {"limit", std::to_string(options.limit)}}),
                  "/alarms",
                  {timeColumn("RAISED", "/raised"), timeColumn("CLEARED", "/cleared"), column("SEVERITY", "/severity"),
                   column("SUBJECT", "/subject"), column("CODE", "/code"), column("TEXT", "/text")});
    return ExitCode::success;
  });
  alarms->add_flag("--open", alarm_options->open, "Only those that are still up");
  alarms->add_option("--limit", alarm_options->limit, "How many")->check(CLI::Range(1, 200));

  auto* audit = app.add_subcommand("audit", "List who did what, newest first");
  const auto audit_options = does<ListOptions>(*audit, context, [&](const ListOptions& options) {
    context.print(context.client().get(path("admin", "audit"), {{"limit", std::to_string(options.limit)}}), "/entries",
                  {timeColumn("TIME", "/time"), column("WHO", "/who"), column("ADDRESS", "/address"),
                   column("ACTION", "/action"), column("OBJECT", "/object")});
    return ExitCode::success;
  });
  audit->add_option("--limit", audit_options->limit, "How many")->check(CLI::Range(1, 200));
}

}  // namespace jackfield::cli
