// SPDX-License-Identifier: Apache-2.0
// Alarms: known in memory, kept in the store, told to those who may view the system.
#include "services/alarms.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <jackfield/json.hpp>

#include "kernel/base/log.hpp"
#include "services/audit.hpp"
#include "services/counters.hpp"
#include "services/events.hpp"
#include "services/paging.hpp"
#include "store/journal.hpp"

namespace jackfield::services {
namespace {

const kernel::Log& log() {
  static const kernel::Log log("services.alarms");
  return log;
}

}  // namespace

struct Alarms::Impl {
  using Key = std::pair<std::string, std::string>;  // code, subject

  Impl(store::ConfigurationStore& configuration, store::Journal& events_log, Events& hub, Counters& count, Clock time)
      : store(configuration), journal(events_log), events(hub), counters(count), clock(std::move(time)) {
    for (const auto& alarm : store.alarms(true, 10000)) {
      up[{alarm.code, alarm.subject}] = alarm.text;
      if (alarm.code.starts_with("security.")) passing[{alarm.code, alarm.subject}] = alarm.raised;
    }
  }

  void tell(const store::AlarmRecord& alarm) {
    store::JournalBatch batch;
    batch.events.push_back({"alarm", toJsonText(alarm), {}});
    journal.append(std::move(batch), [this](auto stored, auto) { events.publish(stored); });
  }

  store::ConfigurationStore& store;
  store::Journal& journal;
  Events& events;
  Counters& counters;
  const Clock clock;
  // One change at a time reaches the store, so that raise and clear of one alarm cannot overtake each other. Never
  // held together with `mutex`'s users waiting for the disk: those only look at `up`.
  std::mutex order;
  mutable std::mutex mutex;
  std::map<Key, std::string> up;        // to the text
  std::map<Key, std::int64_t> passing;  // notices, to when each happened last
};

Alarms::Alarms(store::ConfigurationStore& store, store::Journal& journal, Events& events, Counters& counters,
               Clock clock)
    : impl_(std::make_unique<Impl>(store, journal, events, counters, std::move(clock))) {}
Alarms::~Alarms() = default;

std::vector<store::AlarmRecord> Alarms::list(const model::Principal& principal, bool open_only,
                                             std::size_t limit) const {
  principal.require(model::Permission::viewSystem);
  requireLimit(limit);
  return impl_->store.alarms(open_only, limit);
}

void Alarms::raise(const std::string& code, const std::string& subject, const std::string& severity,
                   const std::string& text) {
  const std::lock_guard one_at_a_time(impl_->order);
  {
    const std::lock_guard lock(impl_->mutex);
    auto& known = impl_->up[{code, subject}];
    if (known == text) return;
    known = text;
  }
  impl_->counters.alarms_raised.add();
  log().warning("alarm.raised", {{"alarm", code}, {"subject", subject}, {"text", text}});
  try {
    store::AlarmRecord alarm;
    alarm.code = code;
    alarm.subject = subject;
    alarm.severity = severity;
    alarm.text = text;
    alarm.raised = impl_->clock();
    impl_->tell(impl_->store.raise(alarm));
  } catch (const std::exception& error) {
    log().error("alarm.unstored", {{"alarm", code}, {"subject", subject}, {"reason", error.what()}});
  }
}

void Alarms::clear(const std::string& code, const std::string& subject) {
  const std::lock_guard one_at_a_time(impl_->order);
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->up.erase({code, subject}) == 0) return;
  }
  log().info("alarm.cleared", {{"alarm", code}, {"subject", subject}});
  try {
    if (const auto alarm = impl_->store.clear(code, subject, impl_->clock())) impl_->tell(*alarm);
  } catch (const std::exception& error) {
    log().error("alarm.unstored", {{"alarm", code}, {"subject", subject}, {"reason", error.what()}});
  }
}

void Alarms::notice(const std::string& code, const std::string& subject, const std::string& text) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->passing[{code, subject}] = impl_->clock();
  }
  raise(code, subject, "warning", text);
}

void Alarms::tidy() {
  const std::int64_t old = impl_->clock() - std::chrono::milliseconds(notice_age).count();
  std::vector<Impl::Key> over;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& [key, happened] : impl_->passing)
      if (happened <= old) over.push_back(key);
    for (const auto& key : over) impl_->passing.erase(key);
  }
  for (const auto& [code, subject] : over) clear(code, subject);
}

std::size_t Alarms::open() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->up.size();
}

}  // namespace jackfield::services
