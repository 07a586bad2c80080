// SPDX-License-Identifier: Apache-2.0
// Serving requests that are whole.
#include "gateway/http/server.hpp"

#include <csignal>
#include <exception>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPResponse.h>
#include <pthread.h>

#include "gateway/http/problem.hpp"
#include "kernel/base/log.hpp"

namespace jackfield::gateway {
namespace {

std::string headOf(const Response& response, bool keep_alive) {
  using Poco::Net::HTTPResponse;
  const auto status = static_cast<HTTPResponse::HTTPStatus>(response.status);
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + HTTPResponse::getReasonForStatus(status);
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append("\r\n").append(name).append(": ").append(value);
  };
  add("Date", Poco::DateTimeFormatter::format(Poco::Timestamp(), Poco::DateTimeFormat::HTTP_FORMAT));
  for (const auto& [name, value] : response.headers) add(name, value);
  if (!response.content_type.empty()) add("Content-Type", response.content_type);
  const bool bodiless = response.status == 204 || response.status == 304 || response.status == 101;
  if (!bodiless) add("Content-Length", std::to_string(response.body ? response.body->size() : 0));
  if (!keep_alive && response.status != 101) add("Connection", "close");
  return head.append("\r\n\r\n");
}

std::string refusalText(int status, const std::string& code) {
  const auto response = problem(status, code);
  return headOf(response, false) + *response.body;
}

}  // namespace

Server::Server(const Lobby::Options& options, const TlsServer* tls, Dispatcher& dispatcher, unsigned threads)
    : dispatcher_(dispatcher), threads_(threads), lobby_(options, tls, refusalText) {}

Server::~Server() {
  stop(std::chrono::milliseconds(0));
}

void Server::start() {
  lobby_.start();
  for (unsigned i = 0; i < threads_; ++i) workers_.emplace_back([this] { work(); });
}

void Server::stop(std::chrono::milliseconds deadline) {
  if (workers_.empty()) return;
  lobby_.drain(deadline);
  lobby_.dismiss();
  for (auto& worker : workers_) worker.join();
  workers_.clear();
  lobby_.stop();
}

void Server::work() {
  ::pthread_setname_np(::pthread_self(), "http");
  // OpenSSL writes without MSG_NOSIGNAL.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (const auto connection = lobby_.wait())
    while (serve(*connection)) continue;
}

bool Server::serve(HttpConnection& connection) {
  bool keep_alive = false, head_only = false;
  auto response = dispatcher_.handle(connection.request().head(), connection.request().body(), connection.address(),
                                     connection.secure(), keep_alive, head_only);
  if (!response.upgrade) {
    Outgoing outgoing{headOf(response, keep_alive), head_only ? nullptr : std::move(response.body), !keep_alive};
    return connection.answer(std::move(outgoing));
  }
  auto taken = connection.take(headOf(response, true));
  if (taken.transport.fd() < 0) return false;
  try {
    response.upgrade(std::move(taken.transport), std::move(taken.already_read));
  } catch (const std::exception& e) {
    kernel::Log("gateway").error("http.internal", {{"operation", "events"}, {"reason", e.what()}});
  }
  return false;
}

}  // namespace jackfield::gateway
