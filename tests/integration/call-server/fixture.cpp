// SPDX-License-Identifier: Apache-2.0
// Starting, stopping and looking at the company of fixture.hpp.
#include "fixture.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <signal.h>

namespace jackfield::tests {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

const fs::path peers = JACKFIELD_PEERS;

std::string text(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

CallServerSite::CallServerSite()
    : settings{{"domain", "site.test"},    {"sipRemoteHost", "127.0.0.1"}, {"sipRemotePort", sip_port},
               {"localHost", "127.0.0.1"}, {"localPort", jackfield_port},  {"probeSeconds", 1}} {}

CallServerSite::~CallServerSite() {
  phones_.clear();
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    if (fs::exists(entry.path() / "phone.pid")) run({peers / "baresip/stop", entry.path()}, folder.path() / "stop.out");
  }
  jackfield_.reset();
  stopKamailio();
}

void CallServerSite::startKamailio(const std::string& transport) {
  transport_ = transport;
  auto environment = kamailio_environment;
  environment["KAMAILIO_JACKFIELD_TRANSPORT"] = transport;
  environment["KAMAILIO_PROBE"] = "1";
  const int port = transport == "tls" ? jackfield_tls_port : jackfield_port;
  std::vector<std::string> arguments{peers / "kamailio/start",
                                     folder.path() / "kamailio",
                                     std::to_string(sip_port),
                                     std::to_string(tls_port),
                                     "127.0.0.1:" + std::to_string(port),
                                     "site.test",
                                     "1001:a",
                                     "1002:b",
                                     "1003:c"};
  Process start(arguments, folder.path() / "kamailio.out", environment);
  ASSERT_EQ(start.wait(30s), 0) << start.output();
}

void CallServerSite::stopKamailio() {
  run({peers / "kamailio/stop", folder.path() / "kamailio"}, folder.path() / "stop.out");
}

void CallServerSite::startJackfield() {
  std::ofstream(folder.path() / "settings.json") << json::serialize(settings);
  jackfield_ =
      std::make_unique<Process>(std::vector<std::string>{CALL_SERVER_DRIVER, folder.path() / "settings.json",
                                                         folder.path() / "records.json", folder.path() / "commands"},
                                folder.path() / ("jackfield-" + std::to_string(++starts_) + ".log"));
  ASSERT_TRUE(waitFor(20s, [&] { return !said("call-control/1.resync").empty(); })) << jackfield_->output();
}

void CallServerSite::killJackfield() {
  jackfield_->signal(SIGKILL);
  jackfield_->wait(5s);
}

Phone& CallServerSite::phone(const std::string& user) {
  auto& slot = phones_[user];
  if (slot) return *slot;
  const int control = freePort();
  run({peers / "baresip/start", folder.path() / user, std::to_string(freePort()), std::to_string(control), user,
       user == "1001"   ? "a"
       : user == "1002" ? "b"
                        : "c",
       "site.test", "127.0.0.1:" + std::to_string(sip_port)},
      folder.path() / (user + ".out"));
  slot = std::make_unique<Phone>(control);
  if (!waitFor(15s, [&] { return text(folder.path() / user / "phone.log").find("200 OK") != std::string::npos; }))
    throw std::runtime_error("phone " + user + " does not register:\n" + text(folder.path() / user / "phone.log"));
  return *slot;
}

void CallServerSite::killPhone(const std::string& user) {
  ::kill(static_cast<pid_t>(std::stol(text(folder.path() / user / "phone.pid"))), SIGKILL);
}

void CallServerSite::open(const std::vector<std::string>& users, const std::string& transport) {
  startCallServer(transport);
  startJackfield();
  ASSERT_TRUE(waitFor(15s, [&] { return linkState() == "connected"; })) << jackfield_->output();
  for (const auto& user : users) phone(user);
  // The call server asks Jackfield only once its OPTIONS was answered.
  ASSERT_TRUE(waitFor(10s, [&] { return !said("call-control/1.resync").empty(); }));
}

std::vector<json::value> CallServerSite::said(const std::string& name) const {
  std::vector<json::value> out;
  std::istringstream lines(jackfield_->output());
  for (std::string line; std::getline(lines, line);) {
    if (lines.eof() || line.empty() || line.front() != '{') continue;  // the last line may not be whole yet
    auto value = parseJson(line);
    if (value.at("name").as_string() == name) out.push_back(value.at("body"));
  }
  return out;
}

std::vector<cc::Event> CallServerSite::events() const {
  std::vector<cc::Event> out;
  for (const auto& body : said("call-control/1.event")) {
    for (auto& event : fromJson<cc::EventMessage>(body).events) out.push_back(std::move(event));
  }
  return out;
}

std::string CallServerSite::linkState() const {
  const auto states = said("server/1.state");
  return states.empty() ? "" : std::string(states.back().at("state").as_string());
}

cc::Call CallServerSite::call() const {
  const auto all = events();
  if (!all.empty()) return all.back().call;
  const auto resync = fromJson<cc::Resync>(said("call-control/1.resync").back());
  return resync.calls.empty() ? cc::Call{} : resync.calls.front();
}

cc::Call CallServerSite::call(const std::string& id) const {
  const auto all = events();
  const auto found =
      std::find_if(all.rbegin(), all.rend(), [&](const cc::Event& event) { return event.call.id == id; });
  return found == all.rend() ? cc::Call{} : found->call;
}

std::string CallServerSite::state(const std::string& number) const {
  for (const auto& connection : call().connections) {
    if (connection.number == number) return nameOf(connection.state);
  }
  return "absent";
}

bool CallServerSite::becomes(const std::string& number, const std::string& wanted) {
  const bool reached = waitFor(10s, [&] { return state(number) == wanted; });
  if (!reached) ADD_FAILURE() << number << " is " << state(number) << ", not " << wanted;
  return reached;
}

bool CallServerSite::saw(cc::EventType type, const std::string& number) const {
  const auto all = events();
  return std::any_of(all.begin(), all.end(),
                     [&](const cc::Event& event) { return event.event == type && event.device == uri(number); });
}

bool CallServerSite::ended() {
  return waitFor(10s, [&] { return call().ended > 0; });
}

json::object CallServerSite::records() const {
  const auto content = text(folder.path() / "records.json");
  return content.empty() ? json::object() : parseJson(content).as_object();
}

std::size_t CallServerSite::keptRinging() const {
  std::size_t count = 0;
  for (const auto& [key, record] : records())
    if (const auto* ringing = record.as_object().if_contains("ringing")) count += ringing->as_array().size();
  return count;
}

void CallServerSite::command(const std::string& verb, const json::object& body) {
  std::ofstream(folder.path() / "commands") << "call-control/1." << verb << ' ' << json::serialize(body) << std::endl;
}

void CallServerSite::onParty(const std::string& verb, const std::string& number) {
  command(verb, {{"requestId", ""}, {"call", call().id}, {"device", uri(number)}});
}

void CallServerSite::talk() {
  phone("1001").dial(uri("1002"));
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 10s));
  ASSERT_TRUE(becomes("1002", "alerting"));
  phone("1002").answer();
  ASSERT_TRUE(becomes("1001", "connected"));
  ASSERT_TRUE(becomes("1002", "connected"));
}

