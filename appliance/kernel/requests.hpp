// SPDX-License-Identifier: Apache-2.0
// The host's open requests to one instance: each gets exactly one final answer, whatever happens.
#ifndef JACKFIELD_KERNEL_REQUESTS_HPP
#define JACKFIELD_KERNEL_REQUESTS_HPP

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "deadlines.hpp"
#include "holder/frame.hpp"
#include "plugins.hpp"

namespace jackfield::kernel {

// Any thread.
class Requests : public std::enable_shared_from_this<Requests> {
 public:
  using Handler = std::function<void(Reply)>;

  static constexpr std::size_t outstanding_limit = 1024;
  static constexpr std::size_t octets_limit = 16 << 20;
  static constexpr std::uint32_t credit = 16;  // parts that may wait unread

  // `gave_up` is told, on any thread, that a request timed out or was cancelled: the plugin may stop working for it.
  Requests(Deadlines& deadlines, std::function<void(std::uint64_t)> gave_up)
      : deadlines_(deadlines), gave_up_(std::move(gave_up)) {}

  // The request to send; with id 0 when refused, and then the handler has been called.
  Frame begin(std::string name, std::string body, Channel channel, std::chrono::milliseconds timeout, Handler handler);
  // True: it was a part, and the plugin gets one more credit.
  bool answer(Frame&& reply);
  void fail(std::uint64_t id, const Error& error);
  void failAll(const Error& error);

  std::array<Counters, 3> counters() const;
  std::uint64_t late() const { return late_; }  // answers that came after the end of their request

 private:
  struct Open {
    Channel channel;
    std::chrono::milliseconds timeout;
    std::size_t octets;
    Handler handler;
    std::atomic<std::chrono::steady_clock::time_point> expires;
    Deadlines::Id deadline;
    std::recursive_mutex calling;  // parts and the end come one after another; the handler may cancel inside a part
    bool ended = false;
  };

  std::shared_ptr<Open> find(std::uint64_t id) const;
  std::shared_ptr<Open> take(std::uint64_t id);
  void count(const Open& open, Status status);
  void end(std::uint64_t id, Reply reply);
  void expire(std::uint64_t id);

  Deadlines& deadlines_;
  const std::function<void(std::uint64_t)> gave_up_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Open>> open_;
  std::uint64_t last_id_ = 0;
  std::size_t octets_ = 0;
  std::array<Counters, 3> counters_{};
  std::atomic<std::uint64_t> late_{0};
};

}  // namespace jackfield::kernel

#endif
