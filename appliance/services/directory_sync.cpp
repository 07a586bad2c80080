// SPDX-License-Identifier: Apache-2.0
// Synchronisation runs: one thread each, which decodes parts and hands them to the store while the plugin reads on.
#include "services/directory_sync.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include <jackfield/json.hpp>

#include "capabilities/directory.hpp"
#include "kernel/base/log.hpp"
#include "services/alarms.hpp"
#include "services/audit.hpp"
#include "services/context.hpp"
#include "services/counters.hpp"
#include "services/events.hpp"
#include "services/paging.hpp"
#include "services/servers.hpp"
#include "store/journal.hpp"
#include "store/people.hpp"

namespace jackfield::services {
namespace {

using model::Permission;
using model::Principal;
using model::Problem;
using Kind = Problem::Kind;

constexpr std::size_t told_reasons = 100;
constexpr std::int64_t progress_ms = 500;

const kernel::Log& log() {
  static const kernel::Log log("services.directorySync");
  return log;
}

void take(store::SyncRunRecord& run, const store::SyncCounts& counts) {
  run.seen = counts.seen;
  run.added = counts.added;
  run.changed = counts.changed;
  run.removed = counts.removed;
  run.unchanged = counts.unchanged;
  run.skipped = counts.skipped;
}

}  // namespace

struct DirectorySync::Impl {
  struct Running {
    store::SyncRunRecord record;
    std::jthread thread;
    bool over = false;
  };

  Impl(const Context& ground, const Servers& of) : context(ground), servers(of), directories(ground.plugins) {
    for (auto run : context.configuration.syncRuns(most_entries)) {
      if (run.state != "running") continue;
      run.state = "failed";
      run.text = "Jackfield was stopped while it ran; nothing was changed";
      run.ended = context.clock();
      context.configuration.saveSyncRun(run);
    }
  }

  const Context context;
  const Servers& servers;
  const capabilities::Directory directories;
  mutable std::mutex mutex;                // of what follows
  std::map<std::string, Running> running;  // by directory; an old thread stays until the next run or the end
  std::vector<std::function<void(const store::SyncRunRecord&)>> on_done;
  bool stopping = false;

  std::string directoryOf(const SyncInput& input) const {
    const auto enabled = servers.enabledOf("directory");
    if (input.server) {
      if (std::find(enabled.begin(), enabled.end(), *input.server) != enabled.end()) return *input.server;
      throw Problem(Kind::notFound, "sync.server",
                    "server: " + input.server->substr(0, 80) + " is not the handle of an enabled directory server");
    }
    if (enabled.size() == 1) return enabled.front();
    if (enabled.empty())
      throw Problem(Kind::conflict, "sync.noDirectory", "There is no enabled directory server to synchronise with.");
    throw Problem(Kind::conflict, "sync.which", "There are several directory servers; name one in \"server\".");
  }

  void tell(const store::SyncRunRecord& run) {
    store::JournalBatch batch;
    batch.events.push_back({"sync", toJsonText(run), {}});
    context.journal.append(std::move(batch), [&events = context.events](auto stored, auto) { events.publish(stored); });
  }

  void publish(const store::SyncRunRecord& run, bool over) {
    {
      const std::lock_guard lock(mutex);
      auto& place = running[run.directory];
      place.record = run;
      place.over = over;
    }
    tell(run);
  }

  // More than the share, and more than a handful: somebody changed a filter or emptied a branch by mistake.
  bool removesTooMany(const store::SyncCounts& counts) const {
    const auto known =
        std::max(counts.changed + counts.unchanged + counts.removed, context.people.search({}, 1, 0).total);
    return counts.removed > context.limits.removal_free && counts.removed * 100 > known * context.limits.removal_share;
  }

  void note(store::SyncRunRecord& run, const directory::SyncPart& part) const {
    for (const auto& skipped : part.skipped)
      if (run.skipped_reasons.size() < told_reasons) run.skipped_reasons.push_back(skipped.dn + ": " + skipped.reason);
  }

  // Copies what the directory tells into `changes`; returns the cursor for the next increment.
  std::string copy(store::SyncRunRecord& run, directory::SyncMode mode, std::string cursor, const std::stop_token& stop,
                   store::People::SyncRun& changes) {
    std::int64_t told = context.clock();
    directories.sync(run.directory, {mode, cursor}, context.limits.sync_timeout, stop, [&](const auto& part) {
      changes.add(part);
      note(run, part);
      if (!part.cursor.empty()) cursor = part.cursor;
      run.seen += part.entries.size();
      run.skipped += part.skipped.size();
      if (context.clock() - told < progress_ms) return;
      told = context.clock();
      publish(run, false);
    });
    return cursor;
  }

  // One attempt; throws Problem.
  void attempt(store::SyncRunRecord& run, directory::SyncMode mode, const std::string& since, bool confirmed,
               const std::stop_token& stop) {
    run.mode = nameOf(mode);
    auto changes = context.people.beginSync(run.directory, mode);
    const auto cursor = copy(run, mode, since, stop, changes);
    const auto counts = changes.counts();
    take(run, counts);
    if (!confirmed && removesTooMany(counts)) {
      run.state = "refused";
      run.text = "It would remove " + std::to_string(counts.removed) + " entries, more than " +
                 std::to_string(context.limits.removal_share) +
                 " of 100; nothing was changed. If that is meant, start it again and confirm the removals.";
      return;
    }
    take(run, changes.finish(cursor));
    run.state = "done";
  }

