/* SPDX-License-Identifier: Apache-2.0
 *
 * "jackfield.work/1": worker threads for libraries that block (name look-up, LDAP bind and StartTLS, IMAP).
 * Offered with both kinds of loop.
 */
#ifndef JACKFIELD_ABI_SERVICE_WORK_H
#define JACKFIELD_ABI_SERVICE_WORK_H

#include <jackfield/abi/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JF_WORK_SERVICE "jackfield.work/1"

typedef struct jf_work_service {
  /* run(context) on a worker thread, of which the manifest's "workers" sets the number, then done(context, status) on
   * [T], exactly once and never inside submit(): JF_OK after run(), JF_E_CANCELLED if run() was never begun because
   * the instance was stopped. Jobs begin in the order of submit().
   * A library handle belongs either to [T] or to one job at a time.
   * JF_E_FULL: 1,024 jobs wait already. JF_E_STATE: stopped. JF_E_UNSUPPORTED: "workers" is 0. JF_E_WRONG_THREAD.
   * On any result but JF_OK neither function is called. [T] */
  jf_status(JF_CALL* submit)(const jf_host*, void(JF_CALL* run)(void* context),
                             void(JF_CALL* done)(void* context, jf_status), void* context);
} jf_work_service;

#ifdef __cplusplus
}
#endif
#endif
