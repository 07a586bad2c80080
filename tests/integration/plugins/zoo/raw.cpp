// SPDX-License-Identifier: Apache-2.0
// Misbehaves on the bare ABI, where no layer catches: exceptions that cross, text that is not UTF-8, wrong threads.
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <jackfield/abi/entry.h>
#include <jackfield/abi/service/timer.h>
#include <jackfield/abi/service/work.h>

namespace {

struct Raw {
  jf_plugin table;
  const jf_host* host;
  std::string type;
};

Raw& self(const jf_plugin* plugin) {
  return *static_cast<Raw*>(plugin->impl);
}
jf_view view(std::string_view text) {
  return {text.data(), text.size()};
}
bool throws(const jf_plugin* plugin) {
  return self(plugin).type == "raw-throwing";
}

jf_status configure(const jf_plugin*, jf_view, jf_view*) {
  return JF_OK;
}

jf_status start(const jf_plugin* plugin) {
  if (!throws(plugin)) return JF_OK;
  const jf_host* host = self(plugin).host;
  const auto* timer = static_cast<const jf_timer_service*>(host->service(host, view(JF_TIMER_SERVICE)));
  const auto* work = static_cast<const jf_work_service*>(host->service(host, view(JF_WORK_SERVICE)));
  std::uint64_t id;
  timer->set(
      host, 1, [](void*) { throw 1; }, nullptr, &id);
  work->submit(
      host, [](void*) { throw 2; }, [](void*, jf_status) { throw 3; }, nullptr);
  return JF_OK;
}

void stop(const jf_plugin* plugin) {
  if (throws(plugin)) throw 4;
}

void destroy(const jf_plugin* plugin) {
  const bool throwing = throws(plugin);
  delete &self(plugin);
  if (throwing) throw std::runtime_error("in destroy");
}

void reply(const jf_host* host, std::uint64_t id, std::string_view body) {
  jf_message m{};
  m.kind = JF_REPLY;
  m.id = id;
  m.body = view(body);
  host->send(host, &m);
}

// What the host says to each thing it must refuse, as {"name":status,...}.
std::string refusals(const jf_host* host) {
  jf_message m{};
  m.kind = JF_EVENT;
  m.name = view("zoo/1.event");
  const auto send = [&] { return std::to_string(host->send(host, &m)); };
  std::string out = "{";
  m.body = view("{\"text\":\"\xC3(\"}");
  out += "\"utf8\":" + send();
  const std::string big(10 << 20, 'x');
  m.body = view(big);
  out += ",\"big\":" + send();
  m.body = {};
  m.kind = 77;
  out += ",\"kind\":" + send();
  m.kind = JF_REQUEST;
  out += ",\"id\":" + send();
  m.kind = JF_REPLY;
  m.id = 4711;
  out += ",\"reply\":" + send();
  return out + "}";
}

std::string wrongThread(const jf_host* host) {
  const auto* timer = static_cast<const jf_timer_service*>(host->service(host, view(JF_TIMER_SERVICE)));
  jf_status status = JF_OK;
  bool found = true;
  std::thread([&] {
    std::uint64_t id = 0;
    status = timer->set(
        host, 1, [](void*) {}, nullptr, &id);
    found = host->service(host, view(JF_TIMER_SERVICE)) != nullptr;
  }).join();
  return "{\"timer\":" + std::to_string(status) + ",\"service\":" + (found ? "true" : "false") + "}";
}

void onMessage(const jf_plugin* plugin, const jf_message* m) {
  if (m->kind != JF_REQUEST) return;
  const jf_host* host = self(plugin).host;
  const std::string_view name(m->name.data, m->name.size);
  if (throws(plugin)) throw 5;
  if (name == "zoo/1.refusals") return reply(host, m->id, refusals(host));
  if (name == "zoo/1.thread") return reply(host, m->id, wrongThread(host));
  if (name == "zoo/1.lies") return reply(host, m->id, "this is no JSON");
}

void onWritable(const jf_plugin*) {
  throw 6;
}

const jf_plugin* create(const jf_host* host, jf_view type) {
  auto* made =
      new Raw{{nullptr, &configure, &start, &stop, &destroy, &onMessage, &onWritable}, host, {type.data, type.size}};
  made->table.impl = made;
  return &made->table;
}

}  // namespace

extern "C" JF_EXPORT const jf_plugin_entry jf_plugin_entry_1 = {
    JF_ABI_MAGIC, JF_ABI_MAJOR, JF_ABI_MINOR, sizeof(jf_plugin_entry), {"raw", 3}, &create};
