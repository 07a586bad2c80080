// SPDX-License-Identifier: Apache-2.0
// One WebSocket of the hub. Small: twenty thousand of them wait at the same time.
#ifndef JACKFIELD_GATEWAY_HUB_CLIENT_HPP
#define JACKFIELD_GATEWAY_HUB_CLIENT_HPP

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/hub/frame.hpp"
#include "gateway/net/reactor.hpp"
#include "gateway/net/transport.hpp"

namespace jackfield::gateway {

class Hub;

class WebSocketClient : public Reactor::Handler, public std::enable_shared_from_this<WebSocketClient> {
 public:
  using Frame = std::shared_ptr<const std::string>;
  // Held as long as the client is connected.
  class Attachment {
   public:
    virtual ~Attachment() = default;
    // After room() has said no: there is room again. Must not block. [hub thread]
    virtual void roomAgain() = 0;
  };

  WebSocketClient(Hub& hub, Transport transport);

  // A text to this client; the octets are shared by all who get it. False: more waits than the client's limit allows;
  // from then on nothing is taken. Never blocks. Any thread.
  bool send(const Frame& text);
  // The first call counts. Any thread.
  void close(std::uint16_t code, std::string reason);
  // Whether a page of what the client has missed may be sent. False: roomAgain() will be called. Any thread.
  bool room();
  // Until now the larger limit for what a client has missed applied. Any thread.
  void caughtUp() noexcept { catching_up_ = false; }
  // Let go of when the client is gone, at once if it is gone already. Any thread.
  void attach(std::shared_ptr<Attachment> attachment);

 private:
  friend class Hub;
  struct Entry {
    FrameHeader header;
    Frame payload;
    std::size_t size() const { return header.size + payload->size(); }
  };

  void onEvents(std::uint32_t events) override;
  void begin(std::string_view already_read);
  void tick(std::uint32_t now_s);
  void enqueue(Frame text);
  void enqueueControl(std::string frame);
  void flush();
  Transport::Io writeSome();
  void consume(std::size_t bytes);
  void read();
  bool handle(Incoming incoming);
  void beginClose(std::uint16_t code, std::string_view reason);
  void waitFor(std::uint32_t events);
  void tellRoom();
  void gone();

  // The reactor thread's, but for the atomics.
  Hub& hub_;
  Transport transport_;
  Reactor::Key key_ = 0;
  FrameReader reader_;
  std::vector<Entry> queue_;
  std::size_t head_ = 0;         // first entry not wholly sent
  std::size_t head_offset_ = 0;  // octets of it that are sent
  std::atomic<std::size_t> queued_{0};
  std::atomic<bool> refusing_{false};
  std::atomic<bool> catching_up_{true};
  bool open_ = false;
  bool closing_ = false;
  bool sending_ended_ = false;
  bool write_pending_ = false;
  std::uint8_t texts_this_second_ = 0;
  std::uint32_t waiting_for_ = 0;
  std::uint32_t heard_s_ = 0;
  std::uint32_t pinged_s_ = 0;
  std::uint32_t close_by_s_ = 0;
  std::atomic<bool> wants_room_{false};
  std::shared_ptr<Attachment> attachment_;
};

}  // namespace jackfield::gateway

#endif
