// SPDX-License-Identifier: Apache-2.0
// The plugin's edge: requests in, worker jobs behind them, answers out. What the work is, the other files say.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>

#include <jackfield/directory.hpp>
#include <jackfield/plugin.hpp>
#include <jackfield/server.hpp>

#include "examination.hpp"
#include "settings.hpp"
#include "sign_in.hpp"
#include "synchronisation.hpp"

namespace jackfield::directory {

namespace {

// Sends parts and waits, on the worker's thread, while there is no credit.
class CreditedParts : public std::enable_shared_from_this<CreditedParts> {
 public:
  CreditedParts(Responder responder, std::stop_token stop) : responder_(std::move(responder)), stop_(std::move(stop)) {}

  // Before the first part.
  void listen() {
    const std::weak_ptr<CreditedParts> weak = weak_from_this();
    responder_.onCredit([weak] {
      if (const auto self = weak.lock()) self->wake();
    });
  }

  void send(const SyncPart& part) {
    for (;;) {
      const std::uint64_t seen = wakes_.load();
      if (responder_.part(part)) return;
      if (stop_.stop_requested() || responder_.cancelled())
        throw Error(Status::cancelled, "directory.cancelled", "the synchronisation was ended by request");
      std::unique_lock lock(mutex_);
      credit_.wait(lock, stop_, [&] { return wakes_.load() != seen; });
    }
  }

  void wake() {
    {
      const std::lock_guard lock(mutex_);
      ++wakes_;
    }
    credit_.notify_all();
  }

 private:
  Responder responder_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any credit_;
  std::atomic<std::uint64_t> wakes_ = 0;
};

// Ends one job: when the instance stops, or when the asker gives up.
struct JobStop {
  explicit JobStop(const std::stop_token& instance) : follow(instance, [this] { source.request_stop(); }) {}
  std::stop_source source;
  std::stop_callback<std::function<void()>> follow;

  static std::shared_ptr<JobStop> of(const std::stop_source& instance, Responder& responder) {
    auto made = std::make_shared<JobStop>(instance.get_token());
    responder.onCancel([weak = std::weak_ptr(made)] {
      if (const auto self = weak.lock()) self->source.request_stop();
    });
    return made;
  }
};

class Directory final : public Plugin<Settings> {
 public:
  Directory() {
    onAsync<Authenticate>("directory/1.authenticate", [this](const Authenticate& request, Responder responder) {
      answer(responder,
             [request](const Settings& s, const std::stop_token& stop) { return authenticate(s, request, stop); });
    });
    onAsync<Sync>("directory/1.sync", [this](const Sync& request, Responder responder) { sync(request, responder); });
    onAsync<boost::json::object>("server/1.test", [this](const boost::json::object&, Responder responder) {
      answer(responder, [](const Settings& s, const std::stop_token& stop) { return examine(s, stop); });
    });
  }
  ~Directory() override { stopping_.request_stop(); }

  void configure() override { checkSettings(settings()); }

  void start() override {
    stopping_ = std::stop_source();
    emitState({server::LinkState::connecting, ""});
    check();
    timers().every(std::chrono::seconds(settings().check_seconds), [this] { check(); });
  }

  void stop() override { stopping_.request_stop(); }

  void writable() override { emitState(state_); }

 private:
  // Runs `work` on a worker thread with a copy of the settings, and answers with what it returns or throws. The job
  // ends when the instance stops or the asker gives up.
  template <class F>
  void answer(Responder responder, F work) {
    const auto stop = JobStop::of(stopping_, responder);
    auto copy = std::make_shared<const Settings>(settings());
    auto run = [responder, work = std::move(work), copy, stop]() mutable {
      try {
        responder.reply(work(*copy, stop->source.get_token()));
      } catch (...) {
        responder.fail(jackfield::detail::currentError());
      }
    };
    this->work().submit(std::move(run), [responder](std::exception_ptr failed) mutable {
      if (failed) responder.fail(Error(Status::cancelled, "directory.cancelled", "the server is stopping"));
    });
  }

  void sync(const Sync& request, Responder responder) {
    if (syncing_)
      throw Error(Status::state, "directory.sync.busy",
                  "a synchronisation of this directory is running: wait for its end");
    const auto stop = JobStop::of(stopping_, responder);
    const auto parts = std::make_shared<CreditedParts>(responder, stop->source.get_token());
    parts->listen();
    auto settings = std::make_shared<const Settings>(this->settings());
    auto run = [request, responder, parts, settings, stop]() mutable {
      try {
        const auto sink = [&](const SyncPart& part) { parts->send(part); };
        responder.reply(synchronise(*settings, request, sink, stop->source.get_token()));
      } catch (...) {
        responder.fail(jackfield::detail::currentError());
      }
    };
    work().submit(std::move(run), [this, responder](std::exception_ptr failed) mutable {
      syncing_ = false;
      if (failed) responder.fail(Error(Status::cancelled, "directory.cancelled", "the server is stopping"));
    });
    syncing_ = true;
  }

  void check() {
    if (checking_) return;
    auto settings = std::make_shared<const Settings>(this->settings());
    work().submit([settings, stop = stopping_.get_token()] { checkLink(*settings, stop); },
                  [this](std::exception_ptr failed) {
                    checking_ = false;
                    if (!stopping_.stop_requested()) judge(failed);
                  });
    checking_ = true;
  }

  void judge(const std::exception_ptr& failed) {
    server::State now{server::LinkState::connected, ""};
    if (failed) {
      try {
        std::rethrow_exception(failed);
      } catch (const Error& error) {
        now = {server::LinkState::disconnected, error.what()};
        if (now.reason != state_.reason) log().warning(error.code(), {{"reason", error.what()}});
      }
    }
    if (now.state != state_.state || now.reason != state_.reason) emitState(now);
  }

  void emitState(server::State state) {
    state_ = std::move(state);
    emit("server/1.state", state_);  // a full queue: writable() sends it again
  }

  std::stop_source stopping_;
  server::State state_;
  bool syncing_ = false;
  bool checking_ = false;
};

}  // namespace

}  // namespace jackfield::directory

JACKFIELD_PLUGIN(jackfield::directory::Directory);
