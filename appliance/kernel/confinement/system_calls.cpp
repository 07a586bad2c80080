// SPDX-License-Identifier: Apache-2.0
// A list of what is allowed, by libseccomp: what the next kernel brings is not on it.
#include "system_calls.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace jackfield::kernel {

namespace {

constexpr std::array allowed = {
    // descriptors and files: where they may be is the private root's matter
    "access", "chdir", "chmod", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2",
    "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat", "fdatasync", "fgetxattr",
    "flock", "fstat", "fstatfs", "fsync", "ftruncate", "getcwd", "getdents", "getdents64", "getxattr",
    "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "link", "linkat", "lseek", "lstat",
    "memfd_create", "mkdir", "mkdirat", "newfstatat", "open", "openat", "openat2", "pipe", "pipe2", "poll", "ppoll",
    "pread64", "preadv", "preadv2", "pselect6", "pwrite64", "pwritev", "pwritev2", "read", "readlink", "readlinkat",
    "readv", "rename", "renameat", "renameat2", "rmdir", "select", "sendfile", "signalfd", "signalfd4", "splice",
    "stat", "statfs", "statx", "symlink", "symlinkat", "tee", "timerfd_create", "timerfd_gettime", "timerfd_settime",
    "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes", "write", "writev",
    // memory
    "brk", "madvise", "membarrier", "mincore", "mlock", "mlock2", "mmap", "mprotect", "mremap", "msync", "munlock",
    "munmap",
    // threads, signals, time
    "alarm", "arch_prctl", "clock_getres", "clock_gettime", "clock_nanosleep", "exit", "exit_group", "futex",
    "futex_waitv", "get_robust_list", "getcpu", "getitimer", "getpgid", "getpgrp", "getpid", "getppid", "getrandom",
    "getrlimit", "getrusage", "getsid", "gettid", "gettimeofday", "nanosleep", "pause", "restart_syscall", "rseq",
    "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
    "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
    "sched_yield", "set_robust_list", "set_tid_address", "setitimer", "sigaltstack", "sysinfo", "time", "timer_create",
    "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime", "times", "uname", "wait4", "waitid",
    // who it is
    "capget", "getegid", "geteuid", "getgid", "getgroups", "getresgid", "getresuid", "getuid",
    // sockets: see families()
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recvfrom",
    "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socketpair"};

// Told apart from what is merely not known here, since their callers tell people why they failed.
constexpr std::array refused = {
    "chroot", "execve", "execveat", "fork",    "mount", "pivot_root", "process_vm_readv", "process_vm_writev",
    "ptrace", "setns",  "umount2",  "unshare", "vfork"};

// What asks; nothing that types into a terminal or changes an interface.
constexpr std::array<unsigned long, 14> requests = {
    FIONREAD, FIONBIO,     FIOASYNC,    FIOCLEX,      FIONCLEX,       TCGETS,       TIOCGWINSZ,
    TIOCOUTQ, SIOCGIFCONF, SIOCGIFADDR, SIOCGIFFLAGS, SIOCGIFNETMASK, SIOCGIFINDEX, SIOCGIFBRDADDR};

// fcntl() but for the owner of a descriptor's signals: that is a way to send one, SIGKILL too, to any process of the
// user.
constexpr std::array controls = {F_DUPFD,      F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,     F_GETFL,     F_SETFL,
                                 F_GETLK,      F_SETLK,         F_SETLKW,    F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW,
                                 F_GETPIPE_SZ, F_SETPIPE_SZ,    F_ADD_SEALS, F_GET_SEALS};
constexpr std::array ownerships = {F_SETOWN, F_SETOWN_EX, F_SETSIG};

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(-result, std::generic_category(), what);
}

class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), ::seccomp_release) {
    if (!context_) throw std::system_error(ENOMEM, std::generic_category(), "a filter of system calls");
    check(::seccomp_attr_set(get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "other kinds of system calls");
    check(::seccomp_attr_set(get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "a sorted filter");  // a binary search
  }
  void allow(const char* name) { rule(SCMP_ACT_ALLOW, name); }
  template <class... Conditions>
  void allow(const char* name, Conditions... when) {
    rule(SCMP_ACT_ALLOW, name, when...);
  }
  template <class... Conditions>
  void refuse(const char* name, Conditions... when) {
    rule(SCMP_ACT_ERRNO(EPERM), name, when...);
  }
  void load() { check(::seccomp_load(get()), "a filter of system calls"); }

 private:
  template <class... Conditions>
  void rule(std::uint32_t action, const char* name, Conditions... when) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number < 0) return;  // not on this kind of machine
    const std::array<scmp_arg_cmp, sizeof...(when)> conditions{when...};
    check(::seccomp_rule_add_array(get(), action, number, conditions.size(), conditions.data()), name);
  }
  scmp_filter_ctx get() const { return context_.get(); }

  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
};

scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}
// Of an argument that is an int: what a caller leaves in the upper half does not count.
scmp_arg_cmp isInt(unsigned argument, std::uint32_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, 0xFFFFFFFF, value};
}

// A signal to itself is how abort() ends; another process of the same user is none of its business.
void itself(Filter& filter) {
  const auto self = static_cast<std::uint32_t>(::getpid());
  for (const auto* name : {"kill", "tgkill"}) filter.allow(name, isInt(0, self));
  filter.refuse("kill", scmp_arg_cmp{0, SCMP_CMP_NE, self, 0});
  for (const auto pid : {std::uint32_t{0}, self}) filter.allow("prlimit64", isInt(0, pid));
  for (const auto what : {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS, PR_SET_VMA})
    filter.allow("prctl", isInt(0, static_cast<std::uint32_t>(what)));
}

void descriptors(Filter& filter) {
  for (const auto request : requests) filter.allow("ioctl", is(1, request));
  for (const auto command : controls) filter.allow("fcntl", isInt(1, static_cast<std::uint32_t>(command)));
  for (const auto command : ownerships) filter.refuse("fcntl", isInt(1, static_cast<std::uint32_t>(command)));
}

void threads(Filter& filter) {
  filter.allow("clone", scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD});
  filter.refuse("clone", scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0});
}

void families(Filter& filter, bool offline) {
  filter.allow("socket", isInt(0, AF_UNIX));
  for (const auto family : {AF_INET, AF_INET6, AF_NETLINK}) {
    const auto condition = isInt(0, static_cast<std::uint32_t>(family));
    if (offline)
      filter.refuse("socket", condition);
    else
      filter.allow("socket", condition);
  }
}

}  // namespace

void filterSystemCalls(bool offline) {
  Filter filter;
  for (const auto* name : allowed) filter.allow(name);
  for (const auto* name : refused) filter.refuse(name);
  descriptors(filter);
  itself(filter);
  threads(filter);
  families(filter, offline);
  filter.load();
}

}  // namespace jackfield::kernel
