// SPDX-License-Identifier: Apache-2.0
// The part of Plugin<Settings> that does not depend on the settings: the ABI's callbacks, requests both ways, services.
#ifndef JACKFIELD_DETAIL_INSTANCE_HPP
#define JACKFIELD_DETAIL_INSTANCE_HPP

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/json.hpp>

#include <jackfield/abi/plugin.h>
#include <jackfield/detail/outlet.hpp>
#include <jackfield/json.hpp>
#include <jackfield/log.hpp>
#include <jackfield/responder.hpp>
#include <jackfield/services.hpp>

namespace jackfield::detail {

// What a constructor needs, handed round it so that plugin classes need no constructor arguments.
struct Birth {
  const jf_host* host;
  std::string_view server_type;
  static const Birth*& current() {
    static thread_local const Birth* birth = nullptr;
    return birth;
  }
};

class Instance {
 public:
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  virtual void start() = 0;
  virtual void stop() = 0;
  virtual void writable() = 0;

  const jf_plugin* table() const { return &table_; }

 protected:
  using Handler = std::function<void(const boost::json::value&, Responder)>;

  Instance()
      : host_(birth().host),
        server_type_(birth().server_type),
        outlet_(std::make_shared<Outlet>(host_)),
        log_(host_),
        timers_(host_),
        watches_(host_),
        work_(host_),
        loop_(host_),
        table_{this, &configureEdge, &startEdge, &stopEdge, &destroyEdge, &messageEdge, &writableEdge} {}
  virtual ~Instance() = default;

  std::string_view serverType() const { return server_type_; }
  Log& log() { return log_; }
  Timers& timers() { return timers_; }
  Watches& watches() { return watches_; }
  Work& work() { return work_; }
  Loop& loop() { return loop_; }
  std::uint64_t nowMs() const { return host_->now_ms(host_); }

  virtual void configureWith(const boost::json::value& settings) = 0;

  void onRequest(std::string_view name, Handler handler) { handlers_[std::string(name)] = std::move(handler); }

  bool emitText(std::string_view name, std::string body, std::string_view bytes) {
    body = toUtf8(std::move(body));
    jf_message m = makeMessage(JF_EVENT, 0);
    m.name = view(name);
    m.body = view(body);
    m.bytes = view(bytes);
    const jf_status status = outlet_->send(m);
    if (status == JF_E_INVALID)
      throw Error(Status::invalid, "plugin.message.refused",
                  std::string(name) + ": " + std::to_string(body.size()) + " octets are above 1 MiB, or " +
                      std::to_string(bytes.size()) + " raw octets above 64 KiB: send it in pieces");
    return status == JF_OK;
  }

  void requestText(std::string_view name, std::string body, std::chrono::milliseconds timeout,
                   std::function<void(Reply)> done) {
    body = toUtf8(std::move(body));
    jf_message m = makeMessage(JF_REQUEST, ++last_request_);
    m.name = view(name);
    m.body = view(body);
    m.timeout_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(timeout.count(), 1, 0xffffffff));
    m.credit = initial_credit;
    requests_[m.id] = std::make_shared<std::function<void(Reply)>>(std::move(done));
    const jf_status status = outlet_->send(m);
    if (status == JF_OK) return;
    const auto refused = std::exchange(requests_[m.id], nullptr);
    requests_.erase(m.id);
    const Error error(statusOf(status), "plugin.message.refused", std::string(name) + " could not be sent now");
    (*refused)(Reply{error.status(), problemOf(error), {}, false});
  }

 private:
  template <class P>
  friend const jf_plugin* createInstance(const jf_host* host, jf_view server_type) noexcept;

  static constexpr std::uint32_t initial_credit = 16;

  static const Birth& birth() {
    if (!Birth::current()) throw std::logic_error("plugin instances are made by the host, never by hand");
    return *Birth::current();
  }

  static Instance& self(const jf_plugin* plugin) { return *static_cast<Instance*>(plugin->impl); }

  static jf_status JF_CALL configureEdge(const jf_plugin* plugin, jf_view settings, jf_view* problem) {
    Instance& me = self(plugin);
    jf_status status = JF_OK;
    guarded(me.host_, [&] {
      status = JF_E_INTERNAL;
      try {
        me.configureWith(settings.size ? parseJson(text(settings)) : boost::json::value(boost::json::object()));
        status = JF_OK;
      } catch (...) {
        const Error error = currentError();
        boost::json::object one{{"pointer", error.field()}, {"code", error.code()}, {"text", error.what()}};
        if (!error.value().empty()) one["value"] = error.value();
        me.problem_ = toUtf8(boost::json::serialize(boost::json::object{{"errors", boost::json::array{one}}}));
        *problem = view(me.problem_);
        status = static_cast<jf_status>(error.status());
      }
    });
    return status;
  }

  static jf_status JF_CALL startEdge(const jf_plugin* plugin) {
    Instance& me = self(plugin);
    jf_status status = JF_E_INTERNAL;
    me.outlet_->setStopping(false);
    guarded(me.host_, [&] {
      try {
        me.start();
        status = JF_OK;
      } catch (...) {
        const Error error = currentError();
        status = static_cast<jf_status>(error.status());
        me.dropWork();
        me.log_.error("plugin.start.failed", {{"code", error.code()}, {"reason", error.what()}});
      }
    });
    return status;
  }

