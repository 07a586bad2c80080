// SPDX-License-Identifier: Apache-2.0
// The services that the program holding the plugin lends: timers, descriptor watches, work jobs, the loop. All of them
// belong to the instance's thread; an exception that leaves a callback is logged as "plugin.exception" and ends there.
#ifndef JACKFIELD_SERVICES_HPP
#define JACKFIELD_SERVICES_HPP

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <jackfield/abi/service/loop.h>
#include <jackfield/abi/service/timer.h>
#include <jackfield/abi/service/watch.h>
#include <jackfield/abi/service/work.h>
#include <jackfield/detail/outlet.hpp>
#include <jackfield/log.hpp>

namespace jackfield {

namespace detail {

// Runs plugin code at the edge: nothing leaves it but a log line.
template <class F>
void guarded(const jf_host* host, F&& call) noexcept {
  try {
    call();
  } catch (...) {
    try {
      const Error error = currentError();
      Log(host).error("plugin.exception", {{"code", error.code()}, {"reason", error.what()}});
    } catch (...) {
      host->log(host, JF_LOG_ERROR, view("plugin.exception"), {});
    }
  }
}

inline void require(jf_status status, const char* what) {
  if (status == JF_OK) return;
  throw Error(statusOf(status), "plugin.service.refused",
              std::string(what) + " was refused with status " + std::to_string(status));
}

template <class Table>
const Table& requireTable(const Table* table, const char* name) {
  if (!table)
    throw Error(Status::unsupported, "plugin.service.missing",
                std::string("this host does not lend ") + name + "; is \"loop\" right in plugin.json?");
  return *table;
}

template <class Table>
const Table* findTable(const jf_host* host, const char* name) {
  return static_cast<const Table*>(host->service(host, view(name)));
}

}  // namespace detail

// One-shot and repeating timers. Throws Error(unsupported) where "loop" is "own".
class Timers {
 public:
  using Id = std::uint64_t;

  explicit Timers(const jf_host* host) : host_(host) {}
  ~Timers() { clear(); }
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  Id after(std::chrono::milliseconds delay, std::function<void()> call) {
    return add(delay, std::chrono::milliseconds(0), std::move(call));
  }
  // First after one interval; an interval below 1 ms counts as 1 ms.
  Id every(std::chrono::milliseconds interval, std::function<void()> call) {
    interval = std::max(interval, std::chrono::milliseconds(1));
    return add(interval, interval, std::move(call));
  }
  // An id that fired or was cancelled is ignored. May be called inside the timer's own callback.
  void cancel(Id id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    if (found->second->lent) table().cancel(host_, found->second->lent);
    entries_.erase(found);
  }
  void clear() {
    while (!entries_.empty()) cancel(entries_.begin()->first);
  }

 private:
  struct Entry {
    Timers* owner;
    Id id;
    std::uint64_t lent;
    std::chrono::milliseconds interval;
    std::function<void()> call;
  };

  const jf_timer_service& table() {
    if (!table_) table_ = detail::findTable<jf_timer_service>(host_, JF_TIMER_SERVICE);
    return detail::requireTable(table_, JF_TIMER_SERVICE);
  }

  Id add(std::chrono::milliseconds delay, std::chrono::milliseconds interval, std::function<void()> call) {
    auto entry = std::make_shared<Entry>(Entry{this, ++last_id_, 0, interval, std::move(call)});
    arm(*entry, delay);
    entries_[entry->id] = entry;
    return entry->id;
  }

  void arm(Entry& entry, std::chrono::milliseconds delay) {
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0));
    detail::require(table().set(host_, ms, &Timers::fire, &entry, &entry.lent), "the timer");
  }

  static void JF_CALL fire(void* context) {
    auto* raw = static_cast<Entry*>(context);
    Timers& self = *raw->owner;
    detail::guarded(self.host_, [&] {
      const auto entry = self.entries_.at(raw->id);  // shared: the callback may cancel it
      entry->lent = 0;
      if (entry->interval.count() > 0)
        self.arm(*entry, entry->interval);
      else
        self.entries_.erase(entry->id);
      entry->call();
    });
  }

  const jf_host* host_;
  const jf_timer_service* table_ = nullptr;
  Id last_id_ = 0;
  std::map<Id, std::shared_ptr<Entry>> entries_;
};

