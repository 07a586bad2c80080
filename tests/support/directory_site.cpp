// SPDX-License-Identifier: Apache-2.0
// Starting slapd and jackfieldd, configuring one for the other.
#include "support/directory_site.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <Poco/Exception.h>

namespace jackfield::tests {
namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

std::string firstLine(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

DirectorySite::DirectorySite(DirectorySiteOptions options)
    : options_([&] {
        if (options.ldif.empty()) options.ldif = (options.peers / "slapd/people.ldif").string();
        return options;
      }()),
      folder_("directory-site"),
      ldap_port_(freePort()),
      ldaps_port_(freePort()),
      http_port_(freePort()) {
  run({options_.peers / "slapd/start", folder() / "slapd", std::to_string(ldap_port_), std::to_string(ldaps_port_),
       options_.ldif},
      folder() / "slapd.out");
  startHost();
}

DirectorySite::~DirectorySite() {
  host_.reset();
  try {
    run({options_.peers / "slapd/stop", folder() / "slapd"}, folder() / "stop.out");
  } catch (const std::exception&) {
    // It ends by itself with the test machine; the next test has other ports.
  }
}

void DirectorySite::startHost() {
  fs::create_directories(data());
  fs::permissions(data(), fs::perms::owner_all);
  std::ofstream file(folder() / "jackfield.conf");
  file << "data.folder = " << data().string()
       << "\nplugins.folder = " << (options_.programs.parent_path() / "plugins").string()
       << "\nplugins.host = " << (options_.programs / "jackfield-plugin-host").string()
       << "\nplugins.hosting = " << options_.hosting << "\nhttp.port = " << http_port_
       << "\nhttp.plain = true\nlog.target = stderr\nweb.folder = " << data().string() << "\n";
  for (const auto& line : host_options_) file << line << "\n";
  file.close();
  host_ = std::make_unique<Process>(
      std::vector<std::string>{options_.programs / "jackfieldd", "--config=" + (folder() / "jackfield.conf").string()},
      folder() / "jackfieldd.log");
  const bool ready = waitFor(20s, [&] {
    if (!host_->running()) return true;
    try {
      return ApiClient(http_port_).get("/session").status == 401;
    } catch (const Poco::Exception&) {
      return false;
    }
  });
  if (!ready || !host_->running()) throw std::runtime_error("jackfieldd does not start:\n" + host_->output());
}

void DirectorySite::stopHost() {
  host_->signal(SIGTERM);
  if (host_->wait(30s) != 0) throw std::runtime_error("jackfieldd did not stop cleanly:\n" + host_->output());
}

void DirectorySite::killHost() {
  host_->signal(SIGKILL);
  host_->wait(10s);
}

ApiClient DirectorySite::setup() const {
  return ApiClient(http_port_, firstLine(data() / "setup-token"));
}

std::string DirectorySite::suffix() const {
  std::ifstream file(options_.ldif);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("dn: ")) return line.substr(4);
  throw std::runtime_error(options_.ldif + " has no entry");
}

json::object DirectorySite::configuration() const {
  const std::string below = suffix();
  const bool company = below == "dc=brightwater,dc=test";
  const std::string groups = ",ou=groups," + below, first = company ? "cn=jackfield-" : "cn=";
  const int port = options_.security == "ldaps" ? ldaps_port_ : ldap_port_;
  const json::object settings{
      {"directoryType", "openLdap"},
      {"caFile", (folder() / "slapd/ca.pem").string()},
      {"user",
       {{"domain", company ? "brightwater.test" : "bench.test"},
        {"servers", json::array{{{"host", "127.0.0.1"}, {"port", port}, {"security", options_.security}}}},
        {"loginId", "cn=jackfield,ou=services," + below},
        {"password", "demo-service"},
        {"baseDn", below}}},
      {"groups",
       {{"user", first + "users" + groups},
        {"administrator", first + "administrators" + groups},
        {"auditor", first + "auditors" + groups}}}};
  return {{"version", 1},
          {"servers", json::array{{{"handle", "directory"}, {"type", "directory"}, {"settings", settings}}}}};
}

void DirectorySite::configure(const json::object& document) const {
  const ApiClient administrator = setup();
  const Answer applied = administrator.post("/admin/configuration", document);
  if (applied.status != 200) throw std::runtime_error("apply: " + json::serialize(applied.body));
  const bool connected = waitFor(20s, [&] {
    const Answer answer = administrator.get("/admin/servers/directory");
    return answer.status == 200 && answer.body.at("state").as_string() == "connected";
  });
  if (!connected) throw std::runtime_error("the directory does not connect");
}

json::object DirectorySite::synchronise(const ApiClient& administrator, const json::object& request,
                                        std::chrono::milliseconds limit) const {
  Answer answer = administrator.post("/admin/directory-sync", request);
  if (answer.status != 202) throw std::runtime_error("sync: " + json::serialize(answer.body));
  const std::string at = "/admin/directory-sync/" + json::serialize(answer.body.at("id"));
  const bool over = waitFor(limit, [&] {
    answer = administrator.get(at);
    return answer.status == 200 && answer.body.at("state").as_string() != "running";
  });
  if (!over) throw std::runtime_error("the synchronisation does not end");
  return answer.body.as_object();
}

void DirectorySite::modify(const std::string& ldif) const {
  const auto file = folder() / "change.ldif";
  std::ofstream(file) << ldif;
  run({"ldapmodify", "-x", "-H", ldapUri(), "-D", "cn=admin," + suffix(), "-w", "demo-root", "-f", file.string()},
      folder() / "modify.log");
}

}  // namespace jackfield::tests
