// SPDX-License-Identifier: Apache-2.0
// Putting the gateway together and taking it down.
#include "gateway/gateway.hpp"

#include <Poco/Net/IPAddress.h>

#include <jackfield/error.hpp>

#include "gateway/api/api.hpp"
#include "gateway/http/server.hpp"
#include "kernel/base/log.hpp"

namespace jackfield::gateway {
namespace fs = std::filesystem;
namespace {

using std::chrono::milliseconds;

void refusePlainForOthers(const Gateway::Options& options) {
  Poco::Net::IPAddress address;
  const std::string& host = options.http.host;
  const bool loopback = host == "localhost" || (Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback());
  if (options.plain && !loopback)
    throw Error(Status::invalid, "http.plain",
                "http.plain: true is accepted on a loopback address only, and http.host is " + host +
                    "; passwords would cross the network in clear. Remove http.plain or set http.host to 127.0.0.1",
                "/http.plain", "true");
}

std::unique_ptr<TlsServer> makeTls(const Gateway::Options& options) {
  if (options.plain) return nullptr;
  if (fs::exists(options.certificate) || fs::exists(options.key))
    return std::make_unique<TlsServer>(options.certificate, options.key);
  const fs::path certificate = options.self_signed_folder / "certificate.pem";
  const fs::path key = options.self_signed_folder / "key.pem";
  if (!fs::exists(certificate) || !fs::exists(key)) {
    makeSelfSigned(certificate, key);
    kernel::Log("gateway").warning("tls.selfSigned.made", {{"file", certificate.string()}});
  }
  return std::make_unique<TlsServer>(certificate, key);
}

}  // namespace

struct Gateway::Impl {
  services::Services& services;
  kernel::Metrics& metrics;
  Options options;
  kernel::Log log{"gateway"};
  OpenApi openapi;
  std::unique_ptr<TlsServer> tls;
  Hub hub;
  StreamCount streams;
  Reactor helper;
  Api api;
  StaticFiles files;
  Dispatcher dispatcher;
  Server server;
  bool running = false;

  Impl(services::Services& s, kernel::Metrics& m, const Options& o)
      : services(s),
        metrics(m),
        options((refusePlainForOthers(o), o)),
        tls(makeTls(o)),
        hub(o.events),
        streams(o.streams_of_session),
        helper("catch-up", o.certificate_check, [this] { checkCertificate(); }),
        api{s, openapi, m, hub, streams, helper},
        files(o.web_folder),
        dispatcher(openapi, s.signIn(), allRoutes(api), files, m, o.limits),
        server(o.http, tls.get(), dispatcher, o.threads) {
    observeMetrics();
  }

  void observeMetrics() {
    const auto show = [this](const char* name, const char* help, auto read) { metrics.observed(name, help, read); };
    const auto& hub_counters = hub.counters();
    const auto& lobby = server.lobby();
    show("jackfield_event_streams", "Event streams connected.", [this] { return static_cast<double>(hub.clients()); });
    show("jackfield_event_streams_cut", "Event streams cut at their queue limit.",
         [&] { return static_cast<double>(hub_counters.cut); });
    show("jackfield_event_streams_silent", "Event streams that ended without a word.",
         [&] { return static_cast<double>(hub_counters.silent); });
    show("jackfield_event_streams_faults", "Event streams ended for breaking the protocol.",
         [&] { return static_cast<double>(hub_counters.faults); });
    show("jackfield_websocket_frames", "WebSocket frames sent.",
         [&] { return static_cast<double>(hub_counters.frames); });
    show("jackfield_websocket_octets", "Octets sent to event streams.",
         [&] { return static_cast<double>(hub_counters.octets); });
    show("jackfield_http_connections", "HTTP connections, event streams aside.",
         [&] { return static_cast<double>(lobby.connections()); });
    show("jackfield_http_accepted", "HTTP connections accepted.",
         [&] { return static_cast<double>(lobby.counters().accepted); });
    show("jackfield_http_refused", "HTTP connections refused because there were too many.",
         [&] { return static_cast<double>(lobby.counters().refused); });
    show("jackfield_http_slow", "Requests cut off because they took too long to arrive.",
         [&] { return static_cast<double>(lobby.counters().slow); });
    show("jackfield_tls_handshakes_failed", "TLS handshakes that failed.",
         [&] { return static_cast<double>(lobby.counters().handshakes_failed); });
  }

  void checkCertificate() {
    if (tls && tls->changed()) reload();
  }

  void reload() {
    if (!tls) return;
    try {
      const auto info = tls->reload();
      log.info("tls.reloaded", {{"subject", info.subject}});
      services.alarms().clear("tls.refused", "gateway");
    } catch (const Error& e) {
      log.error("tls.refused", {{"reason", e.what()}});
      services.alarms().raise("tls.refused", "gateway", "major", e.what());
    }
  }

  void stop(milliseconds deadline) {
    if (!running) return;
    running = false;
    server.stop(deadline / 2);
    hub.stop(deadline / 2);
    helper.stop();
  }
};

Gateway::Gateway(services::Services& services, kernel::Metrics& metrics, const Options& options)
    : impl_(std::make_unique<Impl>(services, metrics, options)) {}

Gateway::~Gateway() {
  impl_->stop(milliseconds(0));
}

void Gateway::start() {
  impl_->running = true;
  impl_->helper.start();
  impl_->hub.start();
  impl_->server.start();
  impl_->log.info("http.listening", {{"host", impl_->options.http.host},
                                     {"port", std::to_string(port())},
                                     {"protocol", impl_->tls ? "https" : "http"}});
}

void Gateway::stop(milliseconds deadline) {
  impl_->stop(deadline);
}

std::uint16_t Gateway::port() const {
  return impl_->server.port();
}

std::size_t Gateway::clients() const {
  return impl_->hub.clients();
}

void Gateway::reloadCertificate() {
  impl_->helper.post([this] { impl_->reload(); });
}

void Gateway::observe(Dispatcher::Observer observer) {
  impl_->dispatcher.observe(std::move(observer));
}

std::vector<Route> Gateway::routes() {
  return allRoutes(impl_->api);
}

}  // namespace jackfield::gateway
