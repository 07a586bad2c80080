// SPDX-License-Identifier: Apache-2.0
// The host's way to one living instance, in this process or in one of its own. A link is used once: for a restart there
// is a new one.
#ifndef JACKFIELD_KERNEL_LINK_HPP
#define JACKFIELD_KERNEL_LINK_HPP

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>

#include "holder/frame.hpp"
#include "holder/manifest.hpp"
#include "holder/thread.hpp"

namespace jackfield::kernel {

class Link {
 public:
  virtual ~Link() = default;
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // [any]. Never blocks; what is sent is bounded by who sends it (open requests, credit). Dropped when gone.
  virtual void send(Frame&& frame) = 0;

  // The rest on the channel thread alone.

  virtual void fill(std::vector<pollfd>& polled) const = 0;
  // Gives what has arrived, a limited part of it; nothing left at once means nothing more was there. A value: the other
  // side is gone, and why.
  virtual std::optional<std::string> pump(const std::function<void(Frame&&)>& give) = 0;
  // After the stop was done: tidies up, waiting shortly.
  virtual void end() = 0;
  // Past a deadline: kills the process (true), or gives up the thread (false), which then hangs on in this process.
  virtual bool cut() = 0;
  virtual int pid() const { return 0; }
  // Of data, as RLIMIT_DATA counts it: heap, private mappings, the stacks of its threads. [any]
  virtual std::uint64_t memoryMb() const { return 0; }
};

struct LinkPlace {
  std::filesystem::path folder;
  HostOffer offer;
};

// thread: shared by all instances of a plugin with "threads": "shared"; null: a thread of its own.
std::shared_ptr<Link> makeLocalLink(const LinkPlace& place, const std::string& name,
                                    std::shared_ptr<InstanceThread> thread);

// Starts the program. Throws Error(internal, "plugin.process.start").
std::shared_ptr<Link> makeProcessLink(const LinkPlace& place, const std::filesystem::path& program);

}  // namespace jackfield::kernel

#endif
