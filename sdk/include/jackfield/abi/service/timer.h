/* SPDX-License-Identifier: Apache-2.0
 *
 * "jackfield.timer/1": timers lent by the program that holds the plugin. Not offered with "loop": "own".
 */
#ifndef JACKFIELD_ABI_SERVICE_TIMER_H
#define JACKFIELD_ABI_SERVICE_TIMER_H

#include <jackfield/abi/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JF_TIMER_SERVICE "jackfield.timer/1"

typedef struct jf_timer_service {
  /* One shot after delay_ms; repeat by setting again. fire(context) is called on [T], never inside set(), and not
   * after stop() has returned. context is the plugin's. *id, never 0, is written on JF_OK.
   * JF_E_FULL: 100,000 timers are set already. JF_E_STATE: the instance was stopped. JF_E_WRONG_THREAD. [T] */
  jf_status(JF_CALL* set)(const jf_host*, uint64_t delay_ms, void(JF_CALL* fire)(void* context), void* context,
                          uint64_t* id);

  /* On return it will not fire any more. An id that fired or never was is ignored. [T] */
  void(JF_CALL* cancel)(const jf_host*, uint64_t id);
} jf_timer_service;

#ifdef __cplusplus
}
#endif
#endif
