// SPDX-License-Identifier: Apache-2.0
// Everything that the frozen headers promise, as symbols whose types a binary comparison can walk: the tables, the
// enumerations with their values, the numbers and names that are macros. `check` compiles it.
#include <jackfield/abi/base.h>
#include <jackfield/abi/entry.h>
#include <jackfield/abi/host.h>
#include <jackfield/abi/message.h>
#include <jackfield/abi/plugin.h>
#include <jackfield/abi/service/loop.h>
#include <jackfield/abi/service/timer.h>
#include <jackfield/abi/service/watch.h>
#include <jackfield/abi/service/work.h>

constexpr bool same(const char* a, const char* b) {
  while (*a && *a == *b) ++a, ++b;
  return *a == *b;
}
static_assert(same(JF_ENTRY_SYMBOL, "jf_plugin_entry_1"));
static_assert(same(JF_LOOP_SERVICE, "jackfield.loop/1"));
static_assert(same(JF_TIMER_SERVICE, "jackfield.timer/1"));
static_assert(same(JF_WATCH_SERVICE, "jackfield.watch/1"));
static_assert(same(JF_WORK_SERVICE, "jackfield.work/1"));

extern "C" {

const jf_plugin_entry jf_plugin_entry_1 = {};
JF_EXPORT const jf_host* abi_host;
JF_EXPORT const jf_message* abi_message;
JF_EXPORT const jf_plugin* abi_plugin;
JF_EXPORT const jf_loop_service* abi_loop;
JF_EXPORT const jf_timer_service* abi_timer;
JF_EXPORT const jf_watch_service* abi_watch;
JF_EXPORT const jf_work_service* abi_work;

JF_EXPORT decltype(JF_OK) abi_status;
JF_EXPORT decltype(JF_LOG_DEBUG) abi_log_level;
JF_EXPORT decltype(JF_REQUEST) abi_message_kind;
JF_EXPORT decltype(JF_MORE) abi_message_flag;
JF_EXPORT decltype(JF_CHANNEL_SYSTEM) abi_channel;
JF_EXPORT decltype(JF_MAX_NAME) abi_limit;
JF_EXPORT decltype(JF_WATCH_READ) abi_watch_event;

enum Handshake { magic = JF_ABI_MAGIC, major_version = JF_ABI_MAJOR, minor_version = JF_ABI_MINOR };
JF_EXPORT Handshake abi_handshake;
}
