// SPDX-License-Identifier: Apache-2.0
// A program that uses Jackfield's API.
#include "support/api_client.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <Poco/Buffer.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/StreamCopier.h>

#include "support/process.hpp"

namespace jackfield::tests {
namespace json = boost::json;
using Poco::Net::HTTPRequest;

ApiClient::ApiClient(int port, std::string token) : port_(port), token_(std::move(token)) {}

ApiClient ApiClient::signIn(int port, const std::string& login, const std::string& password) {
  const Answer answer = ApiClient(port).post("/tokens", {{"login", login}, {"password", password}});
  if (answer.status != 201) throw std::runtime_error(login + " cannot sign in: " + json::serialize(answer.body));
  return ApiClient(port, std::string(answer.body.at("token").as_string()));
}

Answer ApiClient::send(const std::string& method, const std::string& path, const json::value& body) const {
  Poco::Net::HTTPClientSession session("127.0.0.1", static_cast<Poco::UInt16>(port_));
  session.setTimeout(Poco::Timespan(20, 0));
  HTTPRequest request(method, "/api/v1" + path, HTTPRequest::HTTP_1_1);
  if (!token_.empty()) request.set("Authorization", "Bearer " + token_);
  const std::string text = body.is_null() ? "" : json::serialize(body);
  if (!text.empty()) request.setContentType("application/json");
  request.setContentLength(static_cast<std::streamsize>(text.size()));
  session.sendRequest(request) << text;
  Poco::Net::HTTPResponse response;
  std::ostringstream out;
  Poco::StreamCopier::copyStream(session.receiveResponse(response), out);
  Answer answer;
  answer.status = response.getStatus();
  json::error_code not_json;
  answer.body = json::parse(out.str(), not_json);
  return answer;
}

struct EventStream::Impl {
  Impl(const ApiClient& client, const std::string& from)
      : session("127.0.0.1", static_cast<Poco::UInt16>(client.port())), last(from) {
    HTTPRequest request(HTTPRequest::HTTP_GET, "/api/v1/events" + (from.empty() ? "" : "?cursor=" + from),
                        HTTPRequest::HTTP_1_1);
    request.set("Authorization", "Bearer " + client.token());
    Poco::Net::HTTPResponse response;
    socket = std::make_unique<Poco::Net::WebSocket>(session, request, response);
    socket->setReceiveTimeout(Poco::Timespan(0, 200000));
  }

  void read() {
    while (!ended) {
      Poco::Buffer<char> buffer(0);
      int flags = 0;
      try {
        const int size = socket->receiveFrame(buffer, flags);
        const int opcode = flags & Poco::Net::WebSocket::FRAME_OP_BITMASK;
        if (opcode == Poco::Net::WebSocket::FRAME_OP_PING)
          socket->sendFrame(
              buffer.begin(), size,
              static_cast<int>(Poco::Net::WebSocket::FRAME_FLAG_FIN) | Poco::Net::WebSocket::FRAME_OP_PONG);
        else if (opcode == Poco::Net::WebSocket::FRAME_OP_TEXT)
          take(std::string(buffer.begin(), static_cast<std::size_t>(size)));
        else
          break;
      } catch (const Poco::TimeoutException&) {
        continue;
      } catch (const Poco::Exception&) {
        break;
      }
    }
    ended = true;
  }

  void take(const std::string& text) {
    auto frame = json::parse(text).as_object();
    std::lock_guard lock(mutex);
    last = frame.at("cursor").as_string();
    if (frame.at("type") != "hello") frames.push_back(std::move(frame));
  }

  Poco::Net::HTTPClientSession session;
  std::unique_ptr<Poco::Net::WebSocket> socket;
  mutable std::mutex mutex;
  std::vector<json::object> frames;
  std::string last;
  std::atomic<bool> ended{false};
  std::thread reader;
};

EventStream::EventStream(const ApiClient& client, const std::string& cursor)
    : impl_(std::make_shared<Impl>(client, cursor)) {
  impl_->reader = std::thread([impl = impl_.get()] { impl->read(); });
}

EventStream::~EventStream() {
  impl_->ended = true;
  impl_->reader.join();
}

std::vector<json::object> EventStream::frames() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->frames;
}

std::string EventStream::cursor() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->last;
}

bool EventStream::open() const {
  return !impl_->ended;
}

bool EventStream::waitForFrame(std::chrono::milliseconds limit,
                               const std::function<bool(const json::object&)>& wanted) const {
  return waitFor(limit, [&] {
    std::lock_guard lock(impl_->mutex);
    return std::any_of(impl_->frames.begin(), impl_->frames.end(), wanted);
  });
}

}  // namespace jackfield::tests
