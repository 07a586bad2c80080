// SPDX-License-Identifier: Apache-2.0
// Whoever takes a request out of the map ends it; nobody else can.
#include "requests.hpp"

#include <utility>
#include <vector>

namespace jackfield::kernel {

Frame Requests::begin(std::string name, std::string body, Channel channel, std::chrono::milliseconds timeout,
                      Handler handler) {
  Frame frame;
  frame.kind = FrameKind::request;
  frame.name = std::move(name);
  frame.body = std::move(body);
  frame.channel = static_cast<std::uint32_t>(channel);
  frame.credit = credit;
  frame.timeout_ms = static_cast<std::uint32_t>(std::max<std::int64_t>(timeout.count(), 1));

  const auto open = std::make_shared<Open>();
  open->channel = channel;
  open->timeout = timeout;
  open->octets = frame.size();
  open->handler = std::move(handler);
  const auto expires = std::chrono::steady_clock::now() + timeout;
  open->expires = expires;
  bool refused = false;
  {
    const std::lock_guard lock(mutex_);
    Counters& counters = counters_[static_cast<std::size_t>(channel)];
    ++counters.received;
    refused = open_.size() >= outstanding_limit || octets_ + open->octets > octets_limit ||
              frame.body.size() > JF_MAX_BODY || frame.name.size() > JF_MAX_NAME;
    if (refused) {
      ++counters.failed;
    } else {
      frame.id = ++last_id_;
      ++counters.outstanding;
      octets_ += open->octets;
      open->deadline = deadlines_.at(expires, [self = weak_from_this(), id = frame.id] {
        if (const auto me = self.lock()) me->expire(id);
      });
      open_[frame.id] = open;
    }
  }
  if (!refused) return frame;
  if (frame.body.size() > JF_MAX_BODY || frame.name.size() > JF_MAX_NAME)
    open->handler(
        Reply::failed(Error(Status::invalid, "plugin.request.size", "the request is above 1 MiB: send it in pieces")));
  else
    open->handler(Reply::failed(
        Error(Status::full, "plugin.request.full", "too many requests to this server are waiting: try again later")));
  return frame;
}

std::shared_ptr<Requests::Open> Requests::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : found->second;
}

std::shared_ptr<Requests::Open> Requests::take(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(id);
  if (found == open_.end()) return nullptr;
  auto open = found->second;
  open_.erase(found);
  octets_ -= open->octets;
  --counters_[static_cast<std::size_t>(open->channel)].outstanding;
  return open;
}

void Requests::count(const Open& open, Status status) {
  if (status == Status::ok) return;
  const std::lock_guard lock(mutex_);
  Counters& counters = counters_[static_cast<std::size_t>(open.channel)];
  ++(status == Status::timeout ? counters.timed_out : counters.failed);
}

void Requests::end(std::uint64_t id, Reply reply) {
  const auto open = take(id);
  if (!open) return;
  deadlines_.drop(open->deadline);
  count(*open, reply.status);
  const std::lock_guard calling(open->calling);
  open->ended = true;
  std::exchange(open->handler, nullptr)(std::move(reply));
}

bool Requests::answer(Frame&& frame) {
  Reply reply{
      frame.status >= JF_OK && frame.status <= JF_E_INTERNAL ? static_cast<Status>(frame.status) : Status::internal,
      std::move(frame.body), std::move(frame.bytes), (frame.flags & JF_MORE) != 0};
  const auto open = find(frame.id);
  if (!open) {
    ++late_;
    return false;
  }
  if (!reply.more) {
    end(frame.id, std::move(reply));
    return false;
  }
  open->expires = std::chrono::steady_clock::now() + open->timeout;
  const std::lock_guard calling(open->calling);
  if (open->ended) return false;
  const Handler handler = open->handler;  // a copy: the handler may end the request
  handler(std::move(reply));
  return !open->ended;
}

void Requests::expire(std::uint64_t id) {
  const auto open = find(id);
  if (!open) return;
  const auto expires = open->expires.load();
  if (std::chrono::steady_clock::now() < expires) {
    // A part came meanwhile.
    const std::lock_guard lock(mutex_);
    open->deadline = deadlines_.at(expires, [self = weak_from_this(), id] {
      if (const auto me = self.lock()) me->expire(id);
    });
    return;
  }
  gave_up_(id);
  end(id, Reply::failed(Error(Status::timeout, "plugin.request.timeout",
                              "the server did not answer within " + std::to_string(open->timeout.count()) + " ms")));
}

void Requests::fail(std::uint64_t id, const Error& error) {
  gave_up_(id);
  end(id, Reply::failed(error));
}

void Requests::failAll(const Error& error) {
  std::vector<std::uint64_t> ids;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, open] : open_) ids.push_back(id);
  }
  for (const auto id : ids) end(id, Reply::failed(error));
}

std::array<Counters, 3> Requests::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

}  // namespace jackfield::kernel
