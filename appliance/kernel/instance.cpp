// SPDX-License-Identifier: Apache-2.0
// The life cycle of an instance: one thread that follows what is wanted, so that each change of state has one cause and
// one order.
#include "instance.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <pthread.h>

#include <jackfield/json.hpp>

namespace jackfield::kernel {

using namespace std::chrono_literals;

namespace {

constexpr auto stop_slack = 500ms;
constexpr const char* suspended = "suspended";

std::int64_t wallClockMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Instance::Instance(InstanceContext context, InstanceSpec spec, Manifest manifest, LinkPlace place, Hosting hosting)
    : context_(std::move(context)),
      manifest_(std::move(manifest)),
      place_(std::move(place)),
      hosting_(hosting),
      stop_limit_(context_.options.stop_limit.value_or(std::chrono::milliseconds(manifest_.stop_ms))),
      spec_(std::move(spec)) {
  status_.handle = spec_.handle;
  status_.plugin = manifest_.id;
  status_.server_type = spec_.server_type;
  status_.since_ms = wallClockMs();
  status_.own_process = hosting_ == Hosting::ownProcess;
}

Instance::~Instance() {
  want(Want::gone);
  join();
}

void Instance::begin() {
  requests_ = std::make_shared<Requests>(context_.deadlines, [weak = weak_from_this()](std::uint64_t id) {
    Frame frame;
    frame.kind = FrameKind::cancel;
    frame.id = id;
    if (const auto me = weak.lock()) me->sendFrame(std::move(frame));
  });
  thread_ = std::thread([this] {
    channel_thread_ = std::this_thread::get_id();
    main();
  });
  ::pthread_setname_np(thread_.native_handle(), ("ch " + spec_.handle).substr(0, 15).c_str());
}

void Instance::want(Want what) {
  {
    const std::lock_guard lock(mutex_);
    if (want_ == Want::gone) return;
    want_ = what;
    fresh_ = what == Want::run;
  }
  wake_.signal();
}

void Instance::restart() {
  {
    const std::lock_guard lock(mutex_);
    if (want_ == Want::gone) return;
    want_ = Want::run;
    again_ = true;
  }
  wake_.signal();
}

void Instance::configure(boost::json::object settings) {
  {
    const std::lock_guard lock(mutex_);
    spec_.settings = std::move(settings);
    again_ = true;
  }
  wake_.signal();
}

bool Instance::join() {
  if (channel_thread_ == std::this_thread::get_id()) return false;
  const std::lock_guard lock(join_mutex_);  // removed and shut down at the same time
  if (thread_.joinable()) thread_.join();
  return true;
}

InstanceStatus Instance::status() const {
  InstanceStatus out;
  std::shared_ptr<Link> link;
  {
    const std::lock_guard lock(mutex_);
    out = status_;
    link = link_;
  }
  out.pid = link ? link->pid() : 0;
  out.memory_mb = link ? link->memoryMb() : 0;
  const auto holds = [](const Measure& measure) { return measure.name == "resources" && measure.holds; };
  if (std::any_of(out.measures.begin(), out.measures.end(), holds)) out.memory_limit_mb = manifest_.needs.memory_mb;
  out.counters = requests_->counters();
  return out;
}

void Instance::main() {
  tellEvents("onState", [&] { context_.events.onState(status()); });
  for (;;) {
    Want want;
    bool again, fresh;
    {
      const std::lock_guard lock(mutex_);
      want = want_;
      again = std::exchange(again_, false);
      fresh = std::exchange(fresh_, false);
    }
    if (fresh || again) forgetFailures();
    if (want == Want::gone && phase_ == Phase::idle) break;
    act(want, again);
    wait();
    wake_.clear();
    if (!pump()) continue;
    checkDeadlines();
  }
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

void Instance::forgetFailures() {
  if (phase_ == Phase::idle) retry_at_.reset();
  crashes_.clear();
  failures_ = 0;
}

void Instance::act(Want want, bool again) {
  const bool wants_life = want == Want::run || want == Want::open;
  if (phase_ == Phase::idle) {
    if (!wants_life) {
      if (std::exchange(retry_at_, std::nullopt)) setState(LifeState::stopped, suspended);
    } else if (!retry_at_ || Clock::now() >= *retry_at_) {
      retry_at_.reset();
      open();
    }
    return;
  }
  if (phase_ == Phase::stopping) return;
  if (!wants_life) return stopLink({LifeState::stopped, want == Want::gone ? "removed" : suspended, std::nullopt});
  if (again && phase_ != Phase::opening) return stopLink({LifeState::stopped, "is restarted", 0ms});
  if (again) {
    const std::lock_guard lock(mutex_);
    again_ = true;  // as soon as it is open
  }
  if (phase_ == Phase::opened && want == Want::run) startLink();
}

void Instance::wait() {
  std::vector<pollfd> polled{{wake_.fd(), POLLIN, 0}};
  if (link_) link_->fill(polled);
  auto until = Clock::now() + 60s;
  if (deadline_) until = std::min(until, *deadline_);
  if (retry_at_) until = std::min(until, *retry_at_);
  if (phase_ == Phase::up) until = std::min(until, ping_at_);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  ::poll(polled.data(), polled.size(), static_cast<int>(std::max<std::int64_t>(left, 0)));
}

// False: the link is gone.
bool Instance::pump() {
  busy_ = false;
  if (!link_) return true;
  const auto link = link_;  // a frame may lead to its end
  const auto end = link->pump([&](Frame&& frame) {
    busy_ = true;
    if (link == link_) take(std::move(frame));
  });
  if (!end || link != link_) return true;
  gone(*end);
  return false;
}

void Instance::checkDeadlines() {
  if (phase_ == Phase::up) checkAlive();
  if (!deadline_ || Clock::now() < *deadline_) return;
  deadline_.reset();
  if (phase_ == Phase::opening || phase_ == Phase::starting) {
    const bool opening = phase_ == Phase::opening;
    const std::string what = opening ? "did not accept its settings in time" : "did not return from start() in time";
    log(3, "plugin.hang", {{"reason", what}});
    if (link_->cut()) return crashed("the plugin " + what + ", and its process was ended");
    return abandon();
  }
  if (phase_ != Phase::stopping) return;
  const std::string what = "the plugin did not stop within " + std::to_string(stop_limit_.count()) + " ms";
  log(3, "plugin.stop.hang", {{"limitMs", stop_limit_.count()}});
  if (!link_->cut()) return abandon();
  after_.reason = what + ", and its process was ended";
  stopped();
}

// Its thread hangs inside the host: nothing can end it but the end of the host.
void Instance::abandon() {
  abandoned_ = true;
  {
    const std::lock_guard lock(mutex_);
    if (want_ != Want::gone) want_ = Want::stop;
  }
  after_ = {LifeState::quarantined, "the plugin hangs inside the host; restart Jackfield to use it again",
            std::nullopt};
  stopped();
}

void Instance::open() {
  if (abandoned_) {
    const std::lock_guard lock(mutex_);
    want_ = Want::stop;
    return;
  }
  setState(LifeState::starting, "");
  Frame frame;
  frame.kind = FrameKind::open;
  try {
    const auto shared =
        hosting_ == Hosting::inHost && context_.shared_thread ? context_.shared_thread(manifest_) : nullptr;
    auto link = hosting_ == Hosting::inHost ? makeLocalLink(place_, spec_.handle, shared)
                                            : makeProcessLink(place_, context_.program);
    host_requests_ = std::make_shared<HostRequests>(context_.deadlines, [weak = std::weak_ptr(link)](Frame&& answer) {
      if (const auto there = weak.lock()) there->send(std::move(answer));
    });
    const std::lock_guard lock(mutex_);
    link_ = std::move(link);
    opened_ = false;
    open_problem_.reset();
    frame.name = spec_.server_type;
    frame.body = boost::json::serialize(spec_.settings);
  } catch (const std::exception& error) {
    return crashed(error.what());
  }
  phase_ = Phase::opening;
  deadline_ = Clock::now() + context_.options.open_limit;
  sendFrame(std::move(frame));
}

void Instance::startLink() {
  phase_ = Phase::starting;
  deadline_ = Clock::now() + context_.options.start_limit;
  Frame frame;
  frame.kind = FrameKind::start;
  sendFrame(std::move(frame));
}

void Instance::stopLink(After after) {
  after_ = std::move(after);
  phase_ = Phase::stopping;
  deadline_ = Clock::now() + stop_limit_ + stop_slack;
  {
    const std::lock_guard lock(mutex_);
    accepting_ = false;
  }
  setState(LifeState::stopping, after_.reason);
  Frame frame;
  frame.kind = FrameKind::stop;
  sendFrame(std::move(frame));
}

void Instance::dropLink() {
  std::shared_ptr<Link> link;
  {
    const std::lock_guard lock(mutex_);
    link = std::move(link_);
    link_.reset();
    status_.measures.clear();
    accepting_ = false;
  }
  if (host_requests_) std::exchange(host_requests_, nullptr)->close();
  deadline_.reset();
  phase_ = Phase::idle;
  hung_ = false;
  if (link && !abandoned_) link->end();
}

// The state is there before the requests end, and their ends before the receiver hears of it: who is told that a
// request was cancelled finds the instance not running.
void Instance::leave(LifeState state, std::string reason, const Error& why_not) {
  const bool changed = noteState(state, std::move(reason));
  requests_->failAll(why_not);
  if (changed) tellState();
}

void Instance::stopped() {
  dropLink();
  if (after_.retry_in) retry_at_ = Clock::now() + *after_.retry_in;
  leave(after_.state, after_.reason,
        Error(Status::cancelled, "plugin.stopped", "the server was stopped before it answered"));
}

void Instance::gone(const std::string& reason) {
  if (phase_ != Phase::stopping) return crashed(reason);
  if (after_.reason.empty()) after_.reason = reason;
  stopped();
}

void Instance::crashed(const std::string& reason) {
  const bool was_open_only = [&] {
    const std::lock_guard lock(mutex_);
    return want_ == Want::open;
  }();
  dropLink();
  const Error why_not(Status::cancelled, "plugin.ended", "the server's plugin ended before it answered: " + reason);
  const auto now = Clock::now();
  if (!crashes_.empty() && now - crashes_.back() > context_.options.crash_window) failures_ = 0;
  crashes_.push_back(now);
  while (now - crashes_.front() > context_.options.crash_window) crashes_.pop_front();
  log(3, "plugin.ended", {{"reason", reason}, {"crashes", crashes_.size()}});
  if (was_open_only || crashes_.size() >= context_.options.crash_limit) {
    {
      const std::lock_guard lock(mutex_);
      if (want_ != Want::gone) want_ = Want::stop;
      open_problem_ = Reply::failed(Error(Status::internal, "plugin.ended", reason));
    }
    if (was_open_only) return leave(LifeState::stopped, reason, why_not);
    log(3, "plugin.quarantine.begun", {{"reason", reason}});
    return leave(LifeState::quarantined,
                 "ended " + std::to_string(crashes_.size()) + " times in " +
                     std::to_string(context_.options.crash_window.count() / 1000) + " s, last: " + reason +
                     "; start it again when the cause is removed",
                 why_not);
  }
  {
    const std::lock_guard lock(mutex_);
    ++status_.restarts;
  }
  const auto pause = nextPause();
  retry_at_ = now + pause;
  leave(LifeState::starting, reason + "; started again in " + std::to_string(pause.count()) + " ms", why_not);
}

std::chrono::milliseconds Instance::nextPause() {
  const unsigned doubled = std::min(failures_++, 16u);
  return std::min(context_.options.longest_backoff, context_.options.first_backoff * (1 << doubled));
}

void Instance::checkAlive() {
  const auto now = Clock::now();
  const auto limit = context_.options.hang_limit;
  if (now >= ping_at_) {
    ping_at_ = now + limit / 4;
    if (now - up_since_ > context_.options.crash_window) failures_ = 0;
    if (!std::exchange(ping_open_, true)) {
      pong_at_ = now;
      Frame ping;
      ping.kind = FrameKind::ping;
      ping.id = ++last_ping_;
      sendFrame(std::move(ping));
    }
  }
  // Judged only when all that had arrived is read: a slow receiver of ours must not look like a hang of the plugin.
  if (busy_ || !ping_open_ || hung_ || now - pong_at_ < limit) return;
  hung_ = true;
  const std::string reason = "the plugin gave no sign of life for " + std::to_string(limit.count()) + " ms";
  log(3, "plugin.hang", {{"reason", reason}});
  if (hosting_ == Hosting::inHost) return setState(LifeState::degraded, reason);
  link_->cut();
  crashed(reason + ", and its process was ended");
}

bool Instance::noteState(LifeState state, std::string reason) {
  {
    const std::lock_guard lock(mutex_);
    if (status_.state == state && status_.reason == reason) return false;
    status_.state = state;
    status_.reason = std::move(reason);
    status_.since_ms = wallClockMs();
    if (state == LifeState::stopped || state == LifeState::quarantined)
      status_.link = {server::LinkState::disconnected, status_.reason};
    if (state == LifeState::starting) status_.link = {};
  }
  changed_.notify_all();
  return true;
}

void Instance::tellState() {
  tellEvents("onState", [&] { context_.events.onState(status()); });
}

void Instance::setState(LifeState state, std::string reason) {
  if (noteState(state, std::move(reason))) tellState();
}

std::optional<Reply> Instance::waitOpen(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return opened_ || open_problem_ || ended_; });
  if (open_problem_) return open_problem_;
  if (opened_) return std::nullopt;
  return Reply::failed(
      Error(Status::timeout, "plugin.request.timeout", "the plugin did not accept the settings in time"));
}

}  // namespace jackfield::kernel
