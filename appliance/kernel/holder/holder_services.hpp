// SPDX-License-Identifier: Apache-2.0
// The service tables that a holder lends: timers, watches, work, loop.
#ifndef JACKFIELD_KERNEL_HOLDER_HOLDER_SERVICES_HPP
#define JACKFIELD_KERNEL_HOLDER_HOLDER_SERVICES_HPP

#include <jackfield/abi/service/loop.h>
#include <jackfield/abi/service/timer.h>
#include <jackfield/abi/service/watch.h>
#include <jackfield/abi/service/work.h>

#include "holder.hpp"

namespace jackfield::kernel {

// The functions of the tables; each is documented in abi/service/.
struct HolderServices {
  static const void* find(const jf_host* host, jf_view name);

  static jf_status setTimer(const jf_host*, std::uint64_t delay_ms, void (*fire)(void*), void* context,
                            std::uint64_t* id);
  static void cancelTimer(const jf_host*, std::uint64_t id);

  static jf_status setWatch(const jf_host*, int fd, std::uint32_t events, void (*ready)(void*, std::uint32_t), void*);
  static void removeWatch(const jf_host*, int fd);

  static jf_status submit(const jf_host*, void (*run)(void*), void (*done)(void*, jf_status), void* context);

  static jf_status setRun(const jf_host*, void (*run)(void*), void* context);
  static int mailboxFd(const jf_host*);
  static jf_status dispatch(const jf_host*, std::uint32_t at_most);

 private:
  static void fireTimer(void* context);
  static void fireWatch(void* context, std::uint32_t events);
};

}  // namespace jackfield::kernel

#endif
