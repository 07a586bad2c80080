// SPDX-License-Identifier: Apache-2.0
// Starting and configuring the site as an administrator does.
#include "bench/site.hpp"

#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <signal.h>

#include "bench/measure.hpp"

namespace jackfield::bench {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

const fs::path peers = JACKFIELD_PEERS;
const fs::path programs = JACKFIELD_PROGRAMS;
constexpr std::size_t sign_in_threads = 4;

std::string text(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string firstLine(const fs::path& file) {
  std::string line;
  std::ifstream in(file);
  std::getline(in, line);
  return line;
}

[[noreturn]] void refused(const std::string& what, const Reply& reply) {
  throw std::runtime_error(what + ": " + std::to_string(reply.status) + " " + json::serialize(reply.body));
}

json::value configuration(int ldap_port, int sip_port, int call_server_port) {
  // Clear text on loopback: what a sign-in costs in TLS is not what these benches are about.
  const json::value directory{
      {"directoryType", "openLdap"},
      {"attributes", {{"name", "cn"}}},
      {"user",
       {{"domain", "bench.test"},
        {"servers", json::array{{{"host", "127.0.0.1"}, {"port", ldap_port}, {"security", "none"}}}},
        {"loginId", "cn=jackfield,ou=services,dc=bench,dc=test"},
        {"password", "demo-service"},
        {"baseDn", "dc=bench,dc=test"}}},
      {"groups",
       {{"user", "cn=users,ou=groups,dc=bench,dc=test"},
        {"administrator", "cn=administrators,ou=groups,dc=bench,dc=test"},
        {"auditor", "cn=auditors,ou=groups,dc=bench,dc=test"}}}};
  const json::value call_server{
      {"domain", Site::domain},   {"sipRemoteHost", "127.0.0.1"}, {"sipRemotePort", call_server_port},
      {"localHost", "127.0.0.1"}, {"localPort", sip_port},        {"probeSeconds", 1}};
  return {{"version", 1},
          {"servers", json::array{{{"handle", "directory"}, {"type", "directory"}, {"settings", directory}},
                                  {{"handle", "pbx"}, {"type", "sip"}, {"settings", call_server}}}},
          {"defaults", {{"telephonyServer", "pbx"}}}};
}

fs::path peopleFile(const fs::path& folder, std::size_t people) {
  const std::string count = std::to_string(people);
  fs::path file = folder / "people.ldif";
  std::ofstream(file) << tests::run({peers / "slapd/generate", count, count}, folder / "people.out");
  return file;
}

}  // namespace

Reply ApiConnection::ask(const std::string& method, const std::string& path, const std::string& token,
                         const json::value& body) {
  std::map<std::string, std::string> headers;
  if (!token.empty()) headers["Authorization"] = "Bearer " + token;
  const auto answer =
      http_.ask(method, "/api/v1" + path, body.is_null() ? std::string() : json::serialize(body), headers);
  json::error_code not_json;
  return {answer.status, json::parse(answer.body, not_json)};
}

Site::Site(std::size_t people) : folder_("bench"), slapd_(peers, peopleFile(folder(), people)) {
  const fs::path f = folder();
  const fs::path data = f / "data";
  fs::create_directories(data);
  fs::permissions(data, fs::perms::owner_all);
  // The limits of people and of rates are those of a bench: one address, one client program, as many as it can.
  std::ofstream(f / "jackfield.conf")
      << "data.folder = " << data.string() << "\nplugins.folder = " << (programs.parent_path() / "plugins").string()
      << "\nplugins.host = " << (programs / "jackfield-plugin-host").string() << "\nhttp.port = " << http_port_
      << "\nlog.target = stderr\nlog.level = warning\nweb.folder = " << data.string()
      << "\nlimits.users = 100000\nlimits.sessions = 100000\nevents.clients = 100000\nevents.clientsPerSession = 1000"
      << "\nhttp.connectionsPerAddress = 100000\nhttp.requestsPerSecond = 1000000\nsignIn.perMinute = 100000\n";
  start();
  configure(people);
}

void Site::stop() {
  host_->signal(SIGTERM);
  if (host_->wait(30s) != 0) throw std::runtime_error("jackfieldd did not stop cleanly:\n" + host_->output());
}

void Site::start() {
  const double began = wallSeconds();
  host_ = std::make_unique<tests::Process>(
      std::vector<std::string>{programs / "jackfieldd", "--config=" + (folder() / "jackfield.conf").string()},
      folder() / "jackfieldd.log");
  const auto ready = [&] {
    try {
      return tests::HttpClient(port(), true).ask("GET", "/readyz").status == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  while (!ready()) {
    if (!host_->running() || wallSeconds() - began > 60)
      throw std::runtime_error("jackfieldd does not start:\n" + host_->output());
    std::this_thread::sleep_for(2ms);
  }
  start_seconds_ = wallSeconds() - began;
}

void Site::configure(std::size_t people) {
  ApiConnection api(port());
  const std::string setup = firstLine(folder() / "data/setup-token");
  const auto applied =
      api.ask("POST", "/admin/configuration", setup, configuration(slapd_.ldapPort(), sip_port_, call_server_port_));
  if (applied.status != 200) refused("the configuration", applied);
  const auto connected = [&] {
    return api.ask("GET", "/admin/servers/directory", setup).body.at("state").as_string() == "connected";
  };
  if (!tests::waitFor(20s, connected)) throw std::runtime_error("the directory does not connect");
  const auto sync = api.ask("POST", "/admin/directory-sync", setup, {{"mode", "full"}});
  if (sync.status != 202) refused("the synchronisation", sync);
  const auto assigned = [&] {
    return api.ask("GET", "/admin/status", setup).body.at("administeredUsers").to_number<std::size_t>() == people;
  };
  if (!tests::waitFor(120s, assigned)) throw std::runtime_error("not all people have their phones");
  const auto token = ApiConnection(port()).ask("POST", "/tokens", {}, {{"login", "p1"}, {"password", "demo-p1"}});
  if (token.status != 201) refused("the administrator's token", token);
  administrator_ = std::string(token.body.at("token").as_string());
}

std::vector<std::string> Site::signIn(std::size_t count) const {
  std::vector<std::string> tokens(count);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&] {
    ApiConnection api(port());
    for (std::size_t i; !failed && (i = next++) < count;) {
      const std::string login = "p" + std::to_string(i + 1);
      const auto reply = api.ask("POST", "/tokens", {}, {{"login", login}, {"password", "demo-" + login}});
      if (reply.status == 201)
        tokens[i] = std::string(reply.body.at("token").as_string());
      else
        failed = true;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < sign_in_threads; ++i) threads.emplace_back(work);
  }
  if (failed) throw std::runtime_error("somebody cannot sign in:\n" + host_->output());
  return tokens;
}

pid_t Site::callServerPlugin() const {
  for (const pid_t child : childrenOf(host()))
    if (text("/proc/" + std::to_string(child) + "/cmdline").find("/call-server") != std::string::npos) return child;
  throw std::runtime_error("the call server's plugin does not run");
}

double Site::metric(const std::string& name) const {
  const auto answer =
      tests::HttpClient(port(), true).ask("GET", "/metrics", {}, {{"Authorization", "Bearer " + administrator_}});
  const auto at = answer.body.find("\n" + name + " ");
  if (at == std::string::npos) throw std::runtime_error("no metric " + name + " in\n" + answer.body);
  return std::stod(answer.body.substr(at + name.size() + 2));
}

void Site::waitForCallServer() const {
  ApiConnection api(port());
  const auto connected = [&] {
    return api.ask("GET", "/admin/servers/pbx", administrator_).body.at("state").as_string() == "connected";
  };
  if (!tests::waitFor(30s, connected)) throw std::runtime_error("the call server does not connect");
}

void Site::waitForQuiet() const {
  ApiConnection api(port());
  double frames = -1;
  const auto quiet = [&] {
    const auto live = api.ask("GET", "/admin/status", administrator_).body.at("liveCalls").to_number<int>();
    const double before = std::exchange(frames, metric("jackfield_event_frames_total"));
    if (live == 0 && frames == before) return true;
    std::this_thread::sleep_for(500ms);
    return false;
  };
  if (!tests::waitFor(60s, quiet)) throw std::runtime_error("calls do not end");
}

Meter::Meter(const Site& site) : host_(site.host()), plugin_(site.callServerPlugin()) {
  restart();
}
void Meter::restart() {
  host_at_ = cpuSecondsOf(host_);
  plugin_at_ = cpuSecondsOf(plugin_);
}
double Meter::hostSeconds() const {
  return cpuSecondsOf(host_) - host_at_;
}
double Meter::pluginSeconds() const {
  return cpuSecondsOf(plugin_) - plugin_at_;
}
double Meter::hostMegabytes() const {
  return residentMegabytesOf(host_);
}
double Meter::pluginMegabytes() const {
  return residentMegabytesOf(plugin_);
}

}  // namespace jackfield::bench
