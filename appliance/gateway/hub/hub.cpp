// SPDX-License-Identifier: Apache-2.0
// The hub's thread: mailbox in, batches out, heartbeats.
#include "gateway/hub/hub.hpp"

namespace jackfield::gateway {
namespace {

std::uint32_t steadySeconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

}  // namespace

Hub::Hub(const Options& options) : options_(options), reactor_("events", std::chrono::seconds(1), [this] { tick(); }) {}

Hub::~Hub() {
  stop(std::chrono::milliseconds(0));
}

void Hub::start() {
  now_s_ = steadySeconds();
  reactor_.start();
}

void Hub::stop(std::chrono::milliseconds deadline) {
  reactor_.post([this] {
    const auto clients = clients_;
    for (const auto& client : clients) {
      client->beginClose(close_code::goingAway, "the server stops");
      client->flush();
    }
  });
  {
    std::unique_lock lock(mutex_);
    empty_.wait_for(lock, deadline, [this] { return count_ == 0; });
  }
  reactor_.stop();
  // The thread is gone: what is left is let go of here, attachments too, which refer back to their clients.
  const auto clients = std::move(clients_);
  for (const auto& client : clients) {
    client->open_ = false;
    client->refusing_ = true;
    client->attachment_.reset();
    client->transport_.close();
  }
  std::lock_guard lock(mutex_);
  mailbox_.clear();
  count_ = 0;
}

std::shared_ptr<WebSocketClient> Hub::adopt(Transport transport, std::string already_read) {
  auto client = std::make_shared<WebSocketClient>(*this, std::move(transport));
  ++count_;
  reactor_.post([this, client, already_read = std::move(already_read)] {
    clients_.insert(client);
    client->begin(already_read);
  });
  return client;
}

void Hub::deliver(std::shared_ptr<WebSocketClient> client, const WebSocketClient::Frame& text) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    wake = mailbox_.empty();
    mailbox_.emplace_back(std::move(client), text);
  }
  if (wake) reactor_.post([this] { emptyMailbox(); });
}

void Hub::emptyMailbox() {
  {
    std::lock_guard lock(mutex_);
    delivering_.swap(mailbox_);
  }
  for (auto& [client, text] : delivering_) client->enqueue(std::move(text));
  // One write for all that came together. A client that comes up again has an empty queue by then.
  for (auto& [client, text] : delivering_)
    if (!client->write_pending_) client->flush();
  delivering_.clear();
  if (delivering_.capacity() > 65536) delivering_ = {};
}

void Hub::tick() {
  now_s_ = steadySeconds();
  const std::vector<std::shared_ptr<WebSocketClient>> all(clients_.begin(), clients_.end());
  for (const auto& client : all) client->tick(now_s_);
}

void Hub::remove(WebSocketClient& client) {
  const auto self = client.shared_from_this();
  reactor_.remove(client.key_, client.transport_.fd());
  client.transport_.close();
  client.queue_ = {};
  clients_.erase(self);
  const auto attachment = std::move(client.attachment_);
  std::lock_guard lock(mutex_);
  if (--count_ == 0) empty_.notify_all();
}

}  // namespace jackfield::gateway
