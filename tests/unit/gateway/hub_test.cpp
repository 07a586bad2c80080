// SPDX-License-Identifier: Apache-2.0
// The WebSocket hub with real sockets, plain and TLS.
#include <atomic>
#include <filesystem>
#include <future>

#include <gtest/gtest.h>

#include "gateway/net/tls.hpp"
#include "support/process.hpp"
#include "unit/gateway/small_server.hpp"
#include "unit/gateway/sockets.hpp"

namespace jackfield::tests {
namespace {

using namespace std::chrono_literals;
using gateway::Hub;
using gateway::Lobby;

std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class HubTest : public testing::TestWithParam<bool> {
 protected:
  bool tls() const { return GetParam(); }
  void serve(Hub::Options hub = {}) {
    if (tls()) {
      gateway::makeSelfSigned(folder_.path() / "c.pem", folder_.path() / "k.pem");
      certificate_ = std::make_unique<gateway::TlsServer>(folder_.path() / "c.pem", folder_.path() / "k.pem");
    }
    server = std::make_unique<SmallServer>(Lobby::Options{}, hub, certificate_.get());
  }
  std::shared_ptr<gateway::WebSocketClient> client(std::size_t index) {
    EXPECT_TRUE(waitFor(patience, [&] { return server->clients().size() > index; }));
    return server->clients().at(index);
  }

  TemporaryFolder folder_{"hub"};
  std::unique_ptr<gateway::TlsServer> certificate_;
  std::unique_ptr<SmallServer> server;
};

TEST_P(HubTest, SendsEveryFrameOnceAndInOrderFromAnyThread) {
  serve({.queue_bytes = 64 << 20});
  WsClient browser(server->port(), "/ws", tls());
  const auto to = client(0);
  constexpr int count = 20000;
  const auto sending = std::async(std::launch::async, [&] {
    for (int i = 0; i < count; ++i)
      if (!to->send(shared(std::to_string(i) + std::string(static_cast<std::size_t>(i % 700), '.')))) return i;
    return count;
  });
  for (int i = 0; i < count; ++i) ASSERT_EQ(std::stoi(browser.text()), i);
}

TEST_P(HubTest, AStalledClientIsCutAtItsLimitWhileAllOthersGetEverything) {
  serve({.queue_bytes = 256 * 1024, .linger = 1s});
  WsClient stalled(server->port(), "/ws", tls(), {}, 4096);
  client(0);
  std::vector<std::unique_ptr<WsClient>> others;
  for (std::size_t i = 1; i <= 20; ++i) {
    others.push_back(std::make_unique<WsClient>(server->port(), "/ws", tls()));
    client(i);
  }
  constexpr int count = 3000;
  const auto text = [](int i) { return shared(std::to_string(i) + std::string(2000, 'x')); };
  std::vector<std::future<int>> reading;
  for (auto& other : others)
    reading.push_back(std::async(std::launch::async, [&other] {
      for (int i = 0; i < count; ++i)
        if (std::stoi(other->text()) != i) return i;
      return count;
    }));
  const auto clients = server->clients();
  bool cut = false;
  for (int i = 0; i < count; ++i) {
    const auto frame = text(i);
    if (!cut && !clients[0]->send(frame)) {
      cut = true;
      clients[0]->close(gateway::close_code::tryAgainLater, "slow");
    }
    // As fast as the others read: what is tested is the stalled one.
    for (std::size_t k = 1; k < clients.size(); ++k)
      ASSERT_TRUE(waitFor(patience, [&] { return clients[k]->room(); }) && clients[k]->send(frame));
  }
  for (auto& one : reading) EXPECT_EQ(one.get(), count);
  EXPECT_TRUE(cut);
  EXPECT_TRUE(waitFor(patience, [&] { return server->hub.clients() == 20; })) << "the stalled one is still held";
  EXPECT_EQ(server->hub.counters().cut, 1u);
  EXPECT_FALSE(clients[0]->send(text(0)));
}

TEST_P(HubTest, AnswersPingsAndTheClosingHandshake) {
  serve();
  WsClient browser(server->port(), "/ws", tls());
  browser.send(0x89, "there?");
  auto frame = browser.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, 10);
  EXPECT_EQ(frame->payload, "there?");
  browser.send(0x88, "\x03\xe8");
  frame = browser.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, 8);
  EXPECT_EQ(frame->closeCode(), 1000);
  EXPECT_FALSE(browser.next());
}

