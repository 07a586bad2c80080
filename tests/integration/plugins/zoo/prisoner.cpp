// SPDX-License-Identifier: Apache-2.0
// Tries what a confined plugin must not be able to do, and says how far it got: "ok" or the name of the error.
#include <cerrno>
#include <cstring>
#include <new>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jackfield/plugin.hpp>

namespace {

struct Settings {
  std::string certificate;
};
BOOST_DESCRIBE_STRUCT(Settings, (), (certificate))

struct Text {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Text, (), (text))

std::string outcome(long result) {
  return result >= 0 ? "ok" : ::strerrorname_np(errno);
}

std::string opened(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags, 0600);
  const auto out = outcome(fd);
  if (fd >= 0) ::close(fd);
  return out;
}

std::string forked() {
  const auto child = ::fork();
  if (child == 0) ::_exit(0);
  const auto out = outcome(child);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return out;
}

std::string executed() {
  char name[] = "/usr/bin/true";
  char* arguments[] = {name, nullptr};
  return outcome(::execv(name, arguments));
}

std::string looked(int pid) {
  char from[8];
  iovec mine{from, sizeof from};
  iovec theirs{reinterpret_cast<void*>(0x1000), sizeof from};
  return outcome(::process_vm_readv(pid, &mine, 1, &theirs, 1, 0));
}

// To a port of the loopback.
std::string connected(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return outcome(fd);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto out = outcome(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to));
  ::close(fd);
  return out;
}

// To a socket that has a name but no file.
std::string spoken(const std::string& name) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path + 1, name.data(), std::min(name.size(), sizeof to.sun_path - 1));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const auto out = outcome(::connect(fd, reinterpret_cast<const sockaddr*>(&to), size));
  ::close(fd);
  return out;
}

std::string allocated(std::size_t megabytes) {
  std::vector<std::vector<char>> held;
  try {
    for (std::size_t i = 0; i < megabytes; ++i) held.emplace_back(1 << 20, 'x');
  } catch (const std::bad_alloc&) {
    return "ENOMEM";
  }
  return "ok";
}

std::string openedMany(int count) {
  std::vector<int> held;
  std::string out = "ok";
  for (int i = 0; i < count && out == "ok"; ++i) {
    held.push_back(::open("/dev/null", O_RDONLY));
    out = outcome(held.back());
  }
  for (const int fd : held)
    if (fd >= 0) ::close(fd);
  return out;
}

std::string raised(int pid) {
  const rlimit more{65536, 65536};
  return outcome(::prlimit(pid, RLIMIT_NOFILE, &more, nullptr));
}

// What only jackfield-plugin-host may say, written to its socket.
std::string forged(const std::string& body) {
  struct {
    std::uint64_t id = 0;
    std::uint32_t kind = 23, flags = 0, timeout_ms = 0, status = 0, channel = 0, credit = 0;
    std::uint32_t name_size = 0, body_size = 0, bytes_size = 0, reserved = 0;
  } header;
  header.body_size = static_cast<std::uint32_t>(body.size());
  const std::string frame = std::string(reinterpret_cast<const char*>(&header), sizeof header) + body;
  return outcome(::write(3, frame.data(), frame.size()));
}

std::string attempt(const std::string& what, const std::string& with) {
  const auto number = [&] { return std::stoi(with); };
  if (what == "read") return opened(with, O_RDONLY);
  if (what == "write") return opened(with, O_WRONLY | O_CREAT);
  if (what == "fork") return forked();
  if (what == "exec") return executed();
  if (what == "kill") return outcome(::kill(number(), 0));
  if (what == "own") return outcome(::fcntl(0, F_SETOWN, number()));
  if (what == "forge") return forged(with);
  if (what == "trace") return outcome(::ptrace(PTRACE_ATTACH, number(), nullptr, nullptr));
  if (what == "look") return looked(number());
  if (what == "limit") return raised(number());
  if (what == "mount") return outcome(::mount("none", "/tmp", "tmpfs", 0, nullptr));
  if (what == "leave") return outcome(::unshare(CLONE_NEWUSER));
  if (what == "become") return outcome(::setuid(0));
  if (what == "connect") return connected(number());
  if (what == "speak") return spoken(with);
  if (what == "memory") return allocated(static_cast<std::size_t>(number()));
  if (what == "descriptors") return openedMany(number());
  return "unknown attempt";
}

class Prisoner final : public jackfield::Plugin<Settings> {
 public:
  Prisoner() {
    on<Text>("zoo/1.try", [](const Text& text) {
      const auto space = text.text.find(' ');
      return Text{attempt(text.text.substr(0, space), space == std::string::npos ? "" : text.text.substr(space + 1))};
    });
    on<Text>("zoo/1.echo", [](const Text& text) { return text; });
  }
  void start() override {}
};

}  // namespace

JACKFIELD_PLUGIN(Prisoner);
