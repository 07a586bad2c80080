// SPDX-License-Identifier: Apache-2.0
// A plugin's open requests to the host ("storage/1.load"): answers in parts under the plugin's credit, and time-outs.
#ifndef JACKFIELD_KERNEL_HOST_REQUESTS_HPP
#define JACKFIELD_KERNEL_HOST_REQUESTS_HPP

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "deadlines.hpp"
#include "holder/frame.hpp"
#include "plugins.hpp"

namespace jackfield::kernel {

// Any thread. Belongs to one connection with a holder: after close() answers go nowhere.
class HostRequests : public std::enable_shared_from_this<HostRequests> {
 public:
  HostRequests(Deadlines& deadlines, std::function<void(Frame&&)> send)
      : deadlines_(deadlines), send_(std::move(send)) {}

  // What answers this request; when its last copy goes unused, the plugin gets "host.request.unanswered".
  std::function<void(Reply)> begin(const Frame& request);
  void credit(std::uint64_t id, std::uint32_t more);
  void cancel(std::uint64_t id);
  void close();

 private:
  class One;
  class Ticket;
  void send(Frame&& frame);
  std::shared_ptr<One> find(std::uint64_t id);
  void forget(std::uint64_t id);

  Deadlines& deadlines_;
  std::mutex mutex_;
  std::function<void(Frame&&)> send_;
  std::unordered_map<std::uint64_t, std::shared_ptr<One>> open_;  // until the last part is sent
};

}  // namespace jackfield::kernel

#endif
