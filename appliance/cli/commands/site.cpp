// SPDX-License-Identifier: Apache-2.0
// The whole configuration as one file: apply and export.
#include <ostream>

#include "cli/commands/commands.hpp"
#include "cli/yaml.hpp"

namespace jackfield::cli {

namespace {

struct ApplyOptions {
  std::string file;
  bool dry_run = false;
};

ExitCode apply(Context& context, const ApplyOptions& options) {
  const auto document = context.document(options.file);
  if (!document.is_object())
    throw Failure(ExitCode::usage, options.file + " is no configuration; it begins with: version: 1");
  Query query;
  if (options.dry_run) query.emplace_back("dryRun", "true");
  const auto result = context.client().post(path("admin", "configuration"), document, query);
  const auto* changes = result.as_object().if_contains("changes");
  if (context.format == Format::table && (!changes || changes->as_array().empty())) {
    context.streams.out << "Nothing to change.\n";
    return ExitCode::success;
  }
  context.print(result, "/changes",
                {column("ACTION", "/action"), column("OBJECT", "/object"), column("WHAT", "/what")});
  if (context.format == Format::table)
    context.streams.out << (options.dry_run ? "Nothing was changed: this was a dry run.\n" : "Applied.\n");
  return ExitCode::success;
}

}  // namespace

void addSiteCommands(CLI::App& app, Context& context) {
  auto* applied = app.add_subcommand("apply", "Make the configuration what a file says; what it does not name stays");
  const auto options = does<ApplyOptions>(*applied, context, [&](const ApplyOptions& o) { return apply(context, o); });
  applied->add_option("-f,--file", options->file, "YAML or JSON file; -: standard input")->required();
  applied->add_flag("--dry-run", options->dry_run, "Only show what would change");

  does(*app.add_subcommand("export", "Print the whole configuration as YAML for apply; secrets are left out"), context,
       [&] {
         const auto document = context.client().get(path("admin", "configuration"));
         if (context.format == Format::json)
           printJson(context.streams.out, document);
         else
           context.streams.out << toYaml(document);
         return ExitCode::success;
       });
}

}  // namespace jackfield::cli
