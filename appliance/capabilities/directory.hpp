// SPDX-License-Identifier: Apache-2.0
// The typed face of capability directory/1.
#ifndef JACKFIELD_CAPABILITIES_DIRECTORY_HPP
#define JACKFIELD_CAPABILITIES_DIRECTORY_HPP

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include <jackfield/directory.hpp>

#include "capabilities/plugin_port.hpp"

namespace jackfield::capabilities {

class Directory {
 public:
  explicit Directory(PluginPort&);

  // Blocks. Throws Problem(unauthenticated, "directory.credentials") for a wrong password and an unknown login alike.
  directory::Person authenticate(const std::string& server, const directory::Authenticate&,
                                 std::chrono::milliseconds timeout) const;

  // Runs a synchronisation and hands every part to `sink` on the calling thread, while the next ones are being read
  // and carried: a short queue lies between. Blocks until the last part; throws Problem, also when `stop` is asked for
  // ("sync.cancelled"), and whatever the sink throws. `timeout` is the longest silence between two parts.
  void sync(const std::string& server, const directory::Sync&, std::chrono::milliseconds timeout, std::stop_token stop,
            const std::function<void(const directory::SyncPart&)>& sink) const;

 private:
  PluginPort& plugins_;
};

}  // namespace jackfield::capabilities

#endif
