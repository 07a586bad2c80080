// SPDX-License-Identifier: Apache-2.0
// What passes between the host and an instance: requests, events, log lines, and the steps of its life that are done.
#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include <jackfield/json.hpp>

#include "instance.hpp"

namespace jackfield::kernel {

void Instance::sendFrame(Frame&& frame) {
  std::shared_ptr<Link> link;
  {
    const std::lock_guard lock(mutex_);
    link = link_;
  }
  if (link) link->send(std::move(frame));
}

std::uint64_t Instance::request(std::string name, std::string body, Channel channel, std::chrono::milliseconds timeout,
                                Requests::Handler handler) {
  std::shared_ptr<Link> link;
  std::string why;
  {
    const std::lock_guard lock(mutex_);
    link = accepting_ ? link_ : nullptr;
    why = status_.reason;
  }
  if (!link) {
    handler(Reply::failed(
        Error(Status::state, "plugin.notRunning", spec_.handle + " is not running" + (why.empty() ? "" : ": " + why))));
    return 0;
  }
  Frame frame = requests_->begin(std::move(name), std::move(body), channel, timeout, std::move(handler));
  const std::uint64_t id = frame.id;
  if (id == 0) return 0;
  link->send(std::move(frame));
  // The link may have ended between the two: its failAll() would not have seen this one.
  bool there;
  {
    const std::lock_guard lock(mutex_);
    there = link == link_;
  }
  if (!there)
    requests_->fail(id, Error(Status::cancelled, "plugin.stopped", "the server was stopped before it answered"));
  return id;
}

void Instance::cancel(std::uint64_t id) {
  requests_->fail(id, Error(Status::cancelled, "plugin.request.cancelled", "the request was cancelled"));
}

void Instance::log(int level, std::string code, boost::json::object arguments) {
  if (context_.options.log)
    context_.options.log({level, spec_.handle, manifest_.id, std::move(code), std::move(arguments)});
}

void Instance::tellEvents(const char* function, const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    log(3, "plugin.receiver.exception", {{"function", function}, {"reason", error.what()}});
  } catch (...) {
    log(3, "plugin.receiver.exception", {{"function", function}, {"reason", "no std::exception"}});
  }
}

void Instance::take(Frame&& frame) {
  switch (frame.kind) {
    case FrameKind::reply: {
      Frame credit;
      credit.kind = FrameKind::credit;
      credit.id = frame.id;
      credit.credit = 1;
      if (requests_->answer(std::move(frame))) sendFrame(std::move(credit));
      return;
    }
    case FrameKind::event:
      return takeEvent(frame);
    case FrameKind::request:
      return takeRequest(frame);
    case FrameKind::cancel:
      return host_requests_->cancel(frame.id);
    case FrameKind::credit:
      return host_requests_->credit(frame.id, frame.credit);
    case FrameKind::log:
      return takeLog(frame);
    case FrameKind::done:
      return takeDone(frame);
    case FrameKind::confined:
      return takeMeasures(frame);
    case FrameKind::pong:
      ping_open_ = false;
      if (std::exchange(hung_, false)) linkState(status().link);
      return;
    default:
      return;  // of a newer jackfield-plugin-host
  }
}

