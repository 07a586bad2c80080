// SPDX-License-Identifier: Apache-2.0
// jackfield-plugin-run: the offline host of a plugin's author, driven by the tool jackfield-sdk.
//   jackfield-plugin-run FOLDER_OF_PLUGINS PLUGIN_HOST_PROGRAM [CAPABILITY,...]
// It holds one instance. Commands come as JSON lines on standard input, each answered by one line "done" or "failed";
// what happens beside them comes as lines of its own on standard output:
//   {"do":"add","type":"hello","settings":{}}     {"is":"done","do":"add"}, {"is":"failed","do":"add","code",...}
//   {"do":"start"} "stop" "remove"                {"is":"state","state":"running","reason":"","link":{...},"pid":1}
//   {"do":"test","type":"hello","settings":{}}    {"is":"done","do":"test","result":{...}}
//   {"do":"ask","id":1,"name":"x/1.y","body":{}}  {"is":"reply","id":1,"status":"ok","body":{},"more":false}
//   {"do":"judge","schema":{},"document":{}}      {"is":"done","do":"judge","errors":[{"pointer","value","rule"}]}
//   {"do":"keep","records":{}}                    what "storage/1.load" gives; "keep" of an event adds to it
// Events are {"is":"event","name","body"}, log lines {"is":"log","level","code","arguments"}. It ends with its input.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

#include <boost/json.hpp>

#include <jackfield/json.hpp>

#include "kernel/holder/schema.hpp"
#include "kernel/plugins.hpp"

