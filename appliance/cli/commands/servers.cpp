// SPDX-License-Identifier: Apache-2.0
// The servers that Jackfield works with: call servers, directories and what other plugins bring.
#include <istream>
#include <ostream>
#include <string>

#include "cli/commands/commands.hpp"
#include "cli/commands/server_settings.hpp"

namespace jackfield::cli {

namespace {

struct ServerOptions {
  std::string handle, type, description;
  std::vector<std::string> settings;
  bool disabled = false, enabled = false;
};

const std::vector<Column>& listColumns() {
  static const std::vector<Column> columns = {
      column("HANDLE", "/handle"),   column("TYPE", "/type"),
      column("KIND", "/kind"),       column("ENABLED", "/enabled"),
      column("STATE", "/state"),     column("REASON", "/reason"),
      timeColumn("SINCE", "/since"), column("RESTART NEEDED", "/restartRequired")};
  return columns;
}

std::string memoryOf(const boost::json::value& row) {
  const std::string used = textAt(row, "/memoryMb"), limit = textAt(row, "/memoryLimitMb");
  return limit == "0" ? used + " MB" : used + " of " + limit + " MB";
}

// "files, network; not systemCalls: why".
std::string confinementOf(const boost::json::value& server) {
  std::string holding;
  std::string missing;
  for (const auto& measure : server.at("confinement").as_array()) {
    const auto name = textAt(measure, "/name");
    if (measure.at("holds").as_bool())
      holding += (holding.empty() ? "" : ", ") + name;
    else
      missing += "; not " + name + ": " + textAt(measure, "/reason");
  }
  return holding.empty() && missing.empty() ? "none" : holding + missing;
}

std::vector<Column> detailColumns(const boost::json::value& server) {
  std::vector<Column> columns = {column("Handle", "/handle"),
                                 column("Type", "/type"),
                                 column("Kind", "/kind"),
                                 column("Plugin", "/plugin"),
                                 column("Description", "/description"),
                                 column("Enabled", "/enabled"),
                                 column("State", "/state"),
                                 column("Reason", "/reason"),
                                 timeColumn("Since", "/since"),
                                 column("Own process", "/ownProcess"),
                                 {"Memory", memoryOf},
                                 {"Confinement", confinementOf},
                                 column("Restart needed", "/restartRequired")};
  for (const char* channel : {"admin", "client", "system"}) {
    const std::string at = std::string("/counters/") + channel;
    columns.push_back({std::string("Messages, ") + channel, [at](const boost::json::value& row) {
                         return textAt(row, at + "/received") + " received, " + textAt(row, at + "/failed") +
                                " failed, " + textAt(row, at + "/timedOut") + " timed out, " +
                                textAt(row, at + "/outstanding") + " outstanding";
                       }});
  }
  const auto* settings = server.as_object().if_contains("settings");
  if (settings && settings->is_object())
    for (const auto& setting : settings->get_object())
      columns.push_back(column("  " + std::string(setting.key()), "/settings/" + std::string(setting.key())));
  return columns;
}

boost::json::value schemaOf(Context& context, const std::string& type) {
  const auto types = context.client().get(path("admin", "server-types"));
  std::string known;
  for (const auto& entry : types.at("serverTypes").as_array()) {
    if (textAt(entry, "/type") == type) return entry.at("settings");
    known += (known.empty() ? "" : ", ") + textAt(entry, "/type");
  }
  throw Failure(ExitCode::usage, "--type: " + type + " is not a server type; the plugins bring: " + known);
}

void show(Context& context, const boost::json::value& server) {
  context.printOne(server, context.format == Format::csv ? listColumns() : detailColumns(server));
}

ExitCode add(Context& context, const ServerOptions& options) {
  boost::json::object settings;
  putSettings(settings, options.settings, schemaOf(context, options.type));
  show(context, context.client().post(path("admin", "servers"), {{"handle", options.handle},
                                                                 {"type", options.type},
                                                                 {"description", options.description},
                                                                 {"enabled", !options.disabled},
                                                                 {"settings", settings}}));
  return ExitCode::success;
}

// Settings that are not named keep their values; the revision that was read guards against a change in between.
ExitCode change(Context& context, const ServerOptions& options) {
  const auto at = path("admin", "servers", options.handle);
  const auto server = context.client().get(at);
  auto settings = server.at("settings").as_object();
  putSettings(settings, options.settings, schemaOf(context, textAt(server, "/type")));
  bool enabled = server.at("enabled").as_bool();
  if (options.enabled || options.disabled) enabled = options.enabled;
  show(context, context.client().put(at, {{"description", options.description.empty() ? textAt(server, "/description")
                                                                                      : options.description},
                                          {"enabled", enabled},
                                          {"settings", settings},
                                          {"revision", server.at("revision")}}));
  return ExitCode::success;
}

// Saved settings, with those of --set in their place; nothing is saved.
ExitCode test(Context& context, const ServerOptions& options) {
  const auto server = context.client().get(path("admin", "servers", options.handle));
  const auto type = textAt(server, "/type");
  auto settings = server.at("settings").as_object();
  if (!options.settings.empty()) putSettings(settings, options.settings, schemaOf(context, type));
  const auto result = context.client().post(path("admin", "servers", "test"),
                                            {{"handle", options.handle}, {"type", type}, {"settings", settings}});
  context.print(
      result, "/findings",
      {column("SEVERITY", "/severity"), column("ITEM", "/item"), column("CODE", "/code"), column("TEXT", "/text")});
  ExitCode worst = ExitCode::success;
  for (const auto& finding : result.at("findings").as_array()) {
    const auto severity = textAt(finding, "/severity");
    if (severity == "error") return ExitCode::failed;
    if (severity == "warning") worst = ExitCode::partial;
  }
  return worst;
}

struct RemoveOptions {
  std::string handle;
  bool yes = false;
};

// SRV-010.
ExitCode remove(Context& context, const RemoveOptions& options) {
  if (!options.yes) {
    context.streams.err << "Remove " << options.handle << " for good? Answer Yes: " << std::flush;
    std::string answer;
    std::getline(context.streams.in, answer);
    if (answer != "Yes" && answer != "yes") throw Failure(ExitCode::usage, "nothing was removed");
  }
  context.client().remove(path("admin", "servers", options.handle));
  context.streams.out << "Removed " << options.handle << ".\n";
  return ExitCode::success;
}

ExitCode listTypes(Context& context) {
  const auto types = context.client().get(path("admin", "server-types"));
  const Column settings{"SETTINGS", [](const boost::json::value& type) {
                          std::string names;
                          const auto* properties = type.at("settings").as_object().if_contains("properties");
                          if (properties && properties->is_object())
                            for (const auto& property : properties->get_object())
                              names += (names.empty() ? "" : ", ") + std::string(property.key());
                          return names;
                        }};
  context.print(types, "/serverTypes",
                {column("TYPE", "/type"), column("KIND", "/kind"), column("LABEL", "/label"),
                 column("PLUGIN", "/plugin"), column("WHEN IT FAILS", "/whenFailing/policy"), settings});
  return ExitCode::success;
}

void addOperations(CLI::App& servers, Context& context) {
  const std::pair<const char*, const char*> operations[] = {
      {"suspend", "Stop using a server without forgetting it"},
      {"resume", "Use a suspended server again"},
      {"restart", "Stop and start it, so that settings that need it take effect"}};
  for (const auto& [verb, text] : operations) {
    auto* command = servers.add_subcommand(verb, text);
    const std::string name = verb;
    const auto handle = does<std::string>(*command, context, [&context, name](const std::string& h) {
      show(context, context.client().post(path("admin", "servers", h, name), nullptr));
      return ExitCode::success;
    });
    command->add_option("handle", *handle, "Handle of the server")->required();
  }
}

void addChanging(CLI::App& servers, Context& context) {
  const auto command = [&](const char* verb, const char* text, ExitCode (*work)(Context&, const ServerOptions&)) {
    auto* made = servers.add_subcommand(verb, text);
    const auto options =
        does<ServerOptions>(*made, context, [&context, work](const ServerOptions& o) { return work(context, o); });
    made->add_option("handle", options->handle, "Handle of the server")->required();
    return std::pair(made, options);
  };
  const auto describe = [](CLI::App& made, ServerOptions& options) {
    made.add_option("--description", options.description, "A few words for people");
  };
  const auto set = [](CLI::App& made, ServerOptions& options) {
    made.add_option("--set", options.settings, "A setting, NAME=VALUE; may be repeated (see: servers types)")
        ->expected(1)
        ->take_all();
  };

  const auto [added, add_options] = command("add", "Configure a server", add);
  added->add_option("--type", add_options->type, "Server type (see: servers types)")->required();
  added->add_flag("--disabled", add_options->disabled, "Configure it without starting it");
  describe(*added, *add_options);
  set(*added, *add_options);

  const auto [changed, change_options] = command("change", "Change settings of a server", change);
  auto* enable = changed->add_flag("--enable", change_options->enabled, "Use it");
  changed->add_flag("--disable", change_options->disabled, "Do not use it")->excludes(enable);
  describe(*changed, *change_options);
  set(*changed, *change_options);

  const auto [tested, test_options] =
      command("test", "Try a server with its settings, or with others that are not saved", test);
  set(*tested, *test_options);
}

}  // namespace

void addServerCommands(CLI::App& app, Context& context) {
  auto* servers = app.add_subcommand("servers", "The servers that Jackfield works with")->require_subcommand(1);
  does(*servers->add_subcommand("list", "List servers and their state"), context, [&] {
    context.print(context.client().get(path("admin", "servers")), "/servers", listColumns());
    return ExitCode::success;
  });
  does(*servers->add_subcommand("types", "List server types and the names of their settings"), context,
       [&] { return listTypes(context); });

  auto* shown = servers->add_subcommand("show", "Show one server with settings and counters");
  const auto shown_handle = does<std::string>(*shown, context, [&](const std::string& handle) {
    show(context, context.client().get(path("admin", "servers", handle)));
    return ExitCode::success;
  });
  shown->add_option("handle", *shown_handle, "Handle of the server")->required();

  addChanging(*servers, context);
  addOperations(*servers, context);

  auto* removed = servers->add_subcommand("remove", "Forget a server that no user refers to; asks first");
  const auto remove_options =
      does<RemoveOptions>(*removed, context, [&](const RemoveOptions& options) { return remove(context, options); });
  removed->add_option("handle", remove_options->handle, "Handle of the server")->required();
  removed->add_flag("--yes", remove_options->yes, "Do not ask");
}

}  // namespace jackfield::cli
