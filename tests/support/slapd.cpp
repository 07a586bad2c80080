// SPDX-License-Identifier: Apache-2.0
// Starting, changing and ending slapd by the scripts of tests/peers.
#include "support/slapd.hpp"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace jackfield::tests {
namespace {

// That of the first entry.
std::string suffixOf(const std::string& ldif) {
  std::ifstream file(ldif);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("dn: ")) return line.substr(4);
  throw std::runtime_error(ldif + " has no entry");
}

}  // namespace

SlapdServer::SlapdServer(std::filesystem::path peers, std::string ldif, const std::vector<std::string>& environment)
    : peers_(std::move(peers)),
      ldif_(ldif.empty() ? (peers_ / "slapd/people.ldif").string() : std::move(ldif)),
      suffix_(suffixOf(ldif_)) {
  start(environment);
}

SlapdServer::~SlapdServer() {
  try {
    stop();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "slapd goes on, with other ports than the next one: %s\n", error.what());
  }
}

void SlapdServer::start(const std::vector<std::string>& environment) {
  std::vector<std::string> command{"env"};
  command.insert(command.end(), environment.begin(), environment.end());
  command.insert(command.end(), {peers_ / "slapd/start", data().string(), std::to_string(ldap_port_),
                                 std::to_string(ldaps_port_), ldif_});
  run(command, folder() / "start.log");
}

void SlapdServer::stop() {
  run({peers_ / "slapd/stop", data().string()}, folder() / "stop.log");
}

void SlapdServer::kill() {
  std::ifstream file(data() / "slapd.pid");
  int pid = 0;
  file >> pid;
  if (pid <= 1) throw std::runtime_error("slapd does not run");
  ::kill(pid, SIGKILL);
}

void SlapdServer::modify(const std::string& ldif) const {
  const auto file = folder() / "change.ldif";
  std::ofstream(file) << ldif;
  run({"ldapmodify", "-x", "-H", uri(), "-D", "cn=admin," + suffix_, "-w", "demo-root", "-f", file.string()},
      folder() / "modify.log");
}

}  // namespace jackfield::tests