namespace {

namespace json = boost::json;
using namespace jackfield::kernel;
using jackfield::parseJson;

constexpr const char* handle = "it";

json::value documentOf(const std::string& body) {
  if (body.empty()) return json::object();
  try {
    return parseJson(body);
  } catch (const jackfield::Error&) {
    return {{"not json", body}};
  }
}

std::string textOf(const json::object& command, const char* member, const std::string& otherwise = {}) {
  const auto* found = command.if_contains(member);
  return found ? std::string(found->as_string()) : otherwise;
}

// As the tables of abi/base.h call it, without JF_E_.
const char* statusName(jackfield::Status status) {
  static constexpr std::array names{"ok",   "invalid", "auth",      "unreachable", "timeout",     "unsupported",
                                    "full", "state",   "cancelled", "notFound",    "wrongThread", "internal"};
  const auto number = static_cast<std::size_t>(status);
  return number < names.size() ? names[number] : "internal";
}

class Desk final : public PluginEvents {
 public:
  void write(const json::object& line) {
    const std::string text = json::serialize(line) + "\n";
    const std::lock_guard lock(output_);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  void onEvent(const std::string&, std::string_view name, std::string_view body) override {
    const json::value document = documentOf(std::string(body));
    if (const auto* object = document.if_object())
      if (const auto* kept = object->if_contains("keep"); kept && kept->is_object()) keep(kept->get_object());
    write({{"is", "event"}, {"name", name}, {"body", document}});
  }
  void onState(const InstanceStatus& status) override {
    write({{"is", "state"},
           {"state", jackfield::nameOf(status.state)},
           {"reason", status.reason},
           {"link", jackfield::toJson(status.link)},
           {"pid", status.pid},
           {"restarts", status.restarts}});
  }
  void onRequest(const std::string&, std::string_view name, std::string_view body,
                 std::function<void(Reply)> reply) override {
    const json::value document = documentOf(std::string(body));
    write({{"is", "asked"}, {"name", name}, {"body", document}});
    if (name != "storage/1.load") return;  // dropped: the manager answers
    reply({jackfield::Status::ok, json::serialize(json::object{{"records", recordsUnder(document)}}), {}, false});
  }
  void log(const LogRecord& record) {
    write({{"is", "log"}, {"level", record.level}, {"code", record.code}, {"arguments", record.arguments}});
  }

  // Records of the instance; null removes one.
  void keep(const json::object& records) {
    const std::lock_guard lock(records_mutex_);
    for (const auto& [key, value] : records) {
      if (value.is_null())
        records_.erase(key);
      else
        records_.insert_or_assign(key, value);
    }
  }

 private:
  json::object recordsUnder(const json::value& load) const {
    json::object out;
    const auto* object = load.if_object();
    const std::string prefix = object ? textOf(*object, "prefix") : "";
    const std::lock_guard lock(records_mutex_);
    for (const auto& [key, value] : records_)
      if (key.starts_with(prefix)) out[key] = value;
    return out;
  }

  std::mutex output_;
  mutable std::mutex records_mutex_;
  std::map<std::string, json::value> records_;
};

InstanceSpec specOf(const json::object& command) {
  InstanceSpec spec{handle, textOf(command, "type"), {}, std::nullopt};
  if (const auto* settings = command.if_contains("settings")) spec.settings = settings->as_object();
  return spec;
}

std::chrono::milliseconds timeoutOf(const json::object& command) {
  const auto* given = command.if_contains("timeoutMs");
  return std::chrono::milliseconds(given ? given->to_number<std::int64_t>() : 30000);
}

void ask(Desk& desk, PluginManager& manager, const json::object& command) {
  const json::value& id = command.at("id");
  const auto* body = command.if_contains("body");
  manager.request(handle, textOf(command, "name"), body ? json::serialize(*body) : "", Channel::client,
                  timeoutOf(command), [&desk, id](const Reply& reply) {
                    desk.write({{"is", "reply"},
                                {"id", id},
                                {"status", statusName(reply.status)},
                                {"body", documentOf(reply.body)},
                                {"octets", reply.bytes.size()},
                                {"more", reply.more}});
                  });
}

// What breaks the schema in the document.
json::array judge(const json::object& command) {
  json::array out;
  for (const auto& error : Schema(command.at("schema")).check(command.at("document")))
    out.push_back({{"pointer", error.pointer}, {"value", error.value}, {"rule", error.rule}});
  return out;
}

// Members of the "done" line.
json::object execute(Desk& desk, PluginManager& manager, const json::object& command) {
  const std::string what = textOf(command, "do");
  if (what == "add")
    manager.add(specOf(command));
  else if (what == "start")
    manager.start(handle);
  else if (what == "stop")
    manager.suspend(handle);
  else if (what == "remove")
    manager.remove(handle);
  else if (what == "ask")
    ask(desk, manager, command);
  else if (what == "keep")
    desk.keep(command.at("records").as_object());
  else if (what == "judge")
    return {{"errors", judge(command)}};
  else if (what == "test")
    return {{"result", jackfield::toJson(manager.test(specOf(command), timeoutOf(command)))}};
  else
    throw jackfield::Error(jackfield::Status::unsupported, "run.command.unknown",
                           "\"do\" is one of add, start, stop, remove, test, ask, judge, keep", "/do", what);
  return {};
}

void obey(Desk& desk, PluginManager& manager, const std::string& line) {
  json::object answer{{"is", "failed"}};
  try {
    const json::value parsed = parseJson(line);
    answer["do"] = parsed.at("do");
    answer = execute(desk, manager, parsed.as_object());
    answer["is"] = "done";
    answer["do"] = parsed.at("do");
  } catch (const SettingsError& error) {
    answer["code"] = error.code();
    answer["text"] = error.what();
    answer["errors"] = jackfield::toJson(error.errors());
  } catch (const jackfield::Error& error) {
    answer["code"] = error.code();
    answer["text"] = error.what();
  } catch (const std::exception& error) {
    answer["code"] = "run.command.malformed";
    answer["text"] = std::string("this is no command: ") + error.what();
  }
  desk.write(answer);
}

PluginOptions optionsFor(Desk& desk, const std::string& capabilities) {
  PluginOptions options;
  options.log = [&desk](const LogRecord& record) { desk.log(record); };
  std::istringstream list(capabilities);
  for (std::string one; std::getline(list, one, ',');) options.capabilities.push_back(one);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: jackfield-plugin-run FOLDER_OF_PLUGINS PLUGIN_HOST_PROGRAM [CAPABILITY,...]\n", stderr);
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  Desk desk;
  PluginManager manager(argv[1], argv[2], Hosting::ownProcess, desk, optionsFor(desk, argc > 3 ? argv[3] : ""));
  for (const auto& plugin : manager.plugins())
    desk.write({{"is", "plugin"}, {"id", plugin.id}, {"error", plugin.error}});
  for (std::string line; std::getline(std::cin, line);)
    if (!line.empty()) obey(desk, manager, line);
  manager.shutdown();
  return 0;
}