  // An increment that has nothing to begin at, or whose beginning the directory has forgotten, becomes a full run.
  void synchronise(store::SyncRunRecord& run, const SyncInput& input, const std::stop_token& stop) {
    using directory::SyncMode;
    const bool increment = input.mode == SyncMode::incremental;
    const std::string cursor = increment ? context.people.syncCursor(run.directory) : std::string();
    if (cursor.empty()) return attempt(run, SyncMode::full, {}, input.confirm_removals, stop);
    try {
      attempt(run, SyncMode::incremental, cursor, input.confirm_removals, stop);
    } catch (const Problem& problem) {
      if (problem.code() != "directory.sync.cursor") throw;
      log().info("sync.fullInstead", {{"server", run.directory}, {"reason", problem.what()}});
      attempt(run, SyncMode::full, {}, input.confirm_removals, stop);
    }
  }

  void work(store::SyncRunRecord run, const SyncInput& input, const std::stop_token& stop) {
    try {
      synchronise(run, input, stop);
    } catch (const std::exception& error) {
      run.state = "failed";
      run.text = error.what();
    }
    run.ended = context.clock();
    conclude(run);
  }

  void conclude(const store::SyncRunRecord& run) {
    try {
      context.configuration.saveSyncRun(run);
    } catch (const Problem& problem) {
      log().error("sync.unstored", {{"server", run.directory}, {"reason", problem.what()}});
    }
    if (run.state == "done") {
      context.alarms.clear("sync.failed", run.directory);
      log().info("sync.done", {{"server", run.directory}, {"seen", std::to_string(run.seen)}});
    } else {
      context.counters.sync_failures.add();
      context.alarms.raise("sync.failed", run.directory, "major",
                           run.directory + ": the synchronisation was not completed: " + run.text);
    }
    std::vector<std::function<void(const store::SyncRunRecord&)>> listeners;
    {
      const std::lock_guard lock(mutex);
      listeners = on_done;
    }
    for (const auto& listener : listeners) listener(run);
    // Last, so that whoever sees the end sees all that follows from it too.
    publish(run, true);
  }
};

DirectorySync::DirectorySync(const Context& context, const Servers& servers)
    : impl_(std::make_unique<Impl>(context, servers)) {}
DirectorySync::~DirectorySync() {
  stop();
}

store::SyncRunRecord DirectorySync::start(const Principal& principal, const SyncInput& input) {
  auto& me = *impl_;
  me.context.audit.require(principal, Permission::changeSystem, "sync.start", input.server.value_or(""));
  store::SyncRunRecord run;
  run.directory = me.directoryOf(input);
  run.mode = nameOf(input.mode);
  run.state = "running";
  run.started = me.context.clock();
  std::jthread old;
  {
    const std::lock_guard lock(me.mutex);
    if (me.stopping) throw Problem(Kind::unavailable, "system.stopping", "Jackfield is stopping; try again soon");
    auto& place = me.running[run.directory];
    if (place.record.state == "running" && !place.over)
      throw Problem(Kind::conflict, "sync.running", run.directory + ": a synchronisation is running already");
    place.record = run;
    place.over = false;
    old = std::move(place.thread);
  }
  if (old.joinable()) old.join();  // it has concluded and is about to return
  try {
    run.id = me.context.configuration.saveSyncRun(run);
    me.context.audit.record(principal, "sync.start", run.directory, {}, boost::json::serialize(toJson(input)));
  } catch (...) {
    const std::lock_guard lock(me.mutex);
    me.running[run.directory].over = true;
    throw;
  }
  me.context.counters.sync_runs.add();
  me.publish(run, false);
  const std::lock_guard lock(me.mutex);
  me.running[run.directory].thread =
      std::jthread([&me, run, input](const std::stop_token& stop) { me.work(run, input, stop); });
  if (me.stopping) me.running[run.directory].thread.request_stop();
  return run;
}

std::vector<store::SyncRunRecord> DirectorySync::runs(const Principal& principal, std::size_t limit) const {
  principal.require(Permission::monitor);
  requireLimit(limit);
  auto out = impl_->context.configuration.syncRuns(limit);
  // What runs is further than its row.
  const std::lock_guard lock(impl_->mutex);
  for (auto& run : out)
    if (const auto live = impl_->running.find(run.directory);
        live != impl_->running.end() && live->second.record.id == run.id)
      run = live->second.record;
  return out;
}

store::SyncRunRecord DirectorySync::run(const Principal& principal, std::uint64_t id) const {
  for (auto& run : runs(principal, most_entries))
    if (run.id == id) return std::move(run);
  throw Problem(Kind::notFound, "sync.unknown", "run: there is none of this number among the latest");
}

bool DirectorySync::isRunning() const {
  const std::lock_guard lock(impl_->mutex);
  return std::any_of(impl_->running.begin(), impl_->running.end(),
                     [](const auto& one) { return one.second.record.state == "running" && !one.second.over; });
}

void DirectorySync::forget(const std::string& server) {
  std::jthread thread;
  {
    const std::lock_guard lock(impl_->mutex);
    if (const auto found = impl_->running.find(server); found != impl_->running.end())
      thread = std::move(found->second.thread);
  }
  thread.request_stop();
  if (thread.joinable()) thread.join();
  impl_->context.people.removeDirectory(server);
}

void DirectorySync::onDone(std::function<void(const store::SyncRunRecord&)> listener) {
  const std::lock_guard lock(impl_->mutex);
  impl_->on_done.push_back(std::move(listener));
}

void DirectorySync::stop() {
  std::vector<std::jthread> threads;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    for (auto& [directory, running] : impl_->running) threads.push_back(std::move(running.thread));
  }
  for (auto& thread : threads) thread.request_stop();
  for (auto& thread : threads)
    if (thread.joinable()) thread.join();
}

}  // namespace jackfield::services
