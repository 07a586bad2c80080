// SPDX-License-Identifier: Apache-2.0
// The schedules of directories and the runs that are due by them.
#include "services/directory_schedule.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include <jackfield/json.hpp>

#include "kernel/base/log.hpp"
#include "services/alarms.hpp"
#include "services/audit.hpp"
#include "services/context.hpp"
#include "services/directory_sync.hpp"
#include "services/servers.hpp"

namespace jackfield::services {
namespace {

using model::Permission;
using model::Principal;
using model::Problem;
using model::SyncDue;
using model::SyncSchedule;

// As it is stored: up to where its runs are done.
struct Stored {
  SyncSchedule schedule;
  std::int64_t handled = 0;  // ms since 1970
};
BOOST_DESCRIBE_STRUCT(Stored, (), (schedule, handled))

// A directory that cannot be reached is asked again; the alarm of the failure stands meanwhile.
constexpr std::int64_t retry_ms = 15 * 60 * 1000;

const kernel::Log& log() {
  static const kernel::Log log("services.directorySchedule");
  return log;
}

std::string documentOf(const std::string& server) {
  return "directorySchedule/" + server;
}

std::string modeOf(bool full) {
  return nameOf(full ? directory::SyncMode::full : directory::SyncMode::incremental);
}

}  // namespace

struct DirectorySchedule::Impl {
  Impl(const Context& ground, const Servers& of, DirectorySync& runs) : context(ground), servers(of), sync(runs) {
    sync.onDone([this](const store::SyncRunRecord& run) { finished(run); });
  }

  const Context context;
  const Servers& servers;
  DirectorySync& sync;
  mutable std::mutex mutex;                        // of what follows, and of what is stored
  std::map<std::string, std::int64_t> started;     // by server: when the run of the clock that goes on was due
  std::map<std::string, std::int64_t> not_before;  // by server: after a failure

  Stored stored(const std::string& server) const {
    const auto document = context.configuration.document(documentOf(server));
    return document ? fromJson<Stored>(*document) : Stored();
  }
  void save(const std::string& server, const Stored& what) {
    context.configuration.saveDocument(documentOf(server), toJson(what));
  }

  void requireServer(const std::string& server) const {
    const auto known = servers.handlesOf("directory");
    if (std::find(known.begin(), known.end(), server) == known.end())
      throw Problem(Problem::Kind::notFound, "sync.server",
                    "server: " + server.substr(0, 80) + " is not the handle of a directory server");
  }
  bool isEnabled(const std::string& server) const {
    const auto enabled = servers.enabledOf("directory");
    return std::find(enabled.begin(), enabled.end(), server) != enabled.end();
  }

  SyncScheduleView view(const std::string& server, const Stored& now) const {
    const auto& s = now.schedule;
    SyncScheduleView out{server, s, 0, {}};
    if (!s.enabled || !isEnabled(server)) return out;
    const auto missed = dueRun(s, now.handled, context.clock());
    const SyncDue next = missed ? *missed : nextRun(s, std::max(now.handled, context.clock()));
    const auto again = not_before.find(server);
    out.next_run = again == not_before.end() ? next.time : std::max(next.time, again->second);
    out.next_mode = modeOf(next.full);
    return out;
  }

  std::optional<SyncDue> dueNow(const std::string& server) {
    const std::lock_guard lock(mutex);
    const std::int64_t now = context.clock();
    if (started.contains(server)) return std::nullopt;
    if (const auto again = not_before.find(server); again != not_before.end() && now < again->second)
      return std::nullopt;
    const auto at = stored(server);
    return dueRun(at.schedule, at.handled, now);
  }

  // One directory at a time: a run of the clock waits for every other, whoever started it, and for its server's start.
  void lookAt(const std::string& server) {
    const auto due = dueNow(server);
    if (!due || sync.isRunning() || !servers.isSettled(server)) return;
    SyncInput input;
    input.server = server;
    input.mode = due->full ? directory::SyncMode::full : directory::SyncMode::incremental;
    {
      const std::lock_guard lock(mutex);
      started[server] = due->time;
    }
    try {
      sync.start(model::jackfieldItself(), input);
      log().info("sync.scheduled", {{"server", server}, {"mode", nameOf(input.mode)}});
    } catch (const Problem& problem) {
      log().warning("sync.unstarted", {{"server", server}, {"reason", problem.what()}});
      const std::lock_guard lock(mutex);
      started.erase(server);
    }
  }

  // On the run's thread. One that failed, or that the end of the host cut short, stays due; a refused one waits for a
  // person.
  void finished(const store::SyncRunRecord& run) {
    const std::lock_guard lock(mutex);
    not_before.erase(run.directory);
    const auto found = started.find(run.directory);
    if (found == started.end()) return;
    const std::int64_t due = found->second;
    started.erase(found);
    if (run.state == "failed") {
      not_before[run.directory] = context.clock() + retry_ms;
      return;
    }
    try {
      auto now = stored(run.directory);
      now.handled = std::max(now.handled, due);
      save(run.directory, now);
    } catch (const Problem& problem) {
      log().error("sync.unstored", {{"server", run.directory}, {"reason", problem.what()}});
    }
  }
};

DirectorySchedule::DirectorySchedule(const Context& context, const Servers& servers, DirectorySync& sync)
    : impl_(std::make_unique<Impl>(context, servers, sync)) {}
DirectorySchedule::~DirectorySchedule() = default;

std::vector<SyncScheduleView> DirectorySchedule::list(const Principal& principal) const {
  principal.require(Permission::viewSystem);
  const std::lock_guard lock(impl_->mutex);
  std::vector<SyncScheduleView> out;
  for (const auto& server : impl_->servers.handlesOf("directory"))
    out.push_back(impl_->view(server, impl_->stored(server)));
  return out;
}

SyncScheduleView DirectorySchedule::set(const Principal& principal, const std::string& server,
                                        const SyncSchedule& schedule) {
  auto& me = *impl_;
  me.context.audit.require(principal, Permission::changeSystem, "sync.schedule", server);
  me.requireServer(server);
  if (auto wrong = faultsOf(schedule); !wrong.empty()) {
    const std::string first = model::sentenceOf(wrong.front());
    throw Problem(Problem::Kind::invalid, "sync.schedule", first, std::move(wrong));
  }
  const std::lock_guard lock(me.mutex);
  const auto before = me.stored(server).schedule;
  const Stored after{schedule, me.context.clock()};
  me.save(server, after);
  me.not_before.erase(server);
  me.context.audit.record(principal, "sync.schedule", server, toJsonText(before), toJsonText(schedule));
  return me.view(server, after);
}

void DirectorySchedule::look() {
  for (const auto& server : impl_->servers.enabledOf("directory")) impl_->lookAt(server);
}

SyncSchedule DirectorySchedule::of(const std::string& server) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->stored(server).schedule;
}

void DirectorySchedule::forget(const std::string& server) {
  const std::lock_guard lock(impl_->mutex);
  impl_->started.erase(server);
  impl_->not_before.erase(server);
  impl_->context.configuration.removeDocument(documentOf(server));
}

}  // namespace jackfield::services
