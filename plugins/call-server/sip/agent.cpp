// SPDX-License-Identifier: Apache-2.0
// The endpoint: loop, sockets, timers, and requests outside of dialogs.
#include "agent.hpp"

#include <algorithm>
#include <utility>

#include <jackfield/error.hpp>

#include "core.hpp"
#include "dialog.hpp"

extern "C" {
extern su_log_t nta_log[];
extern su_log_t tport_log[];
// NOLINTNEXTLINE(readability-identifier-naming,bugprone-reserved-identifier): the library's name
extern void (*_su_time)(su_time_t*);  // the library calls it with every time that it reads
}

namespace jackfield::sip {

struct LibraryTimer final : Timer {
  AgentCore* core;
  su_timer_t* timer = nullptr;
  std::function<void()> call;

  ~LibraryTimer() override { su_timer_destroy(timer); }

  static void fire(AgentCore*, su_timer_t*, LibraryTimer* self) {
    auto due = std::move(self->call);  // the owner may destroy the timer in its own call
    self->core->guarded(due);
  }
};

namespace {

// The library cuts the wait for its next timer to whole milliseconds: for the rest of the last one it polls without
// waiting, for half a millisecond on average and every timer, which was most of the cost of a call. With a clock that
// moves in whole milliseconds the rest is zero.
void (*earlier_hook)(su_time_t*) = nullptr;

void wholeMilliseconds(su_time_t* time) {
  if (earlier_hook) earlier_hook(time);
  time->tv_usec -= time->tv_usec % 1000;
}

void prepareLibrary() {
  static const bool once = [] {
    su_init();
    earlier_hook = std::exchange(_su_time, &wholeMilliseconds);
    // The library's own log goes to stderr, where nobody reads it, and costs time per message.
    su_log_soft_set_level(su_log_default, 0);
    su_log_soft_set_level(su_log_global, 0);
    su_log_soft_set_level(nta_log, 0);
    su_log_soft_set_level(tport_log, 0);
    return true;
  }();
  (void)once;
}

std::string bracketed(const std::string& host) {
  return host.find(':') != std::string::npos && host.front() != '[' ? "[" + host + "]" : host;
}

void openListener(AgentCore& core, const Listen& listen) {
  const bool tls = listen.transport == "tls";
  const std::string url = (tls ? "sips:" : "sip:") + bracketed(listen.host) + ":" +
                          (listen.port ? std::to_string(listen.port) : "*") + ";transport=" + listen.transport;
  unsigned policy = TPTLS_VERIFY_NONE;
  if (core.config.client_certificate) policy |= TPTLS_VERIFY_IN;
  if (core.config.verify_server) policy |= TPTLS_VERIFY_SUBJECTS_OUT;
  const int failed = nta_agent_add_tport(
      core.agent, URL_STRING_MAKE(url.c_str()), TAG_IF(tls, TPTAG_CERTIFICATE(core.config.certificates.c_str())),
      TAG_IF(tls, TPTAG_TLS_VERIFY_POLICY(policy)), TPTAG_QUEUESIZE(256), TPTAG_UDP_RMEM(4u << 20), TAG_END());
  if (failed)
    throw Error(
        Status::unreachable, "sip.listen.failed",
        "cannot listen on " + listen.transport + " " + listen.host + ":" + std::to_string(listen.port) +
            (tls ? "; is the port free, and do agent.pem and cafile.pem stand in " + core.config.certificates + "?"
                 : "; is the port free and the address one of this machine?"),
        "/listen");
}

void readOpened(AgentCore& core) {
  for (auto* t = tport_primaries(nta_agent_tports(core.agent)); t; t = tport_next(t)) {
    const auto* name = tport_name(t);
    core.opened.push_back({name->tpn_host, static_cast<unsigned>(std::atoi(name->tpn_port)), name->tpn_proto});
  }
}

int mailboxReady(AgentCore* core, su_wait_t*, Watch* watch) {
  core->guarded(watch->ready);
  return 0;
}

}  // namespace

const Listen& AgentCore::listener(const std::string& transport) const {
  const auto found =
      std::find_if(opened.begin(), opened.end(), [&](const Listen& l) { return l.transport == transport; });
  return found == opened.end() ? opened.front() : *found;
}

std::string AgentCore::contact(const std::string& transport) const {
  const auto& l = listener(transport);
  return "sip:jackfield@" + bracketed(l.host) + ":" + std::to_string(l.port) +
         (l.transport == "udp" ? "" : ";transport=" + l.transport);
}

Agent::Agent(const AgentConfig& config) : core_(std::make_unique<AgentCore>()) {
  prepareLibrary();
  core_->config = config;
  core_->root = su_root_create(core_.get());
  if (!core_->root) throw Error(Status::internal, "sip.loop.failed", "the SIP library cannot create its loop");
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the library's way to say that it shall open no listener by itself
  core_->agent = nta_agent_create(core_->root, reinterpret_cast<url_string_t*>(-1), nullptr, nullptr, NTATAG_UA(1),
                                  NTATAG_SERVER_RPORT(1), NTATAG_MAXSIZE(64 * 1024), NTATAG_UDP_MTU(65535),
                                  NTATAG_SIP_T1(config.t1_ms), NTATAG_SIP_T1X64(64 * config.t1_ms), TAG_END());
  if (!core_->agent) throw Error(Status::internal, "sip.loop.failed", "the SIP library cannot create its agent");
  try {
    for (const auto& listen : config.listen) openListener(*core_, listen);
  } catch (...) {
    nta_agent_destroy(core_->agent);
    su_root_destroy(core_->root);
    throw;
  }
  readOpened(*core_);
  core_->outside_owner = std::make_unique<LegOwner>(LegOwner{*core_, {}});
  core_->outside = nta_leg_tcreate(core_->agent, &receive, core_->outside_owner.get(), NTATAG_NO_DIALOG(1), TAG_END());
}

Agent::~Agent() {
  for (auto& watch : core_->watches) su_root_deregister(core_->root, watch->index);
  nta_leg_destroy(core_->outside);
  nta_agent_destroy(core_->agent);
  su_root_destroy(core_->root);
}

void Agent::onRequest(OnRequest call) {
  core_->outside_owner->on_request = std::move(call);
}
void Agent::onFailure(OnFailure call) {
  core_->on_failure = std::move(call);
}

void Agent::run() {
  su_root_run(core_->root);
}
void Agent::stop() {
  su_root_break(core_->root);
}
void Agent::step(std::chrono::milliseconds at_most) {
  su_root_step(core_->root, at_most.count());
}

void Agent::watch(int fd, std::function<void()> ready) {
  auto watch = std::make_unique<Watch>();
  watch->core = core_.get();
  watch->ready = std::move(ready);
  su_wait_init(watch->wait);
  if (su_wait_create(watch->wait, fd, SU_WAIT_IN) < 0 ||
      (watch->index = su_root_register(core_->root, watch->wait, &mailboxReady, watch.get(), su_pri_normal)) < 0)
    throw Error(Status::internal, "sip.loop.failed", "the SIP library's loop refuses the mailbox descriptor");
  core_->watches.push_back(std::move(watch));
}

std::unique_ptr<Timer> Agent::after(std::chrono::milliseconds delay, std::function<void()> call) {
  auto timer = std::make_unique<LibraryTimer>();
  timer->core = core_.get();
  timer->call = std::move(call);
  timer->timer = su_timer_create(su_root_task(core_->root), std::max<su_duration_t>(delay.count(), 1));
  su_timer_set(timer->timer, reinterpret_cast<su_timer_f>(&LibraryTimer::fire), timer.get());
  return timer;
}

unsigned Agent::port(const std::string& transport) const {
  for (const auto& l : core_->opened) {
    if (l.transport == transport) return l.port;
  }
  return 0;
}

std::string Agent::address(const std::string& transport) const {
  const auto& l = core_->listener(transport);
  return bracketed(l.host) + ":" + std::to_string(l.port);
}

std::string Agent::contact(const std::string& transport) const {
  return core_->contact(transport);
}

std::unique_ptr<Dialog> Agent::createDialog(const std::string& local, const std::string& remote) {
  return LibraryDialog::create(*core_, local, remote);
}

std::unique_ptr<Dialog> Agent::acceptDialog(Inbound& request) {
  return LibraryDialog::accept(*core_, static_cast<InboundTransaction&>(request));
}

std::unique_ptr<Dialog> Agent::restoreDialog(const DialogState& state) {
  return LibraryDialog::restore(*core_, state);
}

std::shared_ptr<Outbound> Agent::send(const std::string& method, const std::string& uri, const std::string& from,
                                      const std::string& to, const std::string& route, const Content& content,
                                      std::function<void(const Message&)> on_response) {
  auto sent = std::make_shared<OutboundTransaction>(*core_, std::move(on_response));
  const std::string headers = headerText(content.headers);
  sent->orq = nta_outgoing_tcreate(core_->outside, &OutboundTransaction::response, sent.get(),
                                   route.empty() ? nullptr : URL_STRING_MAKE(route.c_str()), methodOf(method),
                                   method.c_str(), URL_STRING_MAKE(uri.c_str()), SIPTAG_FROM_STR(from.c_str()),
                                   SIPTAG_TO_STR(to.c_str()), SIPTAG_USER_AGENT_STR(core_->config.user_agent.c_str()),
                                   TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())), TAG_END());
  return sent->orq ? sent : nullptr;
}

}  // namespace jackfield::sip
