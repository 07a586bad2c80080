// SPDX-License-Identifier: Apache-2.0
// Configuring, starting and ending jackfieldd.
#include "support/jackfieldd.hpp"

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <Poco/Exception.h>

namespace jackfield::tests {
namespace fs = std::filesystem;
using namespace std::chrono_literals;

Jackfieldd::Jackfieldd(fs::path programs, fs::path folder, std::string hosting)
    : programs_(std::move(programs)), folder_(std::move(folder)), hosting_(std::move(hosting)) {
  fs::create_directories(data());
  fs::permissions(data(), fs::perms::owner_all);
}

void Jackfieldd::launch() {
  const fs::path configuration = folder_ / "jackfield.conf";
  std::ofstream file(configuration);
  file << "data.folder = " << data().string() << "\nplugins.folder = " << (programs_.parent_path() / "plugins").string()
       << "\nplugins.host = " << (programs_ / "jackfield-plugin-host").string() << "\nplugins.hosting = " << hosting_
       << "\nhttp.port = " << port_ << "\nhttp.plain = true\nlog.target = stderr\nweb.folder = " << data().string()
       << "\n";
  for (const auto& line : options_) file << line << "\n";
  file.close();
  process_ = std::make_unique<Process>(
      std::vector<std::string>{programs_ / "jackfieldd", "--config=" + configuration.string()},
      folder_ / "jackfieldd.log");
}

void Jackfieldd::start() {
  launch();
  const bool ready = waitFor(20s, [&] {
    if (!process_->running()) return true;
    try {
      return ApiClient(port_).get("/session").status == 401;
    } catch (const Poco::Exception&) {
      return false;
    }
  });
  if (!ready || !process_->running()) throw std::runtime_error("jackfieldd does not start:\n" + process_->output());
}

void Jackfieldd::stop() {
  process_->signal(SIGTERM);
  if (process_->wait(30s) != 0) throw std::runtime_error("jackfieldd did not stop cleanly:\n" + process_->output());
}

void Jackfieldd::kill() {
  process_->signal(SIGKILL);
  process_->wait(10s);
}

ApiClient Jackfieldd::setup() const {
  std::ifstream file(data() / "setup-token");
  std::string token;
  std::getline(file, token);
  return ApiClient(port_, token);
}

}  // namespace jackfield::tests
