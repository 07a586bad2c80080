// SPDX-License-Identifier: Apache-2.0
// From a plugin's failed reply to the problem that a person meets.
#ifndef JACKFIELD_CAPABILITIES_REPLIES_HPP
#define JACKFIELD_CAPABILITIES_REPLIES_HPP

#include <chrono>
#include <string>

#include <jackfield/json.hpp>

#include "capabilities/plugin_port.hpp"
#include "model/problem.hpp"

namespace jackfield::capabilities {

// The plugin's own code and sentence stay; what the manager itself refuses (the instance is not running, crashed,
// floods) is unavailable, for it says nothing about the request.
model::Problem problemOf(const std::string& handle, const kernel::Reply& failed);

// Asks and waits. Throws Problem; an answer that is not what the capability says is "plugin.reply.invalid".
template <class Answer, class Body>
Answer ask(PluginPort& plugins, const std::string& handle, const std::string& name, const Body& body,
           kernel::Channel channel, std::chrono::milliseconds timeout);

// Decodes what a plugin sent, leaving out members of newer plugins. Throws Problem(internal, "plugin.reply.invalid").
template <class T>
T decode(const std::string& handle, const std::string& name, std::string_view body) {
  const auto refuse = [&](const std::string& why) {
    return model::Problem(model::Problem::Kind::internal, "plugin.reply.invalid",
                          handle + ": the plugin's \"" + name + "\" is not understood: " + why);
  };
  if (body.empty()) body = "{}";
  boost::json::monotonic_resource memory;  // the values of one document come and go together
  boost::system::error_code failed;
  const auto document = boost::json::parse({body.data(), body.size()}, failed, &memory);
  if (failed) throw refuse("not JSON: " + failed.message());
  try {
    return fromJson<T>(document, Unknown::ignore);
  } catch (const Error& error) {
    throw refuse(error.what());
  }
}

template <class Answer, class Body>
Answer ask(PluginPort& plugins, const std::string& handle, const std::string& name, const Body& body,
           kernel::Channel channel, std::chrono::milliseconds timeout) {
  const auto reply = plugins.call(handle, name, toJsonText(body), channel, timeout);
  if (reply.status != Status::ok) throw problemOf(handle, reply);
  return decode<Answer>(handle, name, reply.body);
}

}  // namespace jackfield::capabilities

#endif
