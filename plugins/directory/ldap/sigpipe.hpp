// SPDX-License-Identifier: Apache-2.0
// libldap writes to sockets that the server may have closed, and asks for no silence about it: the signal would end the
// whole process. A plugin must not change the process's handling of signals, so it is held back for this thread alone.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_LDAP_SIGPIPE_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_LDAP_SIGPIPE_HPP

#include <ctime>

#include <pthread.h>
#include <signal.h>

namespace jackfield::directory::ldap {

// While it lives, SIGPIPE does not reach this thread; one that came meanwhile is taken away.
class SigpipeHeld {
 public:
  SigpipeHeld() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeHeld() {
    const timespec now{0, 0};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeHeld(const SigpipeHeld&) = delete;
  SigpipeHeld& operator=(const SigpipeHeld&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_ = false;
};

}  // namespace jackfield::directory::ldap

#endif
