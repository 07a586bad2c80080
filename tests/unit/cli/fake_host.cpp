// SPDX-License-Identifier: Apache-2.0
// The stand-in for jackfieldd.
#include "fake_host.hpp"

#include <deque>
#include <fstream>
#include <istream>
#include <iterator>
#include <sstream>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/TemporaryFile.h>

#include "cli/command_line.hpp"

namespace jackfield::cli {

struct Answer {
  int status = 200;
  std::string body;
};

struct FakeHost::State {
  std::mutex mutex;
  std::map<std::string, std::deque<Answer>> answers;
  std::deque<std::vector<std::string>> streams;
  std::vector<SeenRequest> seen;

  Answer next(const std::string& request) {
    const std::lock_guard lock(mutex);
    auto found = answers.find(request);
    if (found == answers.end()) found = answers.find(request.substr(0, request.find('?')));
    if (found == answers.end())
      return {404, R"({"type":"t","title":"t","status":404,"detail":"no such route","code":"test.route"})"};
    const Answer answer = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    return answer;
  }
};

namespace {

using StatePtr = std::shared_ptr<FakeHost::State>;

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(StatePtr state) : state_(std::move(state)) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    SeenRequest seen{request.getMethod(), request.getURI(), request.get("Authorization", ""), {}};
    seen.body.assign(std::istreambuf_iterator<char>(request.stream()), {});
    {
      const std::lock_guard lock(state_->mutex);
      state_->seen.push_back(seen);
    }
    if (request.has("Upgrade") && sendFrames(request, response)) return;
    const Answer answer = state_->next(seen.method + " " + seen.target);
    response.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status));
    response.setContentType(answer.status < 400 ? "application/json" : "application/problem+json");
    response.setContentLength64(static_cast<Poco::Int64>(answer.body.size()));
    response.send() << answer.body;
  }

 private:
  bool sendFrames(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) {
    std::vector<std::string> frames;
    {
      const std::lock_guard lock(state_->mutex);
      if (state_->streams.empty()) return false;
      frames = state_->streams.front();
      state_->streams.pop_front();
    }
    Poco::Net::WebSocket socket(request, response);
    for (const auto& frame : frames) socket.sendFrame(frame.data(), static_cast<int>(frame.size()));
    socket.shutdown();
    return true;
  }

  StatePtr state_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(StatePtr state) : state_(std::move(state)) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
    return new Handler(state_);
  }

 private:
  StatePtr state_;
};

Poco::Net::ServerSocket listen(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  const Poco::Net::SocketAddress address("127.0.0.1", 0);
  if (certificate.empty()) return Poco::Net::ServerSocket(address);
  const Poco::Net::Context::Ptr context(new Poco::Net::Context(
      Poco::Net::Context::TLS_SERVER_USE, key.string(), certificate.string(), "", Poco::Net::Context::VERIFY_NONE));
  return Poco::Net::SecureServerSocket(address, 16, context);
}

}  // namespace

struct FakeHost::Server {
  Server(const StatePtr& state, const std::filesystem::path& certificate, const std::filesystem::path& key)
      : socket(listen(certificate, key)),
        tls(!certificate.empty()),
        http(new Factory(state), socket, new Poco::Net::HTTPServerParams) {
    http.start();
  }
  ~Server() { http.stopAll(true); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Poco::Net::ServerSocket socket;
  bool tls;
  Poco::Net::HTTPServer http;
};

FakeHost::FakeHost(const std::filesystem::path& certificate, const std::filesystem::path& key)
    : state_(std::make_shared<State>()), server_(std::make_unique<Server>(state_, certificate, key)) {}

FakeHost::~FakeHost() = default;

void FakeHost::answer(const std::string& request, int status, const std::string& body) {
  const std::lock_guard lock(state_->mutex);
  state_->answers[request].push_back({status, body});
}

void FakeHost::stream(const std::vector<std::string>& frames) {
  const std::lock_guard lock(state_->mutex);
  state_->streams.push_back(frames);
}

std::string FakeHost::url() const {
  return (server_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(server_->socket.address().port());
}

std::vector<SeenRequest> FakeHost::seen() const {
  const std::lock_guard lock(state_->mutex);
  return state_->seen;
}

SeenRequest FakeHost::last(const std::string& method) const {
  const auto requests = seen();
  for (auto request = requests.rbegin(); request != requests.rend(); ++request)
    if (request->method == method) return *request;
  return {};
}

Ran runAgainst(const FakeHost& host, std::vector<std::string> arguments, Variables variables,
               const std::string& input) {
  variables.emplace("JACKFIELD_URL", host.url());
  variables.emplace("JACKFIELD_TOKEN", "t0ken");
  variables.emplace("JACKFIELD_CONFIG", "/nonexistent/cli.yaml");
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const int code = run(arguments, {in, out, err}, variables);
  return {code, out.str(), err.str()};
}

Folder::Folder() : path_(Poco::TemporaryFile::tempName()) {
  std::filesystem::create_directories(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name) << text;
  return path_ / name;
}

}  // namespace jackfield::cli
