/* SPDX-License-Identifier: Apache-2.0
 * A library whose entry has one fault, chosen by the macros that CMake gives. */
#include <jackfield/abi/entry.h>

#ifndef BROKEN_MAGIC
#define BROKEN_MAGIC JF_ABI_MAGIC
#endif
#ifndef BROKEN_MAJOR
#define BROKEN_MAJOR JF_ABI_MAJOR
#endif
#ifndef BROKEN_MINOR
#define BROKEN_MINOR JF_ABI_MINOR
#endif
#ifndef BROKEN_SIZE
#define BROKEN_SIZE sizeof(jf_plugin_entry)
#endif

#ifdef BROKEN_UNDEFINED
extern const jf_plugin* nowhere_defined(const jf_host*, jf_view);
#define BROKEN_CREATE nowhere_defined
#else
static const jf_plugin* create(const jf_host* host, jf_view type) {
  (void)host;
  (void)type;
  return 0;
}
#define BROKEN_CREATE create
#endif

#ifdef BROKEN_NAME
JF_EXPORT const jf_plugin_entry BROKEN_NAME;
#else
#define BROKEN_NAME jf_plugin_entry_1
#endif

const jf_plugin_entry BROKEN_NAME = {BROKEN_MAGIC,  BROKEN_MAJOR, BROKEN_MINOR, (uint32_t)(BROKEN_SIZE),
                                     {"broken", 6}, BROKEN_CREATE};
