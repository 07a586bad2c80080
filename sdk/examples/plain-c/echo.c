/* SPDX-License-Identifier: Apache-2.0
 *
 * A complete plugin in plain C, on the frozen ABI alone: settings, the state of its link, Test, a request, a timer.
 * It answers "example/1.echo" with the body that it was asked with.
 */
#include <stdlib.h>
#include <string.h>

#include <jackfield/abi/entry.h>
#include <jackfield/abi/service/timer.h>

typedef struct echo {
  jf_plugin table; /* what the host calls; table.impl leads back here */
  const jf_host* host;
} echo;

/* The codes stand in messages.json. */
static const char ready[] =
    "{\"findings\":[{\"severity\":\"info\",\"code\":\""
    "echo.ready"
    "\",\"item\":\"echo\",\"text\":\"ready\"}]}";
static const char unknown[] =
    "{\"code\":\""
    "echo.unknown"
    "\",\"text\":\"this plugin only echoes\"}";

static jf_view view(const char* text) {
  jf_view out = {text, strlen(text)};
  return out;
}

static int is(jf_view name, const char* text) {
  return name.size == strlen(text) && memcmp(name.data, text, name.size) == 0;
}

/* "connected" once, from a timer, as if a far server had answered meanwhile. */
static void JF_CALL connected(void* context) {
  echo* self = context;
  jf_message event = {0};
  event.kind = JF_EVENT;
  event.name = view("server/1.state");
  event.body = view("{\"state\":\"connected\",\"reason\":\"\"}");
  self->host->send(self->host, &event);
}

static jf_status JF_CALL configure(const jf_plugin* plugin, jf_view settings, jf_view* problem) {
  (void)plugin;
  (void)problem;
  /* The host has checked them against the schema in plugin.json and filled in the defaults. */
  return settings.size ? JF_OK : JF_E_INVALID;
}

static jf_status JF_CALL start(const jf_plugin* plugin) {
  echo* self = plugin->impl;
  uint64_t id = 0;
  const jf_timer_service* timer = self->host->service(self->host, view(JF_TIMER_SERVICE));
  if (!timer) return JF_E_UNSUPPORTED;
  self->host->log(self->host, JF_LOG_INFO, view("echo.started"), view("{\"language\":\"C\"}"));
  return timer->set(self->host, 10, connected, self, &id);
}

static void JF_CALL stop(const jf_plugin* plugin) {
  (void)plugin; /* the timer fires no more after stop() has returned; nothing else goes on */
}

static void JF_CALL destroy(const jf_plugin* plugin) {
  free(plugin->impl);
}

static void JF_CALL on_message(const jf_plugin* plugin, const jf_message* asked) {
  echo* self = plugin->impl;
  jf_message reply = {0};
  if (asked->kind != JF_REQUEST)
    return; /* it asks nothing and sends no parts: no reply, cancel or credit concerns it */
  reply.kind = JF_REPLY;
  reply.id = asked->id;
  if (is(asked->name, "example/1.echo")) {
    reply.body = asked->body;
    reply.bytes = asked->bytes;
  } else if (is(asked->name, "server/1.test")) {
    reply.body = view(ready);
  } else {
    reply.status = JF_E_UNSUPPORTED;
    reply.body = view(unknown);
  }
  self->host->send(self->host, &reply);
}

static void JF_CALL on_writable(const jf_plugin* plugin) {
  connected(plugin->impl); /* the state is the only event, and can always be sent again */
}

static const jf_plugin* JF_CALL create(const jf_host* host, jf_view server_type) {
  echo* self = is(server_type, "echo") ? calloc(1, sizeof *self) : NULL;
  if (!self) return NULL;
  self->host = host;
  self->table.impl = self;
  self->table.configure = configure;
  self->table.start = start;
  self->table.stop = stop;
  self->table.destroy = destroy;
  self->table.on_message = on_message;
  self->table.on_writable = on_writable;
  return &self->table;
}

static const char build[] = "plain C example";
const jf_plugin_entry jf_plugin_entry_1 = {
    JF_ABI_MAGIC, JF_ABI_MAJOR, JF_ABI_MINOR, sizeof(jf_plugin_entry), {build, sizeof build - 1}, create};
