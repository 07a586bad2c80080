/* SPDX-License-Identifier: Apache-2.0
 *
 * The one symbol that a plugin exports: jf_plugin_entry_1.
 */
#ifndef JACKFIELD_ABI_ENTRY_H
#define JACKFIELD_ABI_ENTRY_H

#include <jackfield/abi/base.h>
#include <jackfield/abi/host.h>
#include <jackfield/abi/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JF_ABI_MAGIC 0x4a41434bu /* "JACK" */
#define JF_ABI_MAJOR 1u          /* other number: not loaded */
#define JF_ABI_MINOR 0u          /* of plugin above host: not loaded; below: loaded */
#define JF_ENTRY_SYMBOL "jf_plugin_entry_1"

typedef struct jf_plugin_entry {
  uint32_t magic, abi_major, abi_minor, size; /* checked in this order, each with a sentence of its own; size is
                                                 sizeof(jf_plugin_entry) */
  jf_view build; /* compiler and SDK version: for error texts and the support bundle, never compared. Static */

  /* A new instance for a server type of the manifest, or NULL: out of memory, or a type the plugin does not know.
   * No I/O, no thread. host outlives the instance; the instance is freed by its own destroy(). [T] */
  const jf_plugin*(JF_CALL* create)(const jf_host* host, jf_view server_type);
} jf_plugin_entry;

extern JF_EXPORT const jf_plugin_entry jf_plugin_entry_1;

#ifdef __cplusplus
}
#endif
#endif
