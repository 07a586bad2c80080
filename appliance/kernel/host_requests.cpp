// SPDX-License-Identifier: Apache-2.0
// Answers to a plugin.
#include "host_requests.hpp"

#include <utility>

namespace jackfield::kernel {

class HostRequests::One {
 public:
  One(std::weak_ptr<HostRequests> owner, std::uint64_t id, std::uint32_t credit)
      : owner_(std::move(owner)), id_(id), credit_(credit) {}

  void answer(Reply reply) {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = !reply.more;
    waiting_.push_back(std::move(reply));
    drain();
  }
  void addCredit(std::uint32_t more) {
    const std::lock_guard lock(mutex_);
    credit_ += more;
    drain();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    waiting_.clear();
  }

 private:
  void drain() {
    const auto owner = owner_.lock();
    while (!waiting_.empty() && owner) {
      Reply& reply = waiting_.front();
      if (reply.more && credit_ == 0) return;
      if (reply.more) --credit_;
      if (reply.body.size() > JF_MAX_BODY || reply.bytes.size() > JF_MAX_BYTES) {
        reply = Reply::failed(Error(Status::internal, "host.reply.size", "the host's answer is above 1 MiB"));
        ended_ = true;
      }
      const bool last = !reply.more;
      Frame frame;
      frame.kind = FrameKind::reply;
      frame.id = id_;
      frame.status = static_cast<std::int32_t>(reply.status);
      frame.flags = reply.more ? JF_MORE : 0;
      frame.body = std::move(reply.body);
      frame.bytes = std::move(reply.bytes);
      waiting_.pop_front();
      owner->send(std::move(frame));
      if (last) {
        waiting_.clear();
        owner->forget(id_);
      }
    }
  }

  const std::weak_ptr<HostRequests> owner_;
  const std::uint64_t id_;
  std::mutex mutex_;
  std::uint32_t credit_;
  std::deque<Reply> waiting_;
  bool ended_ = false;
};

// What the receiver holds: its end without an answer is an answer too.
class HostRequests::Ticket {
 public:
  explicit Ticket(std::shared_ptr<One> one) : one_(std::move(one)) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() {
    one_->answer(Reply::failed(Error(Status::internal, "host.request.unanswered", "the host gave no answer")));
  }
  void answer(Reply reply) { one_->answer(std::move(reply)); }

 private:
  const std::shared_ptr<One> one_;
};

std::function<void(Reply)> HostRequests::begin(const Frame& request) {
  const auto one = std::make_shared<One>(weak_from_this(), request.id, request.credit);
  {
    const std::lock_guard lock(mutex_);
    open_[request.id] = one;
  }
  const auto timeout = std::chrono::milliseconds(request.timeout_ms ? request.timeout_ms : 30000);
  deadlines_.at(std::chrono::steady_clock::now() + timeout, [weak = std::weak_ptr(one), timeout] {
    if (const auto late = weak.lock())
      late->answer(Reply::failed(Error(Status::timeout, "host.request.timeout",
                                       "the host did not answer within " + std::to_string(timeout.count()) + " ms")));
  });
  return [ticket = std::make_shared<Ticket>(one)](Reply reply) { ticket->answer(std::move(reply)); };
}

std::shared_ptr<HostRequests::One> HostRequests::find(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : found->second;
}

void HostRequests::credit(std::uint64_t id, std::uint32_t more) {
  if (const auto one = find(id)) one->addCredit(more);
}

void HostRequests::cancel(std::uint64_t id) {
  if (const auto one = find(id)) one->end();
  forget(id);
}

void HostRequests::close() {
  std::unordered_map<std::uint64_t, std::shared_ptr<One>> ended;  // freed after the lock
  const std::lock_guard lock(mutex_);
  send_ = nullptr;
  ended.swap(open_);
}

void HostRequests::send(Frame&& frame) {
  std::function<void(Frame &&)> out;
  {
    const std::lock_guard lock(mutex_);
    out = send_;
  }
  if (out) out(std::move(frame));
}

void HostRequests::forget(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  open_.erase(id);
}

}  // namespace jackfield::kernel
