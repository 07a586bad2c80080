/* SPDX-License-Identifier: Apache-2.0
 *
 * "jackfield.watch/1": descriptor watches. The plugin opens and closes its own descriptors; the host only watches.
 * Not offered with "loop": "own".
 */
#ifndef JACKFIELD_ABI_SERVICE_WATCH_H
#define JACKFIELD_ABI_SERVICE_WATCH_H

#include <jackfield/abi/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JF_WATCH_SERVICE "jackfield.watch/1"

/* Bits of events. JF_WATCH_ERROR is reported whether asked for or not. */
enum { JF_WATCH_READ = 1, JF_WATCH_WRITE = 2, JF_WATCH_ERROR = 4 };

typedef struct jf_watch_service {
  /* Calls ready(context, events) on [T] as long as one of events holds (level-triggered). Again with the same fd:
   * replaces events, ready and context. Remove before close().
   * JF_E_INVALID: not an open descriptor, or one that cannot be watched (a regular file). JF_E_STATE: stopped.
   * JF_E_WRONG_THREAD. [T] */
  jf_status(JF_CALL* set)(const jf_host*, int fd, uint32_t events, void(JF_CALL* ready)(void* context, uint32_t events),
                          void* context);

  /* On return ready() is not called any more. A descriptor that is not watched is ignored. [T] */
  void(JF_CALL* remove)(const jf_host*, int fd);
} jf_watch_service;

#ifdef __cplusplus
}
#endif
#endif
