// SPDX-License-Identifier: Apache-2.0
// What the holder lends. Exceptions of a plugin's callbacks end here.
#include "holder_services.hpp"

#include <exception>
#include <string>
#include <utility>

#include <jackfield/text.hpp>

namespace jackfield::kernel {

namespace {

// Timer and watch callbacks run below InstanceThread, which knows nothing of instances: the catch is here.
template <class F, class R>
void contained(F&& call, R&& report) noexcept {
  try {
    call();
  } catch (...) {
    report();
  }
}

constexpr std::string_view crossed_timer = R"({"function":"timer fire"})";
constexpr std::string_view crossed_watch = R"({"function":"watch ready"})";
constexpr std::string_view crossed_run = R"({"function":"work run"})";
constexpr std::string_view crossed_done = R"({"function":"work done"})";

}  // namespace

const void* HolderServices::find(const jf_host* host, jf_view view) {
  static constexpr jf_timer_service timer = {&setTimer, &cancelTimer};
  static constexpr jf_watch_service watch = {&setWatch, &removeWatch};
  static constexpr jf_work_service work = {&submit};
  static constexpr jf_loop_service loop = {&setRun, &mailboxFd, &dispatch};
  Holder& me = Holder::of(host);
  if (me.wrongThread("service")) return nullptr;
  const auto name = jackfield::detail::text(view);
  const bool own = me.manifest_.loop == "own";
  if (name == JF_WORK_SERVICE) return &work;
  if (name == JF_LOOP_SERVICE) return own ? &loop : nullptr;
  if (name == JF_TIMER_SERVICE) return own ? nullptr : &timer;
  if (name == JF_WATCH_SERVICE) return own ? nullptr : &watch;
  return nullptr;
}

jf_status HolderServices::setTimer(const jf_host* host, std::uint64_t delay_ms, void (*fire)(void*), void* context,
                                   std::uint64_t* id) {
  Holder& me = Holder::of(host);
  if (me.wrongThread("timer set")) return JF_E_WRONG_THREAD;
  if (me.stopped_) return JF_E_STATE;
  auto timer = std::make_unique<Holder::LentTimer>(Holder::LentTimer{&me, 0, fire, context});
  timer->id = me.thread_->setTimer(delay_ms, &fireTimer, timer.get());
  if (timer->id == 0) return JF_E_FULL;
  *id = timer->id;
  me.timers_[*id] = std::move(timer);
  return JF_OK;
}

void HolderServices::fireTimer(void* context) {
  auto* raw = static_cast<Holder::LentTimer*>(context);
  Holder& me = *raw->owner;
  const auto timer = std::move(me.timers_.extract(raw->id).mapped());
  contained([&] { timer->fire(timer->context); },
            [&] { me.log(JF_LOG_ERROR, "plugin.exception.crossed", crossed_timer); });
}

void HolderServices::cancelTimer(const jf_host* host, std::uint64_t id) {
  Holder& me = Holder::of(host);
  if (me.wrongThread("timer cancel")) return;
  // Only its own: instances that share a thread share the numbers too.
  if (me.timers_.erase(id)) me.thread_->cancelTimer(id);
}

jf_status HolderServices::setWatch(const jf_host* host, int fd, std::uint32_t events,
                                   void (*ready)(void*, std::uint32_t), void* context) {
  Holder& me = Holder::of(host);
  if (me.wrongThread("watch set")) return JF_E_WRONG_THREAD;
  if (me.stopped_) return JF_E_STATE;
  auto watch = std::make_unique<Holder::LentWatch>(Holder::LentWatch{&me, ready, context});
  if (fd < 0 || !me.thread_->watch(fd, events, &fireWatch, watch.get())) return JF_E_INVALID;
  me.watches_[fd] = std::move(watch);
  return JF_OK;
}

void HolderServices::fireWatch(void* context, std::uint32_t events) {
  const Holder::LentWatch watch = *static_cast<Holder::LentWatch*>(context);  // a copy: it may remove itself
  contained([&] { watch.ready(watch.context, events); },
            [&] { watch.owner->log(JF_LOG_ERROR, "plugin.exception.crossed", crossed_watch); });
}

void HolderServices::removeWatch(const jf_host* host, int fd) {
  Holder& me = Holder::of(host);
  if (me.wrongThread("watch remove")) return;
  if (me.watches_.erase(fd)) me.thread_->unwatch(fd);
}

jf_status HolderServices::submit(const jf_host* host, void (*run)(void*), void (*done)(void*, jf_status),
                                 void* context) {
  Holder& me = Holder::of(host);
  if (me.wrongThread("work submit")) return JF_E_WRONG_THREAD;
  if (me.stopped_) return JF_E_STATE;
  if (me.workers_->threads() == 0) return JF_E_UNSUPPORTED;
  auto self = me.shared_from_this();
  Workers::Job job;
  job.run = [&me, run, context] {
    contained([&] { run(context); }, [&] { me.log(JF_LOG_ERROR, "plugin.exception.crossed", crossed_run); });
  };
  job.done = [self, done, context](bool begun) {
    self->thread_->post([self, done, context, begun] {
      contained([&] { done(context, begun ? JF_OK : JF_E_CANCELLED); },
                [&] { self->log(JF_LOG_ERROR, "plugin.exception.crossed", crossed_done); });
      --self->jobs_;
      self->finishStop();
    });
  };
  if (!me.workers_->submit(std::move(job))) return JF_E_FULL;
  ++me.jobs_;
  return JF_OK;
}

jf_status HolderServices::setRun(const jf_host* host, void (*run)(void*), void* context) {
  Holder& me = Holder::of(host);
  if (me.wrongThread("loop set_run")) return JF_E_WRONG_THREAD;
  if (!me.starting_) return JF_E_STATE;
  me.run_ = run;
  me.run_context_ = context;
  return JF_OK;
}

int HolderServices::mailboxFd(const jf_host* host) {
  Holder& me = Holder::of(host);
  return me.wrongThread("loop mailbox_fd") ? -1 : me.thread_->mailboxFd();
}

jf_status HolderServices::dispatch(const jf_host* host, std::uint32_t at_most) {
  Holder& me = Holder::of(host);
  if (me.wrongThread("loop dispatch")) return JF_E_WRONG_THREAD;
  if (!me.lent_) return JF_E_STATE;
  return me.thread_->dispatch(at_most) ? JF_OK : JF_E_STATE;
}

}  // namespace jackfield::kernel
