// SPDX-License-Identifier: Apache-2.0
// A jackfieldd of a test's own over plain HTTP on a free port, ended with the object.
#ifndef JACKFIELD_TESTS_SUPPORT_JACKFIELDD_HPP
#define JACKFIELD_TESTS_SUPPORT_JACKFIELDD_HPP

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/api_client.hpp"
#include "support/process.hpp"

namespace jackfield::tests {

class Jackfieldd {
 public:
  // `programs`: where jackfieldd and jackfield-plugin-host are; the plugins are in ../plugins. `folder` holds its
  // configuration, its data and its log. Nothing runs yet.
  Jackfieldd(std::filesystem::path programs, std::filesystem::path folder, std::string hosting);

  // Further lines of its configuration file, from the next start on.
  void setOptions(std::vector<std::string> lines) { options_ = std::move(lines); }
  void launch();  // does not wait until it answers
  void start();   // waits; throws with its log
  void stop();    // SIGTERM; throws when it does not end cleanly
  void kill();    // SIGKILL; its plugin processes end with their connection

  Process& process() { return *process_; }
  int port() const { return port_; }
  std::filesystem::path data() const { return folder_ / "data"; }
  // Bearer of the set-up token: an administrator until somebody else is one.
  ApiClient setup() const;

 private:
  const std::filesystem::path programs_, folder_;
  const std::string hosting_;
  const int port_ = freePort();
  std::vector<std::string> options_;
  std::unique_ptr<Process> process_;
};

}  // namespace jackfield::tests

#endif
