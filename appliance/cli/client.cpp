// SPDX-License-Identifier: Apache-2.0
// HTTP by Poco; certificates are checked by OpenSSL itself against the name or address that was asked for.
#include "cli/client.hpp"

#include <sstream>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/URI.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <jackfield/json.hpp>

namespace jackfield::cli {

using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;

namespace {

constexpr const char* apiRoot = "/api/v1/";
constexpr std::size_t largestAnswer = 64U << 20;
constexpr int largestFrame = 4 << 20;

constexpr const char* reserved = "/?#%&=+:;@[]";

std::string encodedQuery(const Query& query) {
  std::string out;
  for (const auto& [name, value] : query) {
    out += (out.empty() ? "?" : "&") + name + "=";
    Poco::URI::encode(value, reserved, out);
  }
  return out;
}

bool isLoopback(const std::string& host) {
  Poco::Net::IPAddress address;
  return host == "localhost" || (Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback());
}

// Poco's own check of the name is replaced: it accepts any certificate from a loopback address and looks names up.
Poco::Net::Context::Ptr tlsContext(const std::string& host, const std::string& ca) {
  Poco::Net::Context::Ptr context(new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", "", ca,
                                                         Poco::Net::Context::VERIFY_STRICT, 9, ca.empty()));
  context->enableExtendedCertificateVerification(false);
  X509_VERIFY_PARAM* expected = SSL_CTX_get0_param(context->sslContext());
  Poco::Net::IPAddress address;
  const int set = Poco::Net::IPAddress::tryParse(host, address)
                      ? X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str())
                      : X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size());
  if (set != 1) throw Failure(ExitCode::usage, host + " is not a host name");
  return context;
}

std::string readAll(std::istream& in) {
  std::string text;
  char buffer[16384];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (text.size() > largestAnswer) throw Failure(ExitCode::failed, "the answer is larger than 64 MiB");
  }
  return text;
}

boost::json::value parsedAnswer(const std::string& text) {
  if (text.empty()) return nullptr;
  try {
    return parseJson(text);
  } catch (const Error& error) {
    throw Failure(ExitCode::failed, std::string("the answer is no document of Jackfield: ") + error.what());
  }
}

ExitCode exitCodeOf(int status) {
  return status == HTTPResponse::HTTP_UNAUTHORIZED ? ExitCode::connection : ExitCode::failed;
}

std::string member(const boost::json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

[[noreturn]] void throwUnreachable(const std::string& server, const Poco::Exception& error) {
  std::string text = server + " cannot be reached: " + error.displayText();
  if (dynamic_cast<const Poco::Net::SSLException*>(&error) != nullptr)
    text += "\nIs the certificate signed by one that this machine trusts? --ca FILE names another.";
  else
    text += "\nIs jackfieldd running there? --server URL or JACKFIELD_URL names another.";
  throw Failure(ExitCode::connection, text);
}

}  // namespace

std::string encodedPath(const std::vector<std::string>& segments) {
  std::string out;
  for (const auto& segment : segments) {
    out += out.empty() ? "" : "/";
    Poco::URI::encode(segment, reserved, out);
  }
  return out;
}

std::string problemText(const boost::json::value& problem, int status) {
  if (!problem.is_object() || !problem.get_object().contains("detail"))
    return "the server answered with status " + std::to_string(status);
  const auto& object = problem.get_object();
  std::string text = member(object, "detail");
  if (const auto code = member(object, "code"); !code.empty()) text += " [" + code + "]";
  const auto* errors = object.if_contains("errors");
  if (!errors || !errors->is_array()) return text;
  for (const auto& entry : errors->get_array()) {
    if (!entry.is_object()) continue;
    const auto& fault = entry.get_object();
    text += "\n  " + member(fault, "pointer") + ": " + member(fault, "value") + " " + member(fault, "rule");
  }
  return text;
}

Client::Client(Profile profile) : profile_(std::move(profile)) {
  try {
    const Poco::URI address(profile_.server);
    tls_ = address.getScheme() == "https";
    host_ = address.getHost();
    port_ = address.getPort();
    if (host_.empty() || (!tls_ && address.getScheme() != "http"))
      throw Failure(ExitCode::usage, "--server: " + profile_.server + " is not an address such as https://host:8443");
  } catch (const Poco::SyntaxException& error) {
    throw Failure(ExitCode::usage, "--server: " + profile_.server + ": " + error.displayText());
  }
  if (!tls_ && !isLoopback(host_))
    throw Failure(ExitCode::usage,
                  "--server: " + profile_.server + " would carry passwords readable over the network; use https");
}

Client::~Client() = default;

std::unique_ptr<Poco::Net::HTTPClientSession> Client::connect() const {
  std::unique_ptr<Poco::Net::HTTPClientSession> session;
  if (tls_)
    session = std::make_unique<Poco::Net::HTTPSClientSession>(host_, port_, tlsContext(host_, profile_.ca));
  else
    session = std::make_unique<Poco::Net::HTTPClientSession>(host_, port_);
  session->setTimeout(Poco::Timespan(10, 0), Poco::Timespan(30, 0), Poco::Timespan(90, 0));
  session->setKeepAlive(true);
  return session;
}

