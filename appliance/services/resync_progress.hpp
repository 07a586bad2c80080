// SPDX-License-Identifier: Apache-2.0
// What a server's resync has named so far. Parts and events of one server come on one thread, those of several on
// several: one mutex, nothing is called while it is held.
#ifndef JACKFIELD_SERVICES_RESYNC_PROGRESS_HPP
#define JACKFIELD_SERVICES_RESYNC_PROGRESS_HPP

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include <jackfield/call_control.hpp>

namespace jackfield::services {

class ResyncProgress {
 public:
  using Names = std::unordered_set<std::string>;

  void part(const std::string& server, const call_control::Resync& part) {
    const std::lock_guard lock(mutex_);
    if (part.part == 0) servers_[server] = {};
    const auto found = servers_.find(server);
    if (found == servers_.end()) return;
    if (found->second.next != part.part) {  // one is missing: whom it named is not known
      servers_.erase(found);
      return;
    }
    ++found->second.next;
    for (const auto& call : part.calls) found->second.names.insert(call.id);
  }

  // An event names its call too: it may have begun after the part in which it would have stood.
  void named(const std::string& server, const std::string& call) {
    const std::lock_guard lock(mutex_);
    if (const auto found = servers_.find(server); found != servers_.end()) found->second.names.insert(call);
  }

  // After the last part: all calls that were named; nothing when a part was missing.
  std::optional<Names> finish(const std::string& server) {
    const std::lock_guard lock(mutex_);
    const auto found = servers_.find(server);
    if (found == servers_.end()) return std::nullopt;
    auto names = std::move(found->second.names);
    servers_.erase(found);
    return names;
  }

 private:
  struct Progress {
    std::uint32_t next = 0;
    Names names;
  };
  std::mutex mutex_;
  std::map<std::string, Progress> servers_;
};

}  // namespace jackfield::services

#endif