  static void JF_CALL stopEdge(const jf_plugin* plugin) {
    Instance& me = self(plugin);
    me.outlet_->setStopping(true);
    guarded(me.host_, [&] { me.stop(); });
    guarded(me.host_, [&] { me.dropWork(); });
  }

  static void JF_CALL destroyEdge(const jf_plugin* plugin) {
    Instance& me = self(plugin);
    const jf_host* const host = me.host_;
    guarded(host, [&] {
      me.dropWork();
      me.outlet_->close();
    });
    guarded(host, [&] { delete &me; });
  }

  static void JF_CALL messageEdge(const jf_plugin* plugin, const jf_message* message) {
    Instance& me = self(plugin);
    guarded(me.host_, [&] { me.receive(*message); });
  }

  static void JF_CALL writableEdge(const jf_plugin* plugin) {
    Instance& me = self(plugin);
    guarded(me.host_, [&] { me.writable(); });
  }

  void receive(const jf_message& m) {
    switch (m.kind) {
      case JF_REQUEST:
        receiveRequest(m);
        break;
      case JF_REPLY:
        receiveReply(m);
        break;
      case JF_CANCEL:
        if (const auto open = takeOpen(m.id)) open->cancel();
        break;
      case JF_CREDIT:
        if (const auto found = open_.find(m.id); found != open_.end())
          if (const auto open = found->second.lock()) open->addCredit(m.credit);
        break;
      default:
        break;  // of a newer host
    }
  }

  void receiveRequest(const jf_message& m) {
    forgetAnswered();
    auto state = std::make_shared<Responder::State>(outlet_, m.id, m.credit);
    open_[m.id] = state;
    Responder responder(state);
    try {
      const auto handler = handlers_.find(text(m.name));
      if (handler == handlers_.end())
        throw Error(Status::unsupported, "plugin.request.unknown",
                    "this plugin does not know the request " + std::string(text(m.name)));
      handler->second(m.body.size ? parseJson(text(m.body)) : boost::json::value(boost::json::object()), responder);
    } catch (...) {
      responder.fail(currentError());
    }
  }

  void receiveReply(const jf_message& m) {
    const auto found = requests_.find(m.id);
    if (found == requests_.end()) return;
    const auto done = found->second;  // shared: the callback may end the request
    const bool more = (m.flags & JF_MORE) != 0;
    if (!more) requests_.erase(found);
    Reply reply{statusOf(m.status), m.body.size ? parseJson(text(m.body)) : boost::json::value(boost::json::object()),
                std::string(text(m.bytes)), more};
    (*done)(std::move(reply));
    if (!more) return;
    jf_message credit = makeMessage(JF_CREDIT, m.id);
    credit.credit = 1;
    outlet_->send(credit);
  }

  std::shared_ptr<Responder::State> takeOpen(std::uint64_t id) {
    const auto found = open_.find(id);
    if (found == open_.end()) return nullptr;
    auto state = found->second.lock();
    open_.erase(found);
    return state;
  }

  // Answered requests leave by age, a few at each new one, so that a long life needs no sweep.
  void forgetAnswered() {
    for (auto it = open_.begin(); it != open_.end() && it->second.expired();) it = open_.erase(it);
    if (open_.size() < sweep_at_) return;
    std::erase_if(open_, [](const auto& entry) {
      const auto state = entry.second.lock();
      return !state || state->closed();
    });
    sweep_at_ = std::max<std::size_t>(64, open_.size() * 2);
  }

  void dropWork() {
    timers_.clear();
    watches_.clear();
    requests_.clear();
    for (auto& [id, open] : std::exchange(open_, {}))
      if (const auto state = open.lock()) {
        state->onCancel(nullptr);
        state->finish(JF_E_CANCELLED, Responder::State::stopping_problem, {});
      }
  }

  const jf_host* const host_;
  const std::string server_type_;
  std::shared_ptr<Outlet> outlet_;
  std::map<std::string, Handler, std::less<>> handlers_;
  std::map<std::uint64_t, std::weak_ptr<Responder::State>> open_;
  std::size_t sweep_at_ = 64;
  std::map<std::uint64_t, std::shared_ptr<std::function<void(Reply)>>> requests_;
  std::uint64_t last_request_ = 0;
  std::string problem_;
  Log log_;
  Timers timers_;
  Watches watches_;
  Work work_;
  Loop loop_;
  const jf_plugin table_;
};

template <class P>
const jf_plugin* createInstance(const jf_host* host, jf_view server_type) noexcept {
  static_assert(std::is_base_of_v<Instance, P>, "derive from jackfield::Plugin<Settings>");
  const Birth birth{host, text(server_type)};
  Birth::current() = &birth;
  const jf_plugin* made = nullptr;
  guarded(host, [&] { made = static_cast<Instance*>(new P)->table(); });
  Birth::current() = nullptr;
  return made;
}

}  // namespace jackfield::detail

#endif
