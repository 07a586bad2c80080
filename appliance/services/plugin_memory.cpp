// SPDX-License-Identifier: Apache-2.0
// Looking at the memory of plugins.
#include "services/plugin_memory.hpp"

#include "capabilities/plugin_port.hpp"
#include "services/alarms.hpp"

namespace jackfield::services {

void PluginMemory::look() const {
  for (const auto& instance : plugins_.instances()) {
    const auto used = instance.memory_mb, limit = instance.memory_limit_mb;
    if (limit > 0 && 10 * used > 9 * limit)
      // Without the figure, which changes all the time.
      alarms_.raise("plugin.memory", instance.handle, "major",
                    instance.handle + ": the plugin uses nearly all of the " + std::to_string(limit) +
                        " MB that it may use; at the limit it fails at whatever needs more");
    else if (limit == 0 || 10 * used < 8 * limit)
      alarms_.clear("plugin.memory", instance.handle);
  }
}

}  // namespace jackfield::services