// Watches descriptors that the plugin opens and closes itself; remove before close. Throws Error(unsupported) where
// "loop" is "own". `events` are JF_WATCH_READ, JF_WATCH_WRITE; the callback may also see JF_WATCH_ERROR.
class Watches {
 public:
  explicit Watches(const jf_host* host) : host_(host) {}
  ~Watches() { clear(); }
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  void set(int fd, std::uint32_t events, std::function<void(std::uint32_t)> ready) {
    auto entry = std::make_shared<Entry>(Entry{this, fd, std::move(ready)});
    detail::require(table().set(host_, fd, events, &Watches::fire, entry.get()), "the watch");
    entries_[fd] = std::move(entry);
  }
  void remove(int fd) {
    if (entries_.erase(fd)) table().remove(host_, fd);
  }
  void clear() {
    while (!entries_.empty()) remove(entries_.begin()->first);
  }

 private:
  struct Entry {
    Watches* owner;
    int fd;
    std::function<void(std::uint32_t)> ready;
  };

  const jf_watch_service& table() {
    if (!table_) table_ = detail::findTable<jf_watch_service>(host_, JF_WATCH_SERVICE);
    return detail::requireTable(table_, JF_WATCH_SERVICE);
  }

  static void JF_CALL fire(void* context, std::uint32_t events) {
    auto* raw = static_cast<Entry*>(context);
    Watches& self = *raw->owner;
    detail::guarded(self.host_, [&] {
      const auto entry = self.entries_.at(raw->fd);  // shared: the callback may remove or replace it
      entry->ready(events);
    });
  }

  const jf_host* host_;
  const jf_watch_service* table_ = nullptr;
  std::map<int, std::shared_ptr<Entry>> entries_;
};

// Jobs for libraries that block. `run` is on a worker thread and may throw; `done` is on the instance's thread, exactly
// once, with what was thrown (null: success; Error(cancelled): never begun because the instance was stopped).
class Work {
 public:
  explicit Work(const jf_host* host) : host_(host) {}

  // Throws Error(full) when 1,024 jobs wait, Error(unsupported) when the manifest's "workers" is 0.
  void submit(std::function<void()> run, std::function<void(std::exception_ptr)> done) {
    if (!table_) table_ = detail::findTable<jf_work_service>(host_, JF_WORK_SERVICE);
    auto job = std::make_unique<Job>(Job{host_, std::move(run), std::move(done), nullptr});
    detail::require(
        detail::requireTable(table_, JF_WORK_SERVICE).submit(host_, &Work::runJob, &Work::endJob, job.get()),
        "the job");
    static_cast<void>(job.release());  // endJob() frees it
  }

 private:
  struct Job {
    const jf_host* host;
    std::function<void()> run;
    std::function<void(std::exception_ptr)> done;
    std::exception_ptr failed;
  };

  static void JF_CALL runJob(void* context) {
    auto& job = *static_cast<Job*>(context);
    try {
      job.run();
    } catch (...) {
      job.failed = std::current_exception();
    }
  }

  static void JF_CALL endJob(void* context, jf_status status) {
    const std::unique_ptr<Job> job(static_cast<Job*>(context));
    detail::guarded(job->host, [&] {
      if (status != JF_OK)
        job->failed = std::make_exception_ptr(
            Error(detail::statusOf(status), "plugin.job.cancelled", "the job was not begun: the server is stopping"));
      if (job->done) job->done(job->failed);
    });
  }

  const jf_host* host_;
  const jf_work_service* table_ = nullptr;
};

// For "loop": "own". In start(): own(run); in run(): let the library's loop watch mailboxFd() and call dispatch().
class Loop {
 public:
  explicit Loop(const jf_host* host) : host_(host) {}

  void own(std::function<void()> run) {
    run_ = std::move(run);
    detail::require(table().set_run(host_, &Loop::enter, this), "the loop");
  }
  int mailboxFd() { return table().mailbox_fd(host_); }
  // Delivers at most so many waiting calls (0: all); stop() may be among them.
  void dispatch(std::uint32_t at_most = 0) { detail::require(table().dispatch(host_, at_most), "dispatch"); }

 private:
  const jf_loop_service& table() {
    if (!table_) table_ = detail::findTable<jf_loop_service>(host_, JF_LOOP_SERVICE);
    return detail::requireTable(table_, JF_LOOP_SERVICE);
  }

  static void JF_CALL enter(void* context) {
    auto& self = *static_cast<Loop*>(context);
    detail::guarded(self.host_, [&] { self.run_(); });
  }

  const jf_host* host_;
  const jf_loop_service* table_ = nullptr;
  std::function<void()> run_;
};

}  // namespace jackfield

#endif