TEST_P(HubTest, EndsAClientThatBreaksTheProtocolWithTheReason) {
  serve();
  WsClient binary(server->port(), "/ws", tls());
  binary.send(0x82, "abc");
  EXPECT_EQ(binary.next()->closeCode(), 1003);
  WsClient large(server->port(), "/ws", tls());
  large.sendText(std::string(5000, 'x'));
  EXPECT_EQ(large.next()->closeCode(), 1009);
  WsClient flood(server->port(), "/ws", tls());
  for (int i = 0; i < 200; ++i) flood.sendText("hello");
  EXPECT_EQ(flood.next()->closeCode(), 1008);
  EXPECT_EQ(server->hub.counters().faults, 3u);
}

TEST_P(HubTest, PingsAndLetsGoOfWhoIsSilent) {
  serve({.ping_every = 1s, .silence = 3s});
  WsClient silent(server->port(), "/ws", tls());
  WsClient alive(server->port(), "/ws", tls());
  client(1);
  int pings = 0;
  while (pings < 5) {
    const auto frame = alive.next();
    ASSERT_TRUE(frame);
    if (frame->opcode != 9) continue;
    ++pings;
    alive.send(0x8a, frame->payload);
  }
  EXPECT_EQ(server->hub.clients(), 1u);
  EXPECT_EQ(server->hub.counters().silent, 1u);
}

TEST_P(HubTest, ClosesEverybodyWith1001WhenItStopsUnderLoad) {
  serve();
  std::vector<std::unique_ptr<WsClient>> browsers;
  for (std::size_t i = 0; i < 50; ++i) {
    browsers.push_back(std::make_unique<WsClient>(server->port(), "/ws", tls()));
    client(i);
  }
  std::atomic<bool> stop = false;
  const auto load = std::async(std::launch::async, [&] {
    const auto clients = server->clients();
    const auto frame = shared("event");
    while (!stop)
      for (const auto& one : clients) one->send(frame);
  });
  std::vector<std::future<int>> codes;
  for (auto& browser : browsers)
    codes.push_back(std::async(std::launch::async, [&browser] {
      while (const auto frame = browser->next())
        if (frame->opcode == 8) return frame->closeCode();
      return 0;
    }));
  server->hub.stop(5s);
  stop = true;
  load.wait();
  for (auto& code : codes) EXPECT_EQ(code.get(), 1001);
}

TEST_P(HubTest, LetsGoOfAttachmentsWhenTheClientIsGone) {
  class Held : public gateway::WebSocketClient::Attachment {
   public:
    explicit Held(std::atomic<bool>& gone) : gone_(gone) {}
    ~Held() override { gone_ = true; }
    void roomAgain() override {}

   private:
    std::atomic<bool>& gone_;
  };
  serve();
  std::atomic<bool> gone = false;
  {
    WsClient browser(server->port(), "/ws", tls());
    client(0)->attach(std::make_shared<Held>(gone));
    EXPECT_FALSE(gone);
  }
  EXPECT_TRUE(waitFor(patience, [&] { return gone.load(); }));
}

TEST_P(HubTest, TellsWhenThereIsRoomAgainForWhatWasMissed) {
  class Waiting : public gateway::WebSocketClient::Attachment {
   public:
    void roomAgain() override { ++told; }
    std::atomic<int> told = 0;
  };
  serve({.queue_bytes = 8000});
  WsClient browser(server->port(), "/ws", tls(), {}, 4096);
  const auto to = client(0);
  const auto waiting = std::make_shared<Waiting>();
  to->attach(waiting);
  int sent = 0;
  while (to->room() && to->send(shared(std::string(1000, 'x')))) ++sent;
  for (int i = 0; i < sent; ++i) browser.text();
  EXPECT_TRUE(waitFor(patience, [&] { return waiting->told == 1; }));
  EXPECT_TRUE(to->room());
}

INSTANTIATE_TEST_SUITE_P(PlainAndTls, HubTest, testing::Bool(),
                         [](const auto& test) { return test.param ? "Tls" : "Plain"; });

}  // namespace
}  // namespace jackfield::tests
