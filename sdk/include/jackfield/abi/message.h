/* SPDX-License-Identifier: Apache-2.0
 *
 * The message: the one thing that crosses a process boundary. Names and JSON schemas of the messages of each
 * capability stand in schemas/.
 */
#ifndef JACKFIELD_ABI_MESSAGE_H
#define JACKFIELD_ABI_MESSAGE_H

#include <jackfield/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* jf_message.kind. A receiver drops a kind that it does not know. */
enum {
  JF_REQUEST = 1, /* wants one answer: zero or more parts, then one reply without JF_MORE */
  JF_REPLY = 2,   /* a part (JF_MORE) or the end of the answer to a request */
  JF_EVENT = 3,   /* wants no answer */
  JF_CANCEL = 4,  /* the asker no longer wants the answer; what is sent after it is dropped */
  JF_CREDIT = 5   /* the asker has room for so many more parts of this answer */
};

/* jf_message.flags */
enum {
  JF_MORE = 1 /* of a reply: more parts follow (audio, long lists). Each such part spends one credit */
};

/* jf_message.channel: which counters a request counts in. */
enum { JF_CHANNEL_SYSTEM = 0, JF_CHANNEL_ADMIN = 1, JF_CHANNEL_CLIENT = 2 };

/* Limits of one message; send() refuses what is above them with JF_E_INVALID.
 * Rationale: both sides can size their buffers, and one message never holds up the next for long. */
enum { JF_MAX_NAME = 128, JF_MAX_BODY = 1048576, JF_MAX_BYTES = 65536 };

typedef struct jf_message {
  uint32_t kind;       /* JF_REQUEST ... */
  uint32_t flags;      /* JF_MORE, else 0; unknown bits are ignored */
  uint64_t id;         /* of a request chosen by the asker, never 0 and never used twice by it; repeated by its
                          replies, cancel and credit. Of an event 0 */
  uint32_t timeout_ms; /* of a request: the answer is useless later, and is then dropped and counted. Each part
                          starts the time anew. 0: the receiver's default of 30 s */
  jf_status status;    /* of a reply. On failure body is a problem document:
                          {"code","text","field","value"}; code stands in the plugin's messages.json */
  uint32_t channel;    /* of a request: JF_CHANNEL_... */
  uint32_t credit;     /* of a request: how many parts the asker has room for at once; of JF_CREDIT: how many more */
  jf_view name;        /* "call-control/1.makeCall"; empty in replies, cancels and credits; at most JF_MAX_NAME */
  jf_view body;        /* JSON in UTF-8, at most JF_MAX_BODY; empty is allowed and means {} */
  jf_view bytes;       /* raw octets that are not JSON (audio, a certificate), at most JF_MAX_BYTES */
} jf_message;

#ifdef __cplusplus
}
#endif
#endif