void Client::authorize(HTTPRequest& request) const {
  request.set("User-Agent", "jackfield-cli");
  if (!profile_.token.empty()) request.set("Authorization", "Bearer " + profile_.token);
}

boost::json::value Client::exchange(const std::string& method, const std::string& path, const Query& query,
                                    const boost::json::value* body) {
  HTTPRequest request(method, apiRoot + path + encodedQuery(query), HTTPRequest::HTTP_1_1);
  authorize(request);
  request.set("Accept", "application/json, application/problem+json");
  const std::string sent = body != nullptr ? boost::json::serialize(*body) : std::string();
  if (body != nullptr) request.setContentType("application/json");
  if (method != HTTPRequest::HTTP_GET) request.setContentLength64(static_cast<Poco::Int64>(sent.size()));
  try {
    if (!session_) session_ = connect();
    session_->sendRequest(request) << sent << std::flush;
    HTTPResponse response;
    const auto answer = readAll(session_->receiveResponse(response));
    const int status = response.getStatus();
    if (status >= 200 && status < 300) return parsedAnswer(answer);
    boost::json::value problem;
    try {
      problem = parseJson(answer);
    } catch (const Error&) {  // a proxy's own page
      problem = nullptr;
    }
    std::string text = problemText(problem, status);
    if (status == HTTPResponse::HTTP_UNAUTHORIZED && path != "tokens") text += "\nSign in with: jackfield login NAME";
    throw Failure(exitCodeOf(status), text);
  } catch (const Poco::Exception& error) {
    session_.reset();
    throwUnreachable(profile_.server, error);
  }
}

boost::json::value Client::get(const std::string& path, const Query& query) {
  return exchange(HTTPRequest::HTTP_GET, path, query, nullptr);
}
boost::json::value Client::post(const std::string& path, const boost::json::value& body, const Query& query) {
  return exchange(HTTPRequest::HTTP_POST, path, query, body.is_null() ? nullptr : &body);
}
boost::json::value Client::put(const std::string& path, const boost::json::value& body) {
  return exchange(HTTPRequest::HTTP_PUT, path, {}, &body);
}
boost::json::value Client::patch(const std::string& path, const boost::json::value& body) {
  return exchange(HTTPRequest::HTTP_PATCH, path, {}, &body);
}
void Client::remove(const std::string& path, const Query& query) {
  exchange(HTTPRequest::HTTP_DELETE, path, query, nullptr);
}

bool Client::events(const std::string& cursor, const std::function<bool(const boost::json::object&)>& frame) {
  const std::string query = cursor.empty() ? "" : encodedQuery({{"cursor", cursor}});
  HTTPRequest request(HTTPRequest::HTTP_GET, std::string(apiRoot) + "events" + query, HTTPRequest::HTTP_1_1);
  authorize(request);
  HTTPResponse response;
  const auto session = connect();
  try {
    Poco::Net::WebSocket socket(*session, request, response);
    socket.setReceiveTimeout(Poco::Timespan(0));  // a quiet system is not a broken one; TCP keep-alive finds the latter
    socket.setKeepAlive(true);
    socket.setMaxPayloadSize(largestFrame);
    for (;;) {
      Poco::Buffer<char> buffer(0);
      int flags = 0;
      const int size = socket.receiveFrame(buffer, flags);
      const int kind = flags & Poco::Net::WebSocket::FRAME_OP_BITMASK;
      if (kind == Poco::Net::WebSocket::FRAME_OP_PING) {
        socket.sendFrame(buffer.begin(), size,
                         static_cast<int>(Poco::Net::WebSocket::FRAME_FLAG_FIN) | Poco::Net::WebSocket::FRAME_OP_PONG);
        continue;
      }
      if (kind == Poco::Net::WebSocket::FRAME_OP_CLOSE || (size == 0 && flags == 0)) return false;
      if (kind != Poco::Net::WebSocket::FRAME_OP_TEXT) continue;
      const auto document = parsedAnswer(std::string(buffer.begin(), buffer.size()));
      if (document.is_object() && !frame(document.get_object())) return true;
    }
  } catch (const Poco::Net::WebSocketException& error) {
    const int status = response.getStatus();
    if (status >= 400)
      throw Failure(exitCodeOf(status), "the event stream was refused with status " + std::to_string(status) +
                                            (status == HTTPResponse::HTTP_GONE
                                                 ? ": the cursor is older than the log; start again without --cursor"
                                                 : ""));
    throwUnreachable(profile_.server, error);
  } catch (const Poco::Exception& error) {
    throwUnreachable(profile_.server, error);
  }
}

}  // namespace jackfield::cli
