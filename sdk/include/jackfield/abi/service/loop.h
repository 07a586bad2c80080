/* SPDX-License-Identifier: Apache-2.0
 *
 * "jackfield.loop/1", for libraries with a main loop of their own (sofia-sip's su_root, GLib, libuv, an async runtime).
 * The manifest says "loop": "own"; timer and watch are then not offered.
 *
 * [T] is a thread on which the host calls run() once, after start() has returned. Whenever mailbox_fd() is readable,
 * the plugin's loop calls dispatch(), which delivers waiting on_message, on_writable, done and stop calls on this very
 * thread. Hence still one thread, and no locks. run() returns soon after stop() was delivered. Before run() and after
 * it the host itself delivers, so that a request to a configured instance works without a loop.
 */
#ifndef JACKFIELD_ABI_SERVICE_LOOP_H
#define JACKFIELD_ABI_SERVICE_LOOP_H

#include <jackfield/abi/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JF_LOOP_SERVICE "jackfield.loop/1"

typedef struct jf_loop_service {
  /* Says what to run; in start(). context is the plugin's. JF_E_STATE outside start(). JF_E_WRONG_THREAD. [T] */
  jf_status(JF_CALL* set_run)(const jf_host*, void(JF_CALL* run)(void* context), void* context);

  /* A descriptor, level-triggered: readable while something waits. Owned by the host: do not read or close it. The
   * same for the life of the instance. -1 on a wrong thread. [T] */
  int(JF_CALL* mailbox_fd)(const jf_host*);

  /* Delivers at most so many waiting calls (0: all that wait now) and returns. JF_E_STATE outside run(), or inside
   * another dispatch(). JF_E_WRONG_THREAD. [T, inside run()] */
  jf_status(JF_CALL* dispatch)(const jf_host*, uint32_t at_most);
} jf_loop_service;

#ifdef __cplusplus
}
#endif
#endif
