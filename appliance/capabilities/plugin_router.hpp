// SPDX-License-Identifier: Apache-2.0
// Where everything arrives that plugins say by themselves: decoded by name and handed to the use case that it concerns.
#ifndef JACKFIELD_CAPABILITIES_PLUGIN_ROUTER_HPP
#define JACKFIELD_CAPABILITIES_PLUGIN_ROUTER_HPP

#include <functional>
#include <string>
#include <string_view>

#include <jackfield/call_control.hpp>

#include "kernel/plugins.hpp"
#include "store/journal.hpp"

namespace jackfield::capabilities {

// The listeners. Called on the channel thread of the instance, in order for each instance.
struct Listeners {
  std::function<void(const std::string& server, const call_control::EventMessage&)> call_events;
  std::function<void(const std::string& server, const call_control::Resync&)> call_resync;
  std::function<void(const kernel::InstanceStatus&)> state;
};

// "storage/1.load" is answered from the journal here: no use case has a say in what a driver keeps.
class PluginRouter : public kernel::PluginEvents {
 public:
  explicit PluginRouter(const store::Journal&);

  // Before the first instance is started.
  void listen(Listeners);

  void onEvent(const std::string& handle, std::string_view name, std::string_view body) override;
  void onState(const kernel::InstanceStatus& status) override;
  void onRequest(const std::string& handle, std::string_view name, std::string_view body,
                 std::function<void(kernel::Reply)> reply) override;

 private:
  void load(const std::string& handle, std::string_view body, const std::function<void(kernel::Reply)>& reply) const;

  const store::Journal& journal_;
  Listeners listeners_;
};

}  // namespace jackfield::capabilities

#endif
