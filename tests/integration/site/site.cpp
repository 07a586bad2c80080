// SPDX-License-Identifier: Apache-2.0
// Starting and stopping the company.
#include "site.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace jackfield::tests {
namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

const fs::path peers = JACKFIELD_PEERS;
const fs::path programs = JACKFIELD_PROGRAMS;

std::string text(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

Site::Site(const SiteOptions& options) : folder_("site"), slapd_(peers), host_(programs, folder(), options.hosting) {
  host_.setOptions({"log.level = debug"});
  startKamailio();
  host_.start();
  configure();
  const int alice_control = freePort(), bob_control = freePort();
  startPhone("1001", freePort(), alice_control);
  startPhone("1002", freePort(), bob_control);
  alice_ = std::make_unique<Phone>(alice_control);
  bob_ = std::make_unique<Phone>(bob_control);
  const auto registered = [&](const std::string& user) {
    return text(folder() / user / "phone.log").find("200 OK") != std::string::npos;
  };
  if (!waitFor(10s, [&] { return registered("1001") && registered("1002"); }))
    throw std::runtime_error("a phone does not register");
}

Site::~Site() {
  const fs::path f = folder();
  try {
    for (const char* user : {"1001", "1002"}) run({peers / "baresip/stop", f / user}, f / "stop.out");
    for (const auto& [user, phone] : others_) run({peers / "baresip/stop", f / user}, f / "stop.out");
    stopKamailio();
  } catch (const std::exception&) {
    // Each peer ends by itself with the test machine; the next test has other ports.
  }
}

void Site::startKamailio() {
  run({peers / "kamailio/start", folder() / "kamailio", std::to_string(sip_port_), std::to_string(tls_port_),
       "127.0.0.1:" + std::to_string(jackfield_port_), "brightwater.test", "1001:phone-1001", "1002:phone-1002",
       "1003:phone-1003"},
      folder() / "kamailio.out");
}

void Site::stopKamailio() {
  run({peers / "kamailio/stop", folder() / "kamailio"}, folder() / "kamailio.out");
}

void Site::startPhone(const std::string& user, int sip_port, int control_port) const {
  run({peers / "baresip/start", folder() / user, std::to_string(sip_port), std::to_string(control_port), user,
       "phone-" + user, "brightwater.test", "127.0.0.1:" + std::to_string(sip_port_)},
      folder() / (user + ".out"));
}

void Site::addPhone(const std::string& user) {
  const int control = freePort();
  startPhone(user, freePort(), control);
  others_[user] = std::make_unique<Phone>(control);
  const fs::path log = folder() / user / "phone.log";
  if (!waitFor(10s, [&] { return text(log).find("200 OK") != std::string::npos; }))
    throw std::runtime_error("phone " + user + " does not register");
}

json::value Site::configuration() const {
  const json::value directory{
      {"directoryType", "openLdap"},
      {"caFile", slapd_.caFile()},
      {"user",
       {{"domain", "brightwater.test"},
        {"servers", json::array{{{"host", "127.0.0.1"}, {"port", slapd_.ldapsPort()}, {"security", "ldaps"}}}},
        {"loginId", "cn=jackfield,ou=services,dc=brightwater,dc=test"},
        {"password", "demo-service"},
        {"baseDn", "dc=brightwater,dc=test"}}},
      {"groups",
       {{"user", "cn=jackfield-users,ou=groups,dc=brightwater,dc=test"},
        {"administrator", "cn=jackfield-administrators,ou=groups,dc=brightwater,dc=test"},
        {"auditor", "cn=jackfield-auditors,ou=groups,dc=brightwater,dc=test"}}}};
  const json::value call_server{{"domain", "brightwater.test"},
                                {"sipRemoteHost", "127.0.0.1"},
                                {"sipRemotePort", sip_port_},
                                {"localHost", "127.0.0.1"},
                                {"localPort", jackfield_port_}};
  return {{"version", 1},
          {"servers", json::array{{{"handle", "directory"}, {"type", "directory"}, {"settings", directory}},
                                  {{"handle", "pbx"}, {"type", "sip"}, {"settings", call_server}}}},
          {"defaults", {{"telephonyServer", "pbx"}}}};
}

void Site::configure() {
  const ApiClient setup = host_.setup();
  const Answer applied = setup.post("/admin/configuration", configuration());
  if (applied.status != 200) throw std::runtime_error("apply: " + json::serialize(applied.body));
  if (!waitForServer(setup, "directory", "connected", 20s)) throw std::runtime_error("the directory does not connect");
  if (!waitForServer(setup, "pbx", "connected", 20s)) throw std::runtime_error("the call server does not connect");
  const Answer sync = setup.post("/admin/directory-sync", {{"mode", "full"}});
  if (sync.status != 202) throw std::runtime_error("sync: " + json::serialize(sync.body));
  const auto people = [&] { return setup.get("/admin/users").body.at("total").to_number<int>() > 0; };
  if (!waitFor(20s, people)) throw std::runtime_error("nobody was synchronised");
}

bool Site::waitForServer(const ApiClient& administrator, const std::string& handle, const std::string& state,
                         std::chrono::milliseconds limit) const {
  return waitFor(limit, [&] {
    const Answer answer = administrator.get("/admin/servers/" + handle);
    if (answer.status != 200) return false;
    return answer.body.at("state").as_string() == state;
  });
}

}  // namespace jackfield::tests