void CallServerSite::callFromTheBrowser() {
  command("makeCall",
          {{"requestId", "r1"}, {"from", uri("1001")}, {"to", "1002"}, {"caller", "1001"}, {"callerName", "Alice"}});
  ASSERT_TRUE(phone("1001").waitForEvent("CALL_INCOMING", 10s));
  ASSERT_TRUE(becomes("1001", "alerting"));
  phone("1001").answer();
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 10s));
  phone("1002").answer();
  ASSERT_TRUE(becomes("1002", "connected"));
  ASSERT_TRUE(becomes("1001", "connected"));
  EXPECT_EQ(call().request_id, "r1");
  for (const auto& connection : call().connections) EXPECT_TRUE(connection.served) << connection.number;
  onParty("clearConnection", "1001");
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s));
}

void CallServerSite::missedAndRefused() {
  phone("1001").dial(uri("1002"));
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 10s));
  ASSERT_TRUE(becomes("1002", "alerting"));
  phone("1001").hangUp();
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s));
  ASSERT_TRUE(ended());
  EXPECT_EQ(call().answered, 0);
  EXPECT_EQ(call().connections.at(1).cause, cc::Cause::cancelled);

  phone("1001").dial(uri("1002"));
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 10s));
  phone("1002").hangUp();
  ASSERT_TRUE(waitFor(10s, [&] { return saw(cc::EventType::failed, "1002"); }));
  ASSERT_TRUE(ended());
  EXPECT_EQ(call().connections.at(1).cause, cc::Cause::busy) << "486 is what this phone's refusal says";
}

}  // namespace jackfield::tests
