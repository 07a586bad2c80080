/* SPDX-License-Identifier: Apache-2.0
 *
 * One instance of a plugin: one configured server.
 *
 *   create -> configure -> start -> stop -> destroy       stop may be followed by configure or start again
 *             (again)      \_running_/
 */
#ifndef JACKFIELD_ABI_PLUGIN_H
#define JACKFIELD_ABI_PLUGIN_H

#include <jackfield/abi/base.h>
#include <jackfield/abi/message.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct jf_plugin {
  void* impl; /* the plugin's own; the host neither reads nor changes it */

  /* Judges settings (JSON, already valid against the manifest's schema, its defaults filled in) and remembers them.
   * No I/O, under 1 s. May be called again; on failure the instance keeps the settings it had.
   * JF_E_INVALID: *problem receives {"errors":[{"pointer","code","text","value"}]}, owned by the plugin and valid
   *   until the next call of this instance. *problem is an empty view on entry.
   * Rationale: Test on unsaved settings is create, configure, a "server/1.test" request, destroy.
   * [T & !running] */
  jf_status(JF_CALL* configure)(const struct jf_plugin*, jf_view settings, jf_view* problem);

  /* Begins to connect and returns within 1 s; the state of the link follows as "server/1.state" events. On any result
   * but JF_OK the instance is not running, and the reason stands in the log.
   * Rationale: forty servers must not wait for the slowest of them. [T & configured & !running] */
  jf_status(JF_CALL* start)(const struct jf_plugin*);

  /* Ends all work and returns; after it the plugin uses no lent timer, watch or descriptor, and no thread of its own.
   * Jobs already submitted still get their done() before destroy(). Past the manifest's stopMs (10 s if silent) a
   * process of the plugin's own is ended; inside the host its thread is abandoned and the plugin quarantined.
   * [T & running] */
  void(JF_CALL* stop)(const struct jf_plugin*);

  /* Frees the instance; the host calls nothing of it any more. [T & !running] */
  void(JF_CALL* destroy)(const struct jf_plugin*);

  /* A request, a reply, a cancel or a credit arrives. Every request gets exactly one final reply, now or later;
   * JF_E_UNSUPPORTED for a name that the plugin does not know. [T & configured] */
  void(JF_CALL* on_message)(const struct jf_plugin*, const jf_message*);

  /* There is room again after JF_E_FULL. Once for each time that it was full. [T & configured] */
  void(JF_CALL* on_writable)(const struct jf_plugin*);
} jf_plugin;

#ifdef __cplusplus
}
#endif
#endif
