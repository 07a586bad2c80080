// SPDX-License-Identifier: Apache-2.0
// One instance: its life, its messages, its log.
#include "holder.hpp"

#include <utility>

#include <boost/json.hpp>

#include <jackfield/detail/outlet.hpp>
#include <jackfield/json.hpp>
#include <jackfield/text.hpp>

#include "holder_services.hpp"
#include "library.hpp"
#include "schema.hpp"

namespace jackfield::kernel {

namespace {

namespace json = boost::json;

std::string problemText(const Error& error) {
  return json::serialize(jackfield::detail::problemOf(error));
}

// The plugin's {"errors":[...]} as a problem document that also keeps the list.
std::string settingsProblem(const std::string& text) {
  json::object problem{{"code", "plugin.settings.refused"},
                       {"text", "the plugin refused the settings without a reason"}};
  try {
    const json::value parsed = parseJson(text);
    const auto& errors = parsed.at("errors").as_array();
    const auto& first = errors.at(0).as_object();
    for (const auto& [from, to] :
         {std::pair{"code", "code"}, {"text", "text"}, {"pointer", "field"}, {"value", "value"}})
      if (const auto* value = first.if_contains(from)) problem[to] = *value;
    problem["errors"] = errors;
  } catch (const std::exception&) {
    // Not what the ABI asks for: the general sentence stands.
  }
  return json::serialize(problem);
}

}  // namespace

template <class F>
void Holder::enter(const char* function, F&& call) noexcept {
  std::string reason = "something that is no std::exception";
  try {
    call();
    return;
  } catch (const std::exception& error) {
    reason = error.what();
  } catch (...) {
  }
  log(JF_LOG_ERROR, "plugin.exception.crossed",
      json::serialize(json::object{{"function", function}, {"reason", jackfield::detail::toUtf8(reason)}}));
}

Holder::Holder(std::filesystem::path folder, HostOffer offer, std::shared_ptr<InstanceThread> thread,
               std::shared_ptr<Outbox> outbox)
    : folder_(std::move(folder)),
      offer_(std::move(offer)),
      thread_(std::move(thread)),
      outbox_(std::move(outbox)),
      host_{this, [](const jf_host* host, const jf_message* m) { return of(host).send(*m); },
            [](const jf_host* host, std::int32_t level, jf_view code, jf_view arguments) {
              of(host).log(level, jackfield::detail::text(code), jackfield::detail::text(arguments));
            },
            &HolderServices::find, [](const jf_host*) { return monotonicMs(); }} {}

Holder::~Holder() = default;

void Holder::accept(Frame&& frame) {
  thread_->post([self = shared_from_this(), frame = std::move(frame)] { self->handle(frame); });
}

void Holder::writable() {
  if (!was_full_.exchange(false)) return;
  thread_->post([self = shared_from_this()] {
    if (self->configured_ && self->plugin_)
      self->enter("on_writable", [&] { self->plugin_->on_writable(self->plugin_); });
  });
}

void Holder::handle(const Frame& frame) {
  switch (frame.kind) {
    case FrameKind::open:
      return open(frame);
    case FrameKind::start:
      return start();
    case FrameKind::stop:
      return stop();
    case FrameKind::ping: {
      Frame pong;
      pong.kind = FrameKind::pong;
      pong.id = frame.id;
      outbox_->offer(std::move(pong), true, flushNow());
      return;
    }
    default:
      return deliver(frame);
  }
}

void Holder::done(FrameKind what, jf_status status, std::string problem) {
  Frame frame;
  frame.kind = FrameKind::done;
  frame.id = static_cast<std::uint64_t>(what);
  frame.status = status;
  frame.body = filter_.redact(std::move(problem));
  outbox_->offer(std::move(frame), true, flushNow());
}

void Holder::open(const Frame& frame) {
  try {
    batch_end_ = thread_->atBatchEnd([this] { outbox_->flush(); });
    manifest_ = readManifest(folder_, offer_);
    const ServerType* type = manifest_.find(frame.name);
    if (!type) throw Error(Status::notFound, "plugin.type.unknown", manifest_.id + " has no server type " + frame.name);
    filter_.setSecrets(Schema(json::value(type->settings)).marked("x-secret", parseJson(frame.body)));
    const jf_plugin_entry& entry = loadLibrary(folder_, manifest_);
    workers_ = std::make_unique<Workers>(manifest_.workers);
    alive_ = true;
    enter("create", [&] { plugin_ = entry.create(&host_, jackfield::detail::view(frame.name)); });
    if (!plugin_)
      throw Error(Status::invalid, "plugin.type.refused",
                  manifest_.id + " refused to make an instance of server type " + frame.name +
                      ", which its plugin.json lists: the two contradict each other");
    configure(frame);
  } catch (const Error& error) {
    alive_ = plugin_ != nullptr;
    done(FrameKind::open, static_cast<jf_status>(error.status()), problemText(error));
  } catch (const std::exception& error) {
    done(FrameKind::open, JF_E_INTERNAL, problemText(Error(Status::internal, "plugin.open.failed", error.what())));
  }
}

void Holder::configure(const Frame& frame) {
  jf_view problem{nullptr, 0};
  jf_status status = JF_E_INTERNAL;
  enter("configure", [&] { status = plugin_->configure(plugin_, jackfield::detail::view(frame.body), &problem); });
  configured_ = status == JF_OK;
  done(FrameKind::open, status,
       configured_ ? std::string() : settingsProblem(std::string(jackfield::detail::text(problem))));
}

void Holder::start() {
  if (!configured_ || running_)
    return done(
        FrameKind::start, JF_E_STATE,
        problemText(Error(Status::state, "plugin.start.refused", "the instance is not configured, or runs already")));
  jf_status status = JF_E_INTERNAL;
  starting_ = true;
  stopped_ = false;
  enter("start", [&] { status = plugin_->start(plugin_); });
  starting_ = false;
  running_ = status == JF_OK;
  if (!running_) {
    dropLent();
    const std::string reason = start_reason_.empty() ? "the plugin did not start; its log says why" : start_reason_;
    return done(FrameKind::start, status, problemText(Error(Status::internal, "plugin.start.refused", reason)));
  }
  if (run_) {
    lent_ = true;
    thread_->lend([this] { enter("run", [&] { run_(run_context_); }); },
                  [self = shared_from_this()] { self->leaveRun(); });
  }
  done(FrameKind::start, JF_OK, {});
}

void Holder::leaveRun() {
  lent_ = false;
  if (stopping_) return finishStop();
  log(JF_LOG_ERROR, "plugin.loop.ended", {});
}

void Holder::stop() {
  if (stopping_) return;
  stopping_ = true;
  if (running_) enter("stop", [&] { plugin_->stop(plugin_); });
  running_ = false;
  dropLent();
  if (workers_) workers_->cancelWaiting();
  finishStop();
}

// What a plugin forgot to give back.
void Holder::dropLent() {
  stopped_ = true;
  for (const auto& [id, timer] : timers_) thread_->cancelTimer(id);
  timers_.clear();
  for (const auto& [fd, watch] : watches_) thread_->unwatch(fd);
  watches_.clear();
}

void Holder::finishStop() {
  if (!stopping_ || lent_ || jobs_ > 0) return;
  if (const jf_plugin* plugin = std::exchange(plugin_, nullptr)) enter("destroy", [&] { plugin->destroy(plugin); });
  alive_ = false;
  configured_ = false;
  workers_.reset();
  thread_->removeBatchEnd(batch_end_);
  done(FrameKind::stop, JF_OK, {});
  outbox_->flush();
}

void Holder::deliver(const Frame& frame) {
  if (frame.kind == FrameKind::request) {
    const std::lock_guard lock(requests_mutex_);
    requests_[frame.id] = frame.credit;
  } else if (frame.kind == FrameKind::cancel || frame.kind == FrameKind::credit) {
    const std::lock_guard lock(requests_mutex_);
    const auto found = requests_.find(frame.id);
    if (found == requests_.end()) return;  // answered meanwhile
    if (frame.kind == FrameKind::cancel)
      requests_.erase(found);
    else
      found->second += frame.credit;
  }
  const jf_message message = messageOf(frame);
  if (configured_ && plugin_) return enter("on_message", [&] { plugin_->on_message(plugin_, &message); });
  if (frame.kind != FrameKind::request) return;
  static const std::string problem =
      problemText(Error(Status::state, "plugin.state", "the instance is not configured, or was stopped"));
  jf_message refused{};
  refused.kind = JF_REPLY;
  refused.id = frame.id;
  refused.status = JF_E_STATE;
  refused.body = jackfield::detail::view(problem);
  sendReply(refused);
}

jf_status Holder::send(const jf_message& m) {
  if (!alive_) return JF_E_STATE;
  if (m.kind < JF_REQUEST || m.kind > JF_CREDIT || (m.id == 0 && m.kind != JF_EVENT)) return JF_E_INVALID;
  if (m.name.size > JF_MAX_NAME || m.body.size > JF_MAX_BODY || m.bytes.size > JF_MAX_BYTES) return JF_E_INVALID;
  if (!jackfield::detail::isUtf8(jackfield::detail::text(m.name)) ||
      !jackfield::detail::isUtf8(jackfield::detail::text(m.body)))
    return JF_E_INVALID;
  if (m.kind == JF_REPLY) return sendReply(m);
  const bool reserved = m.kind == JF_CANCEL || m.kind == JF_CREDIT;
  if (outbox_->offer(frameOf(m), reserved, flushNow())) return JF_OK;
  was_full_ = true;
  // Emptied between the two lines: nobody else would call on_writable().
  if (outbox_->offer(frameOf(m), reserved, flushNow())) {
    was_full_ = false;
    return JF_OK;
  }
  return JF_E_FULL;
}

jf_status Holder::sendReply(const jf_message& m) {
  {
    const std::lock_guard lock(requests_mutex_);
    const auto found = requests_.find(m.id);
    if (found == requests_.end()) return JF_E_NOT_FOUND;
    if (!(m.flags & JF_MORE))
      requests_.erase(found);
    else if (found->second == 0)
      return JF_E_FULL;
    else
      --found->second;
  }
  outbox_->offer(frameOf(m), true, flushNow());
  return JF_OK;
}

void Holder::log(int level, std::string_view code, std::string_view arguments) {
  std::uint64_t dropped = 0;
  if (level >= JF_LOG_ERROR && thread_->current() && starting_) {
    boost::system::error_code failed;
    const json::value parsed = json::parse({arguments.data(), arguments.size()}, failed);
    const auto* object = failed ? nullptr : parsed.if_object();
    const auto* reason = object ? object->if_contains("reason") : nullptr;
    start_reason_ = reason && reason->is_string() ? std::string(reason->get_string()) : std::string(code);
  }
  if (!filter_.admit(monotonicMs(), dropped)) return;
  if (dropped) emitLog(JF_LOG_WARNING, "plugin.log.dropped", json::serialize(json::object{{"count", dropped}}));
  emitLog(level, std::string(code), std::string(arguments));
}

void Holder::emitLog(int level, std::string code, std::string arguments) {
  boost::system::error_code failed;
  const json::value parsed = arguments.empty() ? json::value(json::object()) : json::parse(arguments, failed);
  Frame frame;
  frame.kind = FrameKind::log;
  frame.flags = static_cast<std::uint32_t>(level < JF_LOG_DEBUG   ? JF_LOG_DEBUG
                                           : level > JF_LOG_FATAL ? JF_LOG_FATAL
                                                                  : level);
  frame.name = filter_.redact(jackfield::detail::toUtf8(std::move(code).substr(0, JF_MAX_NAME)));
  if (frame.name.size() > JF_MAX_NAME) frame.name = "plugin.log.code";
  // What is no JSON object is not passed on unread: it might hold a secret in a spelling that redaction misses.
  frame.body = failed || !parsed.is_object() ? R"({"note":"the plugin gave arguments that are no JSON object"})"
                                             : json::serialize(filter_.redact(parsed));
  if (frame.body.size() > 65536) frame.body = R"({"note":"the plugin gave arguments above 64 KiB"})";
  outbox_->offer(std::move(frame), false, flushNow());
}

bool Holder::wrongThread(const char* function) {
  if (thread_->current()) return false;
  log(JF_LOG_ERROR, "plugin.thread.wrong", json::serialize(json::object{{"function", function}}));
  return true;
}

}  // namespace jackfield::kernel
