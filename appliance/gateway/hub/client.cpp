// SPDX-License-Identifier: Apache-2.0
// One WebSocket: its queue, its frames, its end.
#include "gateway/hub/client.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <sys/epoll.h>
#include <sys/uio.h>

#include "gateway/hub/hub.hpp"

namespace jackfield::gateway {
namespace {

constexpr std::size_t batchFrames = 32;
constexpr int maxReads = 64;  // in a row; a client that sends faster than it is read is not one of ours

}  // namespace

WebSocketClient::WebSocketClient(Hub& hub, Transport transport)
    : hub_(hub), transport_(std::move(transport)), reader_(hub.options_.max_message) {}

bool WebSocketClient::send(const Frame& text) {
  if (refusing_) return false;
  const std::size_t limit = catching_up_ ? hub_.options_.catch_up_bytes : hub_.options_.queue_bytes;
  if (queued_.fetch_add(text->size()) + text->size() > limit) {
    refusing_ = true;
    return false;
  }
  hub_.deliver(shared_from_this(), text);
  return true;
}

void WebSocketClient::close(std::uint16_t code, std::string reason) {
  refusing_ = true;
  hub_.reactor_.post([self = shared_from_this(), code, reason = std::move(reason)] {
    self->beginClose(code, reason);
    self->flush();
  });
}

void WebSocketClient::attach(std::shared_ptr<Attachment> attachment) {
  // Through the reactor, so that it cannot be attached to a client that was removed a moment ago and stay for ever.
  hub_.reactor_.post([self = shared_from_this(), attachment = std::move(attachment)]() mutable {
    if (!self->open_) return;
    self->attachment_ = std::move(attachment);
    self->tellRoom();
  });
}

bool WebSocketClient::room() {
  // In this order: either this sees the room, or the hub's thread sees the wish.
  wants_room_ = true;
  if (queued_ > hub_.options_.queue_bytes / 2) return false;
  wants_room_ = false;
  return true;
}

void WebSocketClient::tellRoom() {
  if (attachment_ && queued_ <= hub_.options_.queue_bytes / 2 && wants_room_.exchange(false)) attachment_->roomAgain();
}

void WebSocketClient::begin(std::string_view already_read) {
  open_ = true;
  heard_s_ = pinged_s_ = hub_.now_s_;
  waiting_for_ = EPOLLIN;
  key_ = hub_.reactor_.add(transport_.fd(), EPOLLIN, shared_from_this());
  if (key_ == 0) return gone();
  while (!already_read.empty() && open_)
    if (!handle(reader_.next(already_read))) break;
  // TLS may hold octets that epoll cannot see.
  if (open_) read();
  flush();
}

void WebSocketClient::onEvents(std::uint32_t events) {
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read();
  flush();
}

void WebSocketClient::read() {
  auto& buffer = hub_.scratch_;
  for (int i = 0; i < maxReads && open_; ++i) {
    const auto io = transport_.read(buffer.data(), buffer.size());
    if (io.result == Transport::Result::again) return;
    if (io.result == Transport::Result::closed) return gone();
    heard_s_ = hub_.now_s_;
    std::string_view input(buffer.data(), io.bytes);
    while (!closing_ && open_) {
      Incoming incoming = reader_.next(input);
      if (incoming.kind == Incoming::Kind::none) break;
      if (!handle(std::move(incoming))) break;
    }
  }
  if (open_ && !closing_) {
    ++hub_.counters_.faults;
    beginClose(close_code::policy, "too much input");
  }
}

bool WebSocketClient::handle(Incoming incoming) {
  switch (incoming.kind) {
    case Incoming::Kind::none:
    case Incoming::Kind::pong:
      return true;
    case Incoming::Kind::ping:
      // Pings count like texts: answering them must not become a way to make us work.
    case Incoming::Kind::text:
      if (++texts_this_second_ > hub_.options_.max_texts) {
        ++hub_.counters_.faults;
        beginClose(close_code::policy, "too many messages");
        return false;
      }
      if (incoming.kind == Incoming::Kind::ping) enqueueControl(controlFrame(Opcode::pong, incoming.payload));
      return true;
    case Incoming::Kind::close:
      beginClose(incoming.code == close_code::noStatus ? close_code::normal : incoming.code, {});
      return false;
    case Incoming::Kind::fault:
      ++hub_.counters_.faults;
      beginClose(incoming.code, incoming.payload);
      return false;
  }
  return false;
}

void WebSocketClient::enqueue(Frame text) {
  if (closing_) return;
  queue_.push_back({FrameHeader(Opcode::text, text->size()), std::move(text)});
}

void WebSocketClient::enqueueControl(std::string frame) {
  queued_ += frame.size();
  queue_.push_back({FrameHeader{}, std::make_shared<const std::string>(std::move(frame))});
}

void WebSocketClient::beginClose(std::uint16_t code, std::string_view reason) {
  if (closing_ || !open_) return;
  if (code == close_code::tryAgainLater) {
    ++hub_.counters_.cut;
    // What waits is given up: it is why the client is cut. A frame that is partly out is finished, so that the close
    // frame can be read; with TLS the octets of a refused write must be offered again, which is no longer possible.
    if (transport_.secure() && write_pending_) return gone();
    if (queue_.size() > head_ + 1) queue_.resize(head_offset_ > 0 ? head_ + 1 : head_);
  }
  enqueueControl(closeFrame(code, reason));
  refusing_ = true;
  closing_ = true;
  close_by_s_ = hub_.now_s_ + static_cast<std::uint32_t>(hub_.options_.linger.count());
}

Transport::Io WebSocketClient::writeSome() {
  if (!transport_.secure()) {
    std::array<iovec, 2 * batchFrames> parts;
    int count = 0;
    std::size_t skip = head_offset_;
    const auto add = [&](std::string_view octets) {
      const std::size_t cut = std::min(skip, octets.size());
      skip -= cut;
      octets.remove_prefix(cut);
      if (!octets.empty()) parts[static_cast<std::size_t>(count++)] = {const_cast<char*>(octets.data()), octets.size()};
    };
    for (std::size_t i = head_; i < queue_.size() && i < head_ + batchFrames; ++i) {
      add(queue_[i].header.view());
      add(*queue_[i].payload);
    }
    return transport_.writeVector(parts.data(), count);
  }
  // One TLS record for as many frames as fit: the same octets again after `again`, as OpenSSL demands.
  auto& buffer = hub_.scratch_;
  std::size_t filled = 0, skip = head_offset_;
  const auto add = [&](std::string_view octets) {
    const std::size_t cut = std::min(skip, octets.size());
    skip -= cut;
    octets = octets.substr(cut, buffer.size() - filled);
    std::memcpy(buffer.data() + filled, octets.data(), octets.size());
    filled += octets.size();
  };
  for (std::size_t i = head_; i < queue_.size() && filled < buffer.size(); ++i) {
    add(queue_[i].header.view());
    add(*queue_[i].payload);
  }
  return transport_.write(buffer.data(), filled);
}

void WebSocketClient::consume(std::size_t bytes) {
  hub_.counters_.octets += bytes;
  head_offset_ += bytes;
  while (head_ < queue_.size() && head_offset_ >= queue_[head_].size()) {
    head_offset_ -= queue_[head_].size();
    queued_ -= queue_[head_].payload->size();
    queue_[head_++].payload.reset();
    ++hub_.counters_.frames;
  }
  if (head_ < queue_.size()) return;
  head_ = 0;
  if (queue_.capacity() > 8)
    queue_ = {};  // an idle client keeps no memory of a burst
  else
    queue_.clear();
}

void WebSocketClient::flush() {
  if (!open_) return;
  write_pending_ = false;
  while (!queue_.empty()) {
    const auto io = writeSome();
    if (io.result == Transport::Result::closed) return gone();
    if (io.result == Transport::Result::again) {
      write_pending_ = true;
      return waitFor(EPOLLIN | transport_.waitsFor());
    }
    consume(io.bytes);
    if (wants_room_) tellRoom();
  }
  if (closing_ && !std::exchange(sending_ended_, true)) transport_.endSending();
  waitFor(EPOLLIN);
}

void WebSocketClient::waitFor(std::uint32_t events) {
  if (events == waiting_for_) return;
  waiting_for_ = events;
  hub_.reactor_.modify(key_, transport_.fd(), events);
}

void WebSocketClient::tick(std::uint32_t now_s) {
  texts_this_second_ = 0;
  if (closing_) {
    if (now_s >= close_by_s_) gone();
    return;
  }
  if (now_s - heard_s_ >= hub_.options_.silence.count()) {
    ++hub_.counters_.silent;
    return gone();
  }
  if (now_s - pinged_s_ < hub_.options_.ping_every.count()) return;
  pinged_s_ = now_s;
  enqueueControl(controlFrame(Opcode::ping, {}));
  flush();
}

void WebSocketClient::gone() {
  if (!open_) return;
  open_ = false;
  refusing_ = true;
  hub_.remove(*this);
}

}  // namespace jackfield::gateway
