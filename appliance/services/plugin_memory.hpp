// SPDX-License-Identifier: Apache-2.0
// Plugins that come near the limit of their memory: at the limit they live on and fail at whatever needs more, which an
// administrator has to hear of before.
#ifndef JACKFIELD_SERVICES_PLUGIN_MEMORY_HPP
#define JACKFIELD_SERVICES_PLUGIN_MEMORY_HPP

namespace jackfield::capabilities {
class PluginPort;
}

namespace jackfield::services {

class Alarms;

class PluginMemory {
 public:
  PluginMemory(const capabilities::PluginPort& plugins, Alarms& alarms) : plugins_(plugins), alarms_(alarms) {}
  // Raises the alarm "plugin.memory" of a server above nine tenths of its limit and clears it below eight. The
  // housekeeping calls it every few seconds.
  void look() const;

 private:
  const capabilities::PluginPort& plugins_;
  Alarms& alarms_;
};

}  // namespace jackfield::services

#endif
