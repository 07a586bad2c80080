// SPDX-License-Identifier: Apache-2.0
// Dial plans: what they are, what they make of numbers, and which server uses which.
#include <ostream>

#include "cli/commands/commands.hpp"
#include "cli/yaml.hpp"

namespace jackfield::cli {

namespace {

namespace json = boost::json;

struct PlanOptions {
  std::string handle, file;
  std::vector<std::string> numbers;
};

struct UseOptions {
  std::string server, plan;
  bool keep_ars = false, ars_overlaps = false;
};

const std::vector<Column>& planColumns() {
  static const std::vector<Column> columns = {
      column("HANDLE", "/plan/handle"),
      column("PBX MAIN", "/plan/pbxMain"),
      column("ARS", "/plan/ars"),
      column("REGIONAL", "/plan/regional"),
      {"LENGTHS",
       [](const json::value& row) {
         return textAt(row, "/plan/nationalLength") + "/" + textAt(row, "/plan/localLength") + "/" +
                textAt(row, "/plan/extensionLength");
       }},
      column("SERVERS", "/servers"),
      column("REVISION", "/revision"),
  };
  return columns;
}

const std::vector<Column>& numberingColumns() {
  static const std::vector<Column> columns = {column("DIAL PLAN", "/dialPlan"), column("REMOVE ARS", "/removeArs"),
                                              column("ARS OVERLAPS", "/arsOverlapsWithExtension")};
  return columns;
}

json::value planOf(Context& context, const PlanOptions& options) {
  if (!options.file.empty()) return context.document(options.file);
  if (options.handle.empty()) throw Failure(ExitCode::usage, "dial-plans test: which one? Give --plan or --file");
  return context.client().get(path("admin", "dial-plans", options.handle)).at("plan");
}

ExitCode show(Context& context, const PlanOptions& options) {
  const auto plan = planOf(context, options);
  if (context.format == Format::json)
    printJson(context.streams.out, plan);
  else
    context.streams.out << toYaml(plan);
  return ExitCode::success;
}

// A new plan is made, one that is there is changed.
ExitCode save(Context& context, const PlanOptions& options) {
  const auto plan = context.document(options.file);
  const std::string handle = textAt(plan, "/handle");
  const auto known = context.client().get(path("admin", "dial-plans"));
  json::value saved;
  for (const auto& one : known.at("dialPlans").as_array())
    if (textAt(one, "/plan/handle") == handle)
      saved =
          context.client().put(path("admin", "dial-plans", handle), {{"plan", plan}, {"revision", one.at("revision")}});
  if (saved.is_null()) saved = context.client().post(path("admin", "dial-plans"), {{"plan", plan}});
  context.print(saved, "", planColumns());
  if (context.format == Format::table && !saved.at("servers").as_array().empty())
    context.streams.err << "Numbers that these servers know already follow when they are synchronised: "
                        << textAt(saved, "/servers") << "\n";
  return ExitCode::success;
}

void tell(Context& context, const json::value& found) {
  for (const auto& fault : found.at("faults").as_array())
    context.streams.err << "error: " << textAt(fault, "/pointer") << ": " << textAt(fault, "/value") << " "
                        << textAt(fault, "/rule") << "\n";
  for (const auto& warning : found.at("warnings").as_array())
    context.streams.err << "warning: " << textAt(warning, "/text") << "\n";
  for (const auto& sample : found.at("samples").as_array())
    if (!sample.at("good").as_bool())
      context.streams.err << "error: sample " << textAt(sample, "/sample/number") << " gives "
                          << textAt(sample, "/result/output") << ", not " << textAt(sample, "/sample/expected") << "\n";
}

// Faults and samples that no longer hold make it fail, so that a script can rely on it.
ExitCode test(Context& context, const PlanOptions& options) {
  const json::value body{{"plan", planOf(context, options)}, {"numbers", json::value_from(options.numbers)}};
  const auto found = context.client().post(path("admin", "dial-plans", "examination"), body);
  context.print(found, "/conversions",
                {column("NUMBER", "/number"), column("DIALABLE", "/dialable/output"),
                 column("BY", "/dialable/algorithm"), column("RULE", "/dialable/rule"),
                 column("DISPLAYED", "/display/output"), column("EXTENSION TO CELLULAR", "/ops/output")});
  if (context.format == Format::table) tell(context, found);
  bool good = found.at("faults").as_array().empty();
  for (const auto& sample : found.at("samples").as_array()) good = good && sample.at("good").as_bool();
  return good ? ExitCode::success : ExitCode::failed;
}

ExitCode use(Context& context, const UseOptions& options) {
  const json::value body{
      {"dialPlan", options.plan}, {"removeArs", !options.keep_ars}, {"arsOverlapsWithExtension", options.ars_overlaps}};
  context.print(context.client().put(path("admin", "servers", options.server, "numbering"), body), "",
                numberingColumns());
  return ExitCode::success;
}

}  // namespace

void addDialPlanCommands(CLI::App& app, Context& context) {
  auto* plans = app.add_subcommand("dial-plans", "How numbers are dialled and shown")->require_subcommand(1);
  does(*plans->add_subcommand("list", "List the dial plans and the servers that use them"), context, [&] {
    context.print(context.client().get(path("admin", "dial-plans")), "/dialPlans", planColumns());
    return ExitCode::success;
  });
  const auto command = [&](const char* verb, const char* text, ExitCode (*work)(Context&, const PlanOptions&)) {
    auto* made = plans->add_subcommand(verb, text);
    const auto options =
        does<PlanOptions>(*made, context, [&context, work](const PlanOptions& o) { return work(context, o); });
    return std::pair(made, options);
  };

  const auto [shown, show_options] = command("show", "Print a dial plan as YAML for save", show);
  shown->add_option("handle", show_options->handle, "Handle of the dial plan")->required();

  const auto [saved, save_options] = command("save", "Make or change a dial plan", save);
  saved->add_option("-f,--file", save_options->file, "YAML or JSON file; -: standard input")->required();

  const auto [tested, test_options] =
      command("test", "Look for faults in a dial plan, saved or in a file, and convert numbers with it", test);
  auto* handle = tested->add_option("--plan", test_options->handle, "Handle of a dial plan");
  tested->add_option("-f,--file", test_options->file, "YAML or JSON file; -: standard input")->excludes(handle);
  tested->add_option("numbers", test_options->numbers, "Numbers to convert");

  const auto [removed, remove_options] =
      command("remove", "Remove a dial plan; its servers are left without one", [](Context& c, const PlanOptions& o) {
        c.client().remove(path("admin", "dial-plans", o.handle));
        c.streams.out << "Removed " << o.handle << ".\n";
        return ExitCode::success;
      });
  removed->add_option("handle", remove_options->handle, "Handle of the dial plan")->required();

  auto* used = plans->add_subcommand("use", "Give a server a dial plan, in force at once");
  const auto options = does<UseOptions>(*used, context, [&](const UseOptions& o) { return use(context, o); });
  used->add_option("server", options->server, "Handle of the server")->required();
  used->add_option("plan", options->plan, "Handle of the dial plan; none: take it away");
  auto* keep =
      used->add_flag("--keep-ars", options->keep_ars, "Show dialled numbers with the outside line access code");
  used->add_flag("--ars-overlaps", options->ars_overlaps, "Extensions may begin with the outside line access code")
      ->excludes(keep);
}

}  // namespace jackfield::cli
