// SPDX-License-Identifier: Apache-2.0
// Synchronises people from a directory and shows how it goes.
#include <chrono>
#include <ostream>
#include <thread>

#include <unistd.h>

#include "cli/commands/commands.hpp"

namespace jackfield::cli {

namespace {

struct SyncOptions {
  std::string server;
  bool full = false, incremental = false, wait = false, confirm_removals = false, list = false;
};

const std::vector<Column>& runColumns() {
  static const std::vector<Column> columns = {
      column("RUN", "/id"),          column("DIRECTORY", "/directory"), column("MODE", "/mode"),
      column("STATE", "/state"),     timeColumn("STARTED", "/started"), timeColumn("ENDED", "/ended"),
      column("SEEN", "/seen"),       column("ADDED", "/added"),         column("CHANGED", "/changed"),
      column("REMOVED", "/removed"), column("UNCHANGED", "/unchanged"), column("SKIPPED", "/skipped"),
      column("TEXT", "/text")};
  return columns;
}

// On a terminal one line that changes; elsewhere, as in a log, one line at the end.
boost::json::value awaitEnd(Context& context, boost::json::value run) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const auto at = path("admin", "directory-sync", textAt(run, "/id"));
  while (textAt(run, "/state") == "running") {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the interval of asking, not a wait for luck
    run = context.client().get(at);
    if (terminal) context.streams.err << "\r" << textAt(run, "/seen") << " entries seen" << std::flush;
  }
  if (terminal) context.streams.err << "\n";
  return run;
}

ExitCode synchronise(Context& context, const SyncOptions& options) {
  boost::json::object body = {{"mode", options.incremental ? "incremental" : "full"}};
  if (!options.server.empty()) body["server"] = options.server;
  if (options.confirm_removals) body["confirmRemovals"] = true;
  auto run = context.client().post(path("admin", "directory-sync"), body);
  if (options.wait) run = awaitEnd(context, run);
  context.print(run, "", runColumns());
  const auto* reasons = run.as_object().if_contains("skippedReasons");
  if (context.format == Format::table && reasons && reasons->is_array())
    for (const auto& reason : reasons->get_array()) context.streams.err << "skipped: " << textAt(reason, "") << "\n";
  const auto state = textAt(run, "/state");
  return state == "failed" || state == "refused" ? ExitCode::failed : ExitCode::success;
}

}  // namespace

void addSyncCommand(CLI::App& app, Context& context) {
  auto* sync = app.add_subcommand("sync", "Synchronise people from a directory");
  const auto options = does<SyncOptions>(*sync, context, [&](const SyncOptions& o) {
    if (!o.list) return synchronise(context, o);
    context.print(context.client().get(path("admin", "directory-sync")), "/runs", runColumns());
    return ExitCode::success;
  });
  sync->add_option("--server", options->server, "Handle of the directory; may be left out when there is one");
  auto* full = sync->add_flag("--full", options->full, "Compare every entry (the default)");
  sync->add_flag("--incremental", options->incremental, "Ask only for what changed")->excludes(full);
  sync->add_flag("--wait", options->wait, "Show how it goes and end with its result");
  sync->add_flag("--confirm-removals", options->confirm_removals,
                 "Allow a run that was refused for removing too many people");
  sync->add_flag("--list", options->list, "List the last runs instead");
}

}  // namespace jackfield::cli