void Instance::takeDone(const Frame& frame) {
  const auto what = static_cast<FrameKind>(frame.id);
  const bool ok = frame.status == JF_OK;
  Reply problem{ok ? Status::ok : static_cast<Status>(frame.status), frame.body, {}, false};
  if (what == FrameKind::open && phase_ == Phase::opening) {
    phase_ = Phase::opened;
    deadline_.reset();
    if (!ok) {
      const std::string reason = problem.error().what();
      {
        const std::lock_guard lock(mutex_);
        open_problem_ = std::move(problem);
        if (want_ != Want::gone) want_ = Want::stop;
      }
      log(3, "plugin.refused", {{"reason", reason}});
      stopLink({LifeState::stopped, reason, std::nullopt});
      return changed_.notify_all();
    }
    {
      const std::lock_guard lock(mutex_);
      opened_ = true;
      accepting_ = want_ == Want::open;
    }
    changed_.notify_all();
  } else if (what == FrameKind::start && phase_ == Phase::starting) {
    deadline_.reset();
    if (!ok) {
      const auto pause = nextPause();
      return stopLink(
          {LifeState::starting,
           std::string(problem.error().what()) + "; tried again in " + std::to_string(pause.count()) + " ms", pause});
    }
    phase_ = Phase::up;
    up_since_ = Clock::now();
    ping_at_ = Clock::now() + context_.options.hang_limit / 4;
    ping_open_ = false;
    server::State link;
    {
      const std::lock_guard lock(mutex_);
      accepting_ = true;
      link = status_.link;
    }
    linkState(link);
  } else if (what == FrameKind::stop && phase_ == Phase::stopping) {
    stopped();
  }
}

// running or degraded, as the link to the far server is.
void Instance::linkState(const server::State& state) {
  {
    const std::lock_guard lock(mutex_);
    status_.link = state;
  }
  if (phase_ != Phase::up || hung_) return;
  const bool good = state.state == server::LinkState::connected || state.state == server::LinkState::connecting;
  setState(good ? LifeState::running : LifeState::degraded, good ? "" : state.reason);
}

bool Instance::declared(std::string_view name, bool event) const {
  const auto slash = name.find('/');
  const auto dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
  const std::string owner(name.substr(0, dot));
  if (event && owner == "server/1") return true;
  const auto& list = event ? manifest_.capabilities : manifest_.requires_;
  return std::find(list.begin(), list.end(), owner) != list.end();
}

void Instance::takeEvent(const Frame& frame) {
  if (!declared(frame.name, true)) return log(2, "plugin.message.undeclared", {{"name", frame.name}});
  if (frame.name == "server/1.state") {
    try {
      linkState(fromJson<server::State>(parseJson(frame.body), Unknown::ignore));
    } catch (const Error& error) {
      return log(2, "plugin.message.invalid", {{"name", frame.name}, {"reason", error.what()}});
    }
  }
  tellEvents("onEvent", [&] { context_.events.onEvent(spec_.handle, frame.name, frame.body); });
}

void Instance::takeRequest(const Frame& frame) {
  const auto reply = host_requests_->begin(frame);
  if (!declared(frame.name, false))
    return reply(Reply::failed(Error(Status::unsupported, "plugin.service.undeclared",
                                     frame.name + " is of no service that plugin.json lists under \"requires\"")));
  try {
    context_.events.onRequest(spec_.handle, frame.name, frame.body, reply);
  } catch (const Error& error) {
    reply(Reply::failed(error));
  } catch (const std::exception& error) {
    log(3, "plugin.receiver.exception", {{"function", "onRequest"}, {"reason", error.what()}});
    reply(Reply::failed(Error(Status::internal, "host.request.failed", "the host could not answer")));
  }
}

// jackfield-plugin-host says it once, before any code of the plugin is in its process; a later frame of this kind is
// the plugin's own word and worth nothing.
void Instance::takeMeasures(const Frame& frame) {
  if (phase_ != Phase::opening || !status().measures.empty())
    return log(2, "plugin.message.undeclared", {{"name", "confined"}});
  auto measures = fromJson<std::vector<Measure>>(parseJson(frame.body));
  for (const auto& measure : measures)
    if (!measure.holds) log(2, "plugin.confinement.missing", {{"measure", measure.name}, {"reason", measure.reason}});
  const std::lock_guard lock(mutex_);
  status_.measures = std::move(measures);
}

void Instance::takeLog(const Frame& frame) {
  boost::system::error_code failed;
  const auto arguments = boost::json::parse(frame.body, failed);
  log(static_cast<int>(frame.flags), frame.name,
      failed || !arguments.is_object() ? boost::json::object() : arguments.get_object());
}

}  // namespace jackfield::kernel
