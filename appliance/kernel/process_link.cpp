// SPDX-License-Identifier: Apache-2.0
// An instance in a process of its own: jackfield-plugin-host over a Unix socket, its end noticed by a pidfd, so that no
// signal handler and nobody else's wait() is involved.
#include <array>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <jackfield/error.hpp>

#include "holder/fd.hpp"
#include "holder/socket_channel.hpp"
#include "link.hpp"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

namespace jackfield::kernel {

namespace {

constexpr int end_ms = 3000;

// The host's environment may hold passwords (configuration by environment); a plugin gets only what libraries need.
std::vector<std::string> environment() {
  static constexpr std::array names = {"PATH",         "HOME",         "LANG",          "LC_ALL",
                                       "LC_CTYPE",     "TZ",           "TMPDIR",        "ASAN_OPTIONS",
                                       "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH"};
  std::vector<std::string> out;
  for (const char* name : names)
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment of a running host
    if (const char* value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
  return out;
}

std::string nameOf(int signal) {
  const char* name = ::sigdescr_np(signal);
  return name ? name : "unknown";
}

std::string listOf(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

[[noreturn]] void failed(const std::filesystem::path& program, int error) {
  throw Error(
      Status::internal, "plugin.process.start",
      "the plugin's process " + program.string() + " cannot be started: " + std::generic_category().message(error));
}

pid_t spawn(const std::filesystem::path& program, std::vector<std::string> arguments, int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  // Everything else that the host has open (listening sockets, databases) stays out of the plugin's reach.
  ::posix_spawn_file_actions_adddup2(&actions, socket, 3);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 4);
  sigset_t none, defaults;
  ::sigemptyset(&none);
  ::sigemptyset(&defaults);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}) ::sigaddset(&defaults, number);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  auto variables = environment();
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, pointers(arguments).data(),
                                  pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) failed(program, error);
  return pid;
}

class ProcessLink final : public Link {
 public:
  ProcessLink(Fd socket, pid_t pid) : channel_(std::move(socket)), pid_(pid) {
    pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  }
  ~ProcessLink() override {
    channel_.shut();
    cut();
  }

  void send(Frame&& frame) override { channel_.send(frame, true, true); }

  void fill(std::vector<pollfd>& polled) const override {
    channel_.fill(polled);
    polled.push_back({pidfd_.get(), POLLIN, 0});
  }

  std::optional<std::string> pump(const std::function<void(Frame&&)>& give) override {
    if (channel_.pump(give)) return std::nullopt;
    if (channel_.corrupt()) {
      cut();
      return "its process sent what are no frames, and was ended";
    }
    if (waited(end_ms)) return reason_;
    cut();
    return "its process closed the connection without ending, and was ended";
  }

  void end() override {
    channel_.shut();
    if (!waited(end_ms)) cut();
  }

  bool cut() override {
    if (!reaped_) {
      ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
      waited(-1);
    }
    return true;
  }

  int pid() const override { return static_cast<int>(pid_); }

  std::uint64_t memoryMb() const override {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmData:")) return std::strtoull(line.c_str() + 7, nullptr, 10) / 1024;
    return 0;
  }

 private:
  // True once the process has ended; reason_ says how.
  bool waited(int timeout_ms) {
    if (reaped_) return true;
    pollfd ended{pidfd_.get(), POLLIN, 0};
    while (::poll(&ended, 1, timeout_ms) < 0 && errno == EINTR) {
    }
    if (!(ended.revents & POLLIN)) return false;
    siginfo_t info{};
    ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_.get()), &info, WEXITED);
    reaped_ = true;
    if (info.si_code == CLD_EXITED)
      reason_ = "its process ended with status " + std::to_string(info.si_status);
    else
      reason_ =
          "its process was ended by signal " + std::to_string(info.si_status) + " (" + nameOf(info.si_status) + ")";
    return true;
  }

  SocketChannel channel_;
  const pid_t pid_;
  Fd pidfd_;
  bool reaped_ = false;
  std::string reason_;
};

}  // namespace

std::shared_ptr<Link> makeProcessLink(const LinkPlace& place, const std::filesystem::path& program) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) failed(program, errno);
  Fd mine(ends[0]), theirs(ends[1]);
  const pid_t pid =
      spawn(program,
            {program.string(), place.folder.string(), listOf(place.offer.capabilities), listOf(place.offer.services)},
            theirs.get());
  return std::make_shared<ProcessLink>(std::move(mine), pid);
}

}  // namespace jackfield::kernel
