// SPDX-License-Identifier: Apache-2.0
// How a plugin answers a request later or in parts, and what it gets for its own requests.
#ifndef JACKFIELD_RESPONDER_HPP
#define JACKFIELD_RESPONDER_HPP

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include <jackfield/abi/message.h>
#include <jackfield/detail/outlet.hpp>
#include <jackfield/json.hpp>

namespace jackfield {

// An answer to a request of the plugin. With status ok, `body` is the reply's document; else a problem document
// {"code","text","field","value"}. `more`: a part, others follow.
struct Reply {
  Status status = Status::ok;
  boost::json::value body;
  std::string bytes;
  bool more = false;

  bool ok() const { return status == Status::ok; }

  // Of a failed reply, as the exception that it was on the other side.
  Error error() const {
    const auto member = [this](const char* name) {
      const auto* object = body.if_object();
      const auto* value = object ? object->if_contains(name) : nullptr;
      return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    return Error(status, member("code"), member("text"), member("field"), member("value"));
  }
};

// The right to answer one request, once. Copies share it. When the last copy goes without an answer, the asker gets
// "plugin.request.unanswered". reply(), fail(), part() and cancelled() may be called on any thread; the callbacks given
// to onCredit() and onCancel() run on the instance's thread.
class Responder {
 public:
  Responder() = default;

  // Sends a part of a long answer. False: no credit left, nothing was sent; onCredit() tells when to go on. Also false
  // once the request is answered or cancelled. Throws Error(invalid) for a part above the limits of message.h.
  template <class T>
  bool part(const T& document, std::string_view bytes = {}) {
    return state_ && state_->part(toJsonText(document), bytes);
  }

  // Ends the answer. Later calls of reply() and fail() do nothing.
  template <class T>
  void reply(const T& document, std::string_view bytes = {}) {
    if (state_) state_->finish(JF_OK, toJsonText(document), bytes);
  }
  void reply() { reply(boost::json::object()); }

  void fail(const Error& error) {
    if (state_)
      state_->finish(static_cast<jf_status>(error.status()), boost::json::serialize(detail::problemOf(error)), {});
  }

  // The asker gave up, was answered, or the instance ended: stop working for it.
  bool cancelled() const { return !state_ || state_->closed(); }

  // Called, once for each time part() said false, when there is credit again.
  void onCredit(std::function<void()> call) {
    if (state_) state_->onCredit(std::move(call));
  }
  // Called when the asker gives up.
  void onCancel(std::function<void()> call) {
    if (state_) state_->onCancel(std::move(call));
  }

  // Below: for the plugin layer.
  class State {
   public:
    static constexpr const char* stopping_problem = R"({"code":"plugin.stopping","text":"the server is stopping"})";

    State(std::shared_ptr<detail::Outlet> outlet, std::uint64_t id, std::uint32_t credit)
        : outlet_(std::move(outlet)), id_(id), credit_(credit) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
      try {
        if (outlet_->stopping())
          finish(JF_E_CANCELLED, stopping_problem, {});
        else
          finish(JF_E_INTERNAL, R"({"code":"plugin.request.unanswered","text":"the plugin gave no answer"})", {});
      } catch (...) {
        // Out of memory while refusing: the asker's time-out answers instead.
      }
    }

    bool part(std::string body, std::string_view bytes) {
      {
        const std::lock_guard lock(mutex_);
        if (closed_) return false;
        if (credit_ == 0) {
          wants_credit_ = true;
          return false;
        }
        --credit_;
      }
      const jf_status status = send(JF_OK, JF_MORE, std::move(body), bytes);
      if (status == JF_OK) return true;
      const std::lock_guard lock(mutex_);
      if (status == JF_E_INVALID)
        throw Error(Status::invalid, "plugin.message.refused",
                    "the part is above 1 MiB of JSON or 64 KiB of octets: send smaller parts");
      if (status == JF_E_FULL) {
        wants_credit_ = true;
        credit_ = 0;
      } else {
        closed_ = true;
      }
      return false;
    }

    void finish(jf_status status, std::string body, std::string_view bytes) {
      // The callbacks may hold a copy of the responder: let go of them, or the state would keep itself alive.
      std::function<void()> credit, cancel;
      {
        const std::lock_guard lock(mutex_);
        if (std::exchange(closed_, true)) return;
        credit.swap(on_credit_);
        cancel.swap(on_cancel_);
      }
      if (send(status, 0, std::move(body), bytes) == JF_E_INVALID)
        send(JF_E_INTERNAL, 0,
             R"({"code":"plugin.message.refused","text":"the answer is above 1 MiB of JSON or 64 KiB of octets"})", {});
    }

    bool closed() const {
      const std::lock_guard lock(mutex_);
      return closed_;
    }

    void onCredit(std::function<void()> call) {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      on_credit_ = std::move(call);
    }
    void onCancel(std::function<void()> call) {
      const std::lock_guard lock(mutex_);
      if (closed_ && call) return;
      on_cancel_ = std::move(call);
    }

    void addCredit(std::uint32_t more) {
      std::function<void()> call;
      {
        const std::lock_guard lock(mutex_);
        credit_ += more;
        if (closed_ || !std::exchange(wants_credit_, false)) return;
        call = on_credit_;
      }
      if (call) call();
    }

    void cancel() {
      std::function<void()> call, credit;
      {
        const std::lock_guard lock(mutex_);
        if (std::exchange(closed_, true)) return;
        call.swap(on_cancel_);
        credit.swap(on_credit_);
      }
      if (call) call();
    }

   private:
    jf_status send(jf_status status, std::uint32_t flags, std::string body, std::string_view bytes) {
      body = detail::toUtf8(std::move(body));
      jf_message m = detail::makeMessage(JF_REPLY, id_);
      m.flags = flags;
      m.status = status;
      m.body = detail::view(body);
      m.bytes = detail::view(bytes);
      return outlet_->send(m);
    }

    std::shared_ptr<detail::Outlet> outlet_;
    const std::uint64_t id_;
    mutable std::mutex mutex_;
    std::uint32_t credit_;
    bool wants_credit_ = false;
    bool closed_ = false;
    std::function<void()> on_credit_;
    std::function<void()> on_cancel_;
  };

  explicit Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

}  // namespace jackfield

#endif
