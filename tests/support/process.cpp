// SPDX-License-Identifier: Apache-2.0
// Child processes, ports and folders for tests.
#include "support/process.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace jackfield::tests {
namespace {

bool bindable(int type, int port) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool ok = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return ok;
}

// A list of "NAME=value" and the pointers that exec wants.
struct Environment {
  explicit Environment(const std::map<std::string, std::string>& more) {
    for (char** entry = environ; *entry; ++entry) {
      const std::string text = *entry;
      if (!more.contains(text.substr(0, text.find('=')))) texts.push_back(text);
    }
    for (const auto& [name, value] : more) texts.push_back(name + "=" + value);
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
  }
  std::vector<std::string> texts;
  std::vector<char*> pointers;
};

}  // namespace

TemporaryFolder::TemporaryFolder(const std::string& name) {
  std::string pattern = (std::filesystem::temp_directory_path() / ("jackfield-" + name + "-XXXXXX")).string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder: " + pattern);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!std::getenv("JACKFIELD_KEEP_TEST_FOLDERS")) std::filesystem::remove_all(path_, ignored);
}

// Port 0 would give a port of the range from which every client connection of the machine takes its own, and two tests
// at once could be given the same. These lie below that range and are locked for as long as this process lives.
int freePort() {
  static std::mutex one_at_a_time;
  static std::vector<int> locks;
  static unsigned next = static_cast<unsigned>(::getpid()) * 8;
  const std::lock_guard guard(one_at_a_time);
  const auto folder = std::filesystem::temp_directory_path() / ("jackfield-ports-" + std::to_string(::getuid()));
  std::filesystem::create_directories(folder);
  for (int attempt = 0; attempt < 10000; ++attempt, ++next) {
    const int port = 10000 + static_cast<int>(next % 10000) * 2;  // even: a phone takes the next one for TLS
    const int lock = ::open((folder / std::to_string(port)).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock >= 0 && ::flock(lock, LOCK_EX | LOCK_NB) == 0 && bindable(SOCK_STREAM, port) &&
        bindable(SOCK_DGRAM, port) && bindable(SOCK_STREAM, port + 1)) {
      locks.push_back(lock);
      ++next;
      return port;
    }
    if (lock >= 0) ::close(lock);
  }
  throw std::runtime_error("no free port on 127.0.0.1");
}

bool waitFor(std::chrono::milliseconds limit, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::chrono::milliseconds pause(1), longest(50);
  for (; !condition(); pause = std::min(2 * pause, longest)) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

Process::Process(std::vector<std::string> arguments, std::filesystem::path log,
                 std::map<std::string, std::string> environment)
    : log_(std::move(log)) {
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  Environment env(environment);
  const int out = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setpgid(0, 0);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execvpe(argv[0], argv.data(), env.pointers.data());
    ::_exit(127);
  }
  ::close(out);
  ::close(in);
  if (pid_ < 0) throw std::runtime_error("cannot start " + arguments[0]);
}

Process::~Process() {
  if (!running()) return;
  signal(SIGTERM);
  if (wait(std::chrono::seconds(5)) < 0) {
    signal(SIGKILL);
    wait(std::chrono::seconds(5));
  }
}

bool Process::running() {
  if (status_ >= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

void Process::signal(int number) {
  if (running()) ::kill(-pid_, number);
}

int Process::wait(std::chrono::milliseconds limit) {
  return waitFor(limit, [this] { return !running(); }) ? status_ : -1;
}

std::string Process::output() const {
  std::ifstream file(log_);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string run(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                std::chrono::milliseconds limit) {
  Process process(arguments, log);
  const int code = process.wait(limit);
  if (code == 0) return process.output();
  throw std::runtime_error(arguments[0] + (code < 0 ? " did not end in time" : " ended with " + std::to_string(code)) +
                           ":\n" + process.output());
}

}  // namespace jackfield::tests
