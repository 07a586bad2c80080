/* SPDX-License-Identifier: Apache-2.0
 *
 * What every header of the plugin ABI needs: calling convention, views, status values, thread tags.
 *
 * Rules of the whole ABI
 *   - A published struct never changes; growth is a new name ("jackfield.timer/2", "directory/2").
 *   - A jf_view is valid during the call that passes it, unless its comment says longer. Nobody frees the other's
 *     memory. Text is UTF-8 without a terminating NUL.
 *   - No C++ exception, longjmp or thread cancellation crosses.
 *   - Tags: [T] is the instance's own thread, of which there is exactly one at a time; [any] is every thread.
 *     "& running" and the like name the state of the instance (see plugin.h) in which the function may be called.
 *   - An instance is one configured server. Instances of one plugin may run on different threads, unless the manifest
 *     says "threads": "shared" (for libraries with global state); then all of them have the same [T].
 */
#ifndef JACKFIELD_ABI_BASE_H
#define JACKFIELD_ABI_BASE_H

#include <stdint.h>

#define JF_CALL /* the platform's own C calling convention */
#define JF_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* Octets that belong to the caller. data may be NULL only when size is 0. */
typedef struct jf_view {
  const char* data;
  uint64_t size;
} jf_view;

/* 0 is success. A receiver treats a value that it does not know as JF_E_INTERNAL.
 * Rationale: a number and no text, since texts belong into the message catalogue and the problem document. */
typedef int32_t jf_status;
enum {
  JF_OK = 0,
  JF_E_INVALID = 1,       /* a value breaks a rule: settings, a message too large, text that is not UTF-8 */
  JF_E_AUTH = 2,          /* refused for want of the right credentials */
  JF_E_UNREACHABLE = 3,   /* the far server does not answer */
  JF_E_TIMEOUT = 4,       /* too late */
  JF_E_UNSUPPORTED = 5,   /* this side does not have it */
  JF_E_FULL = 6,          /* the queue or the credit is used up; nothing was taken; try again when told */
  JF_E_STATE = 7,         /* not now: wrong state of the instance or of the object asked about */
  JF_E_CANCELLED = 8,     /* given up by the asker, or never begun */
  JF_E_NOT_FOUND = 9,     /* no such thing */
  JF_E_WRONG_THREAD = 10, /* called from another thread than its tag allows; nothing was done */
  JF_E_INTERNAL = 11      /* a defect of the side that says so */
};

#ifdef __cplusplus
}
#endif
#endif
