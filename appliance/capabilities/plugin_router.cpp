// SPDX-License-Identifier: Apache-2.0
// Routing by name, and storage/1.
#include "capabilities/plugin_router.hpp"

#include <jackfield/json.hpp>
#include <jackfield/server.hpp>

#include "capabilities/replies.hpp"
#include "kernel/base/log.hpp"

namespace jackfield::capabilities {
namespace {

// Well below the boundary's 1 MiB for a message.
constexpr std::size_t part_size = 256 * 1024;

const kernel::Log& log() {
  static const kernel::Log log("capabilities");
  return log;
}

kernel::Reply failed(Status status, const std::string& code, const std::string& text) {
  kernel::Reply reply;
  reply.status = status;
  reply.body = boost::json::serialize(boost::json::object{{"code", code}, {"text", text}});
  return reply;
}

// Collects records into documents of part_size.
class RecordParts {
 public:
  explicit RecordParts(const std::function<void(kernel::Reply)>& reply) : reply_(reply) {}

  // `body` is JSON as the driver gave it and is not read again.
  void add(const std::string& key, const std::string& body) {
    if (text_.size() + body.size() > part_size) send(true);
    text_.append(text_.empty() ? R"({"records":{)" : ",");
    text_.append(toJsonText(key)).append(":").append(body);
  }
  void finish() { send(false); }

 private:
  void send(bool more) {
    if (more && text_.empty()) return;
    kernel::Reply part;
    part.body = text_.empty() ? R"({"records":{}})" : text_ + "}}";
    part.more = more;
    text_.clear();
    reply_(std::move(part));
  }

  const std::function<void(kernel::Reply)>& reply_;
  std::string text_;
};

}  // namespace

PluginRouter::PluginRouter(const store::Journal& journal) : journal_(journal) {}

void PluginRouter::listen(Listeners listeners) {
  listeners_ = std::move(listeners);
}

void PluginRouter::onEvent(const std::string& handle, std::string_view name, std::string_view body) {
  try {
    if (name == "call-control/1.event") {
      if (listeners_.call_events)
        listeners_.call_events(handle, decode<call_control::EventMessage>(handle, std::string(name), body));
    } else if (name == "call-control/1.resync") {
      if (listeners_.call_resync)
        listeners_.call_resync(handle, decode<call_control::Resync>(handle, std::string(name), body));
    } else if (name != "server/1.state") {  // that one the kernel keeps; it comes by onState()
      log().warning("plugin.event.unknown", {{"server", handle}, {"event", std::string(name.substr(0, 80))}});
    }
  } catch (const model::Problem& problem) {
    log().error("plugin.event.refused", {{"server", handle}, {"reason", problem.what()}});
  }
}

void PluginRouter::onState(const kernel::InstanceStatus& status) {
  if (listeners_.state) listeners_.state(status);
}

void PluginRouter::onRequest(const std::string& handle, std::string_view name, std::string_view body,
                             std::function<void(kernel::Reply)> reply) {
  try {
    if (name == "storage/1.load") return load(handle, body, reply);
    reply(failed(Status::unsupported, "host.request.unknown",
                 std::string(name.substr(0, 80)) + ": this host has no such service; it has storage/1.load"));
  } catch (const model::Problem& problem) {
    reply(failed(Status::internal, problem.code(), problem.what()));
  }
}

void PluginRouter::load(const std::string& handle, std::string_view body,
                        const std::function<void(kernel::Reply)>& reply) const {
  const auto load = decode<server::Load>(handle, "storage/1.load", body);
  RecordParts parts(reply);
  journal_.records(handle, load.prefix,
                   [&](const std::string& key, const std::string& record) { parts.add(key, record); });
  parts.finish();
}

}  // namespace jackfield::capabilities
