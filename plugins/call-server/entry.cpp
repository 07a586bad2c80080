// SPDX-License-Identifier: Apache-2.0
// The plugin's edge: lends the SIP library's loop to the host, hands messages to the switchboard and events back.
#include <memory>

#include <jackfield/call_control.hpp>
#include <jackfield/plugin.hpp>
#include <jackfield/server.hpp>

#include "b2bua/switchboard.hpp"
#include "link/check.hpp"
#include "link/links.hpp"
#include "settings.hpp"

namespace jackfield::calls {
namespace {

constexpr auto load_time = std::chrono::seconds(30);

class CallServer final : public Plugin<Settings> {
 public:
  CallServer() {
    serve<cc::MakeCall>("call-control/1.makeCall", &Switchboard::makeCall);
    serve<cc::CallCommand>("call-control/1.answerCall", &Switchboard::answerCall);
    serve<cc::CallCommand>("call-control/1.holdCall", &Switchboard::holdCall);
    serve<cc::CallCommand>("call-control/1.retrieveCall", &Switchboard::retrieveCall);
    serve<cc::CallCommand>("call-control/1.clearConnection", &Switchboard::clearConnection);
    serve<cc::CallCommand>("call-control/1.clearCall", &Switchboard::clearCall);
    serve<cc::DeflectCall>("call-control/1.deflectCall", &Switchboard::deflectCall);
    serve<cc::SingleStepTransferCall>("call-control/1.singleStepTransferCall", &Switchboard::singleStepTransferCall);
    serve<cc::TransferCall>("call-control/1.transferCall", &Switchboard::transferCall);
    serve<cc::CallCommand>("call-control/1.snapshotCall", &Switchboard::snapshotCall);
    onAsync<boost::json::object>("server/1.test", [this](const boost::json::object&, Responder responder) {
      work().submit([responder, copy = settings()]() mutable { responder.reply(check(copy)); },
                    [responder](std::exception_ptr failed) mutable {
                      if (failed)
                        responder.fail(Error(Status::cancelled, "sip.test.cancelled", "the server is stopping"));
                    });
    });
  }

  void configure() override { judge(settings()); }

  void start() override {
    loop().own([this] { run(); });
  }

  // Comes out of dispatch(), so inside run(), which returns after this turn even when closing fails.
  void stop() override {
    if (agent_) agent_->stop();
    if (board_) board_->close();
  }

  void writable() override {
    if (state_waits_) tell(state_);
    if (board_) board_->writable();
  }

 private:
  template <class Req, class Rep>
  void serve(std::string_view name, Rep (Switchboard::*method)(const Req&)) {
    on<Req>(name, [this, method](const Req& request) {
      if (!board_) throw Error(Status::state, "sip.server.stopped", "this call server is suspended or could not start");
      return ((*board_).*method)(request);
    });
  }

  void run() {
    try {
      open();
    } catch (const Error& failed) {
      log().error("sip.start.failed", {{"reason", failed.what()}});
      tell({server::LinkState::disconnected, failed.what()});
      waitForStop();
      return;
    }
    agent_->run();
    links_.reset();
    board_.reset();
    agent_.reset();
  }

  void open() {
    agent_ = std::make_unique<sip::Agent>(endpointOf(settings()));
    agent_->watch(loop().mailboxFd(), [this] { loop().dispatch(64); });
    agent_->onFailure([this](const std::string& what) { log().error("sip.fault", {{"reason", what}}); });
    board_ = std::make_unique<Switchboard>(
        *agent_, rulesOf(settings()),
        Sink{[this](const auto& message) { return emit("call-control/1.event", message); },
             [this](const auto& all) { return emit("call-control/1.resync", all); },
             [this](const auto& code, const auto& arguments) { warn(code, arguments); }},
        [this] {
          return links_ ? links_->active() : Target{"", 0, ""};
        },
        [this] { return links_ && links_->up(); });
    agent_->onRequest([this](std::shared_ptr<sip::Inbound> inbound) { board_->receive(std::move(inbound)); });
    // Until the records are in, the call server hears 503 and routes round us.
    request("storage/1.load", server::Load{"call/"}, load_time, [this](Reply reply) { loaded(reply); });
  }

  // Without sockets there is still a loop, which stop() ends.
  void waitForStop() {
    links_.reset();
    board_.reset();
    sip::AgentConfig none;
    none.listen = {{"127.0.0.1", 0, "udp"}};
    agent_ = std::make_unique<sip::Agent>(none);
    agent_->watch(loop().mailboxFd(), [this] { loop().dispatch(64); });
    agent_->run();
    agent_.reset();
  }

  void loaded(const Reply& reply) {
    if (reply.ok()) {
      const auto part =
          fromJson<server::Records>(reply.body.is_null() ? boost::json::object() : reply.body, Unknown::ignore);
      for (const auto& [key, record] : part.records) board_->restore(key, record);
      if (reply.more) return;
    } else {
      log().error("sip.records.unavailable", {{"reason", reply.error().what()}});
    }
    log().info("sip.started", {{"calls", std::to_string(board_->size())}});
    board_->open();
    board_->resync();
    Links::Config config;
    config.targets = targetsOf(settings());
    config.domain = settings().domain;
    config.interval = std::chrono::seconds(settings().probe_seconds);
    links_ = std::make_unique<Links>(
        *agent_, std::move(config), [this](const server::State& state) { tell(state); },
        [this] {
          board_->resync();
          board_->probeAll();
        });
  }

  void tell(const server::State& state) {
    state_ = state;
    state_waits_ = !emit("server/1.state", state);
  }

  void warn(const std::string& code, const std::map<std::string, std::string>& arguments) {
    boost::json::object values;
    for (const auto& [name, value] : arguments) values[name] = value;
    log().warning(code, values);
  }

  // In the order in which they may be destroyed last to first.
  std::unique_ptr<sip::Agent> agent_;
  std::unique_ptr<Switchboard> board_;
  std::unique_ptr<Links> links_;
  server::State state_;
  bool state_waits_ = false;
};

}  // namespace
}  // namespace jackfield::calls

JACKFIELD_PLUGIN(jackfield::calls::CallServer);
