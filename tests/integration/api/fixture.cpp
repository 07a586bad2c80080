// SPDX-License-Identifier: Apache-2.0
// Starting a gateway for tests.
#include "integration/api/fixture.hpp"

#include <fstream>

namespace jackfield::tests {

using call_control::ConnectionState;
using call_control::EventType;
using call_control::Role;

ApiSite::ApiSite() {
  // The journal stamps events with the time of the machine; a site in another year would throw them away as too old.
  now_ = services::systemClock()();
  restart();
  options.plain = true;
  options.threads = 4;
  options.web_folder = folder_.path() / "web";
  options.self_signed_folder = folder_.path() / "tls";
  options.limits.session_per_second = options.limits.address_per_second = 100000;
  options.limits.sign_ins_per_minute = 100000;
  std::filesystem::create_directories(options.web_folder);
  std::ofstream(options.web_folder / "index.html") << "<p>people</p>";
}

ApiSite::~ApiSite() {
  stop();
}

void ApiSite::serve() {
  options.plain = !tls;
  metrics_ = std::make_unique<kernel::Metrics>();
  gateway_ = std::make_unique<gateway::Gateway>(services(), *metrics_, options);
  gateway_->observe([this](const gateway::Operation& operation, const gateway::Response& answer) {
    const auto wrong = openapi_.checkAnswer(operation, answer.status, answer.content_type,
                                            answer.body ? std::string_view(*answer.body) : std::string_view());
    const std::lock_guard lock(seen_mutex_);
    seen_.insert({operation.id, answer.status});
    violations_.insert(violations_.end(), wrong.begin(), wrong.end());
  });
  gateway_->start();
}

void ApiSite::stop() {
  if (gateway_) gateway_->stop(std::chrono::seconds(5));
  gateway_.reset();
}

void ApiSite::TearDown() {
  const std::lock_guard lock(seen_mutex_);
  for (const auto& wrong : violations_) ADD_FAILURE() << "not as openapi.yaml says: " << wrong;
}

std::set<ApiSite::Seen> ApiSite::seen() const {
  const std::lock_guard lock(seen_mutex_);
  return seen_;
}

void ApiSite::people() {
  addDirectory();
  addTelephony();
  directoryHolds({person("alice", "1001"), person("bob", "1002"), person("ada", "", {"user", "administrator"}),
                  person("otto", "", {"auditor"})});
  synchronise();
  giveTelephony("id-alice");
  giveTelephony("id-bob");
  for (const char* name : {"answerCall", "holdCall", "retrieveCall", "clearConnection", "makeCall",
                           "singleStepTransferCall", "transferCall", "deflectCall"})
    plugins().answer(std::string("call-control/1.") + name, [](const auto&, const auto&) {
      kernel::Reply reply;
      reply.body = R"({"call":"c1"})";
      return reply;
    });
}

HttpAnswer ApiSite::ask(const std::string& method, const std::string& path, const std::string& body,
                        const Headers& headers) {
  return HttpClient(port(), tls).ask(method, path, body, headers);
}

std::string ApiSite::code(const HttpAnswer& answer) {
  return answer.headers.at("content-type") == "application/problem+json"
             ? std::string(json(answer).at("code").as_string())
             : std::string();
}

void ApiSite::talking(const std::string& id) {
  auto alice = connection("1001", Role::originating, ConnectionState::connected);
  auto bob = connection("1002", Role::terminating, ConnectionState::connected);
  alice.verbs = bob.verbs = {"answer", "deflect", "hold", "transfer", "clear"};
  alice.refused = bob.refused = {{"retrieve", call_control::Refusal::notOnHold}};
  tell(event(EventType::established, talk(id, {alice, bob})));
  waitFor([&] { return services().calls().liveCount() > 0; });
}

}  // namespace jackfield::tests
