// SPDX-License-Identifier: Apache-2.0
// What tests need of the operating system: child processes, free ports, folders of their own, waiting with a deadline.
#ifndef JACKFIELD_TESTS_SUPPORT_PROCESS_HPP
#define JACKFIELD_TESTS_SUPPORT_PROCESS_HPP

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace jackfield::tests {

// A folder that is removed with the object, unless JACKFIELD_KEEP_TEST_FOLDERS is set.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// A TCP and UDP port on 127.0.0.1 that is free, as is the TCP port above it. Even, from 10,000 to 29,998, and given to
// no other test that runs now.
int freePort();

// Asks until condition() holds or the time is over, at first every millisecond; returns whether it holds.
bool waitFor(std::chrono::milliseconds limit, const std::function<bool()>& condition);
inline bool waitFor(const std::function<bool()>& condition) {
  return waitFor(std::chrono::seconds(20), condition);
}

// A child in a process group of its own, with its output in a file. Ended with the object (SIGTERM, then SIGKILL).
class Process {
 public:
  Process(std::vector<std::string> arguments, std::filesystem::path log,
          std::map<std::string, std::string> environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  // Exit code, or 128 + the signal that ended it; -1 when it still runs after `limit`.
  int wait(std::chrono::milliseconds limit);
  std::string output() const;

 private:
  std::filesystem::path log_;
  pid_t pid_ = -1;
  int status_ = -1;
};

// Runs a program to its end; throws std::runtime_error with its output when it does not exit with 0 within `limit`.
std::string run(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                std::chrono::milliseconds limit = std::chrono::seconds(60));

}  // namespace jackfield::tests

#endif
