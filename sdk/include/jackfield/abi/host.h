/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin's instance is given: the face of the program that holds it, be it the host or jackfield-plugin-host.
 */
#ifndef JACKFIELD_ABI_HOST_H
#define JACKFIELD_ABI_HOST_H

#include <jackfield/abi/base.h>
#include <jackfield/abi/message.h>

#ifdef __cplusplus
extern "C" {
#endif

/* jf_host.log: level */
enum { JF_LOG_DEBUG = 0, JF_LOG_INFO = 1, JF_LOG_WARNING = 2, JF_LOG_ERROR = 3, JF_LOG_FATAL = 4 };

typedef struct jf_host {
  void* impl; /* the host's own; a plugin neither reads nor changes it */

  /* Sends a request, reply, event, cancel or credit. The bytes are copied before it returns; it never blocks and
   * never calls back into the plugin.
   * JF_E_FULL: the queue is full, nothing was taken; on_writable() follows. Current state can always be sent again
   *   as a snapshot, so a plugin keeps one "needs snapshot" mark for each call or presentity, not a queue of its own.
   *   A final reply never meets JF_E_FULL: room for it was set aside when its request was delivered. A part meets it
   *   when its credit is used up; a JF_CREDIT message follows instead of on_writable().
   * JF_E_INVALID: above a limit of message.h, not UTF-8, an unknown kind, or an id of 0 where one is needed.
   * JF_E_NOT_FOUND: a reply to a request that is not, or no longer, open (answered, cancelled, timed out).
   * JF_E_STATE: not between create() and destroy().
   * [any & from create() until destroy() returns] */
  jf_status(JF_CALL* send)(const struct jf_host*, const jf_message*);

  /* Writes to the log. code is of the plugin's message catalogue, arguments a JSON object or empty. The host redacts
   * what the manifest marks secret, limits the rate, and counts what it drops. Cannot fail; never blocks. [any] */
  void(JF_CALL* log)(const struct jf_host*, int32_t level, jf_view code, jf_view arguments);

  /* A service table such as "jackfield.timer/1", or NULL where this host has none (the plugin then does without, or
   * refuses in configure() with a sentence), and NULL on a wrong thread. The table is valid until destroy() returns
   * and owned by the host. [T] */
  const void*(JF_CALL* service)(const struct jf_host*, jf_view name);

  /* Milliseconds of a clock that never jumps; its zero means nothing. A test host drives it by hand. [any] */
  uint64_t(JF_CALL* now_ms)(const struct jf_host*);
} jf_host;

#ifdef __cplusplus
}
#endif
#endif
