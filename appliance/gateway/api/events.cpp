// SPDX-License-Identifier: Apache-2.0
// The event stream: the WebSocket handshake, and the way of an event into the hub.
#include <atomic>
#include <sstream>

#include <Poco/Base64Encoder.h>
#include <Poco/SHA1Engine.h>
#include <Poco/String.h>

#include "gateway/api/api.hpp"
#include "gateway/http/problem.hpp"

namespace jackfield::gateway {
namespace {

// RFC 6455 section 1.3.
constexpr const char* acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t keyLength = 24;

class Sink : public services::EventSink {
 public:
  explicit Sink(std::shared_ptr<WebSocketClient> client) : client_(std::move(client)) {}
  bool send(const std::shared_ptr<const std::string>& frame) override { return client_->send(frame); }
  bool accepting() override {
    waiting_ = !client_->room();
    return !waiting_;
  }
  void close(const std::string& reason) override {
    if (reason == "session") return client_->close(close_code::policy, "the session has ended");
    if (reason == "shutdown") return client_->close(close_code::goingAway, "the server stops");
    // Too slow, or so long behind that the log went on without it: it comes back with its cursor and is told.
    client_->close(close_code::tryAgainLater, reason);
  }
  // The last page was sent: from now on the limit of a client that keeps up holds.
  void settle() {
    if (!waiting_) client_->caughtUp();
  }

 private:
  std::shared_ptr<WebSocketClient> client_;
  std::atomic<bool> waiting_{false};
};

class Stream : public WebSocketClient::Attachment, public std::enable_shared_from_this<Stream> {
 public:
  Stream(Api& api, std::shared_ptr<Sink> sink, std::shared_ptr<void> slot)
      : api_(api), sink_(std::move(sink)), slot_(std::move(slot)) {}
  void subscribe(const model::Principal& principal, const std::string& cursor) {
    subscription_ = api_.services.events().subscribe(principal, cursor, sink_);
    sink_->settle();
  }
  void roomAgain() override {
    // What was missed is read from the disk: not on the hub's thread.
    api_.catch_up.post([self = shared_from_this()] {
      self->api_.services.events().resume(self->subscription_);
      self->sink_->settle();
    });
  }

 private:
  Api& api_;
  std::shared_ptr<Sink> sink_;
  std::shared_ptr<void> slot_;
  services::Events::Subscription subscription_;
};

std::string acceptKey(const std::string& key) {
  Poco::SHA1Engine digest;
  digest.update(key + acceptSuffix);
  const auto& octets = digest.digest();
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
  encoder.close();
  return out.str();
}

bool isHandshake(const Request& request) {
  return Poco::toLower(request.header("Upgrade")) == "websocket" &&
         Poco::toLower(request.header("Connection")).find("upgrade") != std::string::npos &&
         request.header("Sec-WebSocket-Version") == "13";
}

void subscribe(Api& api, const model::Principal& principal, const std::string& cursor, std::shared_ptr<void> slot,
               Transport transport, std::string already_read) {
  const auto client = api.hub.adopt(std::move(transport), std::move(already_read));
  const auto stream = std::make_shared<Stream>(api, std::make_shared<Sink>(client), std::move(slot));
  try {
    stream->subscribe(principal, cursor);
    client->attach(stream);
  } catch (const model::Problem& problem) {
    // Since the handshake the cursor fell out of the log, or the host stops.
    client->close(close_code::tryAgainLater, problem.code());
  }
}

Response events(Api& api, Request& request) {
  if (!isHandshake(request)) {
    auto response = problem(426, "events.handshake");
    response.headers.emplace_back("Upgrade", "websocket");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    return response;
  }
  const std::string key = request.header("Sec-WebSocket-Key");
  if (key.size() != keyLength) return problem(400, "events.key");
  if (api.hub.full()) return problem(503, "events.full");
  auto slot = api.streams.take(request.principal.session_id);
  if (!slot) {
    auto response = problem(429, "events.streams");
    response.headers.emplace_back("Retry-After", "5");
    return response;
  }
  const std::string cursor = text(request, "cursor");
  api.services.events().check(request.principal, cursor);

  Response response;
  response.status = 101;
  response.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", acceptKey(key)}};
  response.upgrade = [&api, principal = request.principal, cursor, slot = std::move(slot)](Transport transport,
                                                                                           std::string already_read) {
    subscribe(api, principal, cursor, slot, std::move(transport), std::move(already_read));
  };
  return response;
}

}  // namespace

std::shared_ptr<void> StreamCount::take(const std::string& session) {
  std::lock_guard lock(counts_->mutex);
  auto& count = counts_->of_session[session];
  if (count >= limit_) return nullptr;
  ++count;
  return {static_cast<void*>(counts_.get()), [counts = counts_, session](void*) {
            std::lock_guard held(counts->mutex);
            const auto found = counts->of_session.find(session);
            if (--found->second == 0) counts->of_session.erase(found);
          }};
}

std::vector<Route> eventRoutes(Api& api) {
  return {{"GET", "/api/v1/events", "events", [&](Request& r) { return events(api, r); }}};
}

}  // namespace jackfield::gateway
