// SPDX-License-Identifier: Apache-2.0
// The lobby with real sockets: slow, greedy and rude clients, and how little the others notice.
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"
#include "unit/gateway/small_server.hpp"
#include "unit/gateway/sockets.hpp"

namespace jackfield::tests {
namespace {

using namespace std::chrono_literals;
using gateway::Lobby;

TEST(Lobby, KeepsAConnectionForManyRequestsAndPipelinedOnesInOrder) {
  SmallServer server;
  HttpClient client(server.port());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.ask("POST", "/", std::to_string(i)).body, std::to_string(i));
  std::string many;
  for (int i = 0; i < 50; ++i) many += "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i);
  client.socket.send(many);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read().body, std::to_string(10 + i));
  EXPECT_EQ(server.lobby.counters().accepted, 1u);
}

TEST(Lobby, HundredsOfDribblingClientsHoldNoThreadAndAreCutOffByTime) {
  SmallServer server({.connections_of_address = 1000, .request = 2000ms});
  std::vector<std::unique_ptr<Socket>> slow;
  for (int i = 0; i < 300; ++i) {
    slow.push_back(std::make_unique<Socket>(server.port()));
    slow.back()->send("POST / HTTP/1.1\r\nContent-Length: 100\r\nX: ");
  }
  // Each sends an octet now and then, which resets any timer that counts single reads.
  std::atomic<bool> stop = false;
  const auto dribbling = std::async(std::launch::async, [&] {
    while (!stop)
      for (auto& one : slow) one->send("a");
  });
  HttpClient quick(server.port());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(quick.ask("POST", "/", "hello").status, 200);
  EXPECT_TRUE(waitFor(10s, [&] { return server.lobby.counters().slow == 300; }));
  stop = true;
  dribbling.wait();
  for (auto& one : slow) {
    const std::string answer = one->receive();
    // A reset is as good: it had sent more than was read.
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 408")) << answer;
  }
  EXPECT_TRUE(waitFor(10s, [&] { return server.lobby.connections() == 1; }));
  EXPECT_EQ(quick.ask("POST", "/", "still here").body, "still here");
}

TEST(Lobby, ASilentConnectionIsClosedWithoutAWord) {
  SmallServer server({.request = 500ms});
  Socket silent(server.port());
  EXPECT_EQ(silent.receive(), "");
  EXPECT_EQ(server.lobby.counters().slow, 0u);
}

TEST(Lobby, AnIdleConnectionIsClosedAfterItsTime) {
  SmallServer server({.idle = 500ms});
  HttpClient client(server.port());
  EXPECT_EQ(client.ask("POST", "/", "x").status, 200);
  EXPECT_TRUE(client.socket.closedWithin(5s));
}

TEST(Lobby, ABodyThatIsTooLargeIsRefusedBeforeItIsReadAndTheAnswerArrives) {
  SmallServer server;
  Socket client(server.port());
  client.send("POST / HTTP/1.1\r\nContent-Length: 10485760\r\n\r\n");
  EXPECT_THAT(client.receive(), testing::StartsWith("HTTP/1.1 413"));
  // A client that sends it all the same still gets the answer instead of a reset.
  Socket stubborn(server.port());
  EXPECT_TRUE(stubborn.send("POST / HTTP/1.1\r\nContent-Length: 10485760\r\n\r\n" + std::string(10485760, 'x')));
  EXPECT_THAT(stubborn.receive(), testing::StartsWith("HTTP/1.1 413"));
}

TEST(Lobby, LimitsConnectionsOfOneAddress) {
  SmallServer server({.connections_of_address = 3});
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<HttpClient>(server.port()));
    EXPECT_EQ(clients.back()->ask("POST", "/", "x").status, 200);
  }
  EXPECT_TRUE(Socket(server.port()).closedWithin(5s));
  EXPECT_EQ(server.lobby.counters().refused, 1u);
  clients.pop_back();
  EXPECT_TRUE(waitFor(5s, [&] { return server.lobby.connections() == 2; }));
  EXPECT_EQ(HttpClient(server.port()).ask("POST", "/", "x").status, 200);
}

TEST(Lobby, BoundsTheMemoryForBodiesThatAreOnTheirWay) {
  SmallServer server({.buffered = 100000});
  const std::string half = "POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n";
  Socket first(server.port());
  first.send(half);
  Socket second(server.port());
  ASSERT_TRUE(waitFor(5s, [&] { return server.lobby.connections() == 2; }));
  std::string answer;
  second.send(half);
  EXPECT_THAT(second.receive(), testing::StartsWith("HTTP/1.1 503"));
  first.send(std::string(60000, 'x'));
  EXPECT_THAT(first.receive(), testing::StartsWith("HTTP/1.1 200"));
}

TEST(Lobby, SendsContinueToAClientThatWaitsForIt) {
  SmallServer server;
  Socket client(server.port());
  client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_THAT(client.receive(), testing::StartsWith("HTTP/1.1 100"));
  client.send("ok");
  EXPECT_THAT(client.receive(), testing::StartsWith("HTTP/1.1 200"));
}

TEST(Lobby, AClientThatTakesNothingOfALargeAnswerHoldsNoThread) {
  SmallServer server({.limits = {.body = 16 << 20}, .stalled = 1000ms});
  std::vector<std::unique_ptr<Socket>> greedy;
  const std::string body(8 << 20, 'x');
  const std::string request = "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  for (int i = 0; i < 6; ++i) {
    greedy.push_back(std::make_unique<Socket>(server.port(), false, 4096));
    greedy.back()->send(request);
  }
  // Six stalled answers, four workers.
  EXPECT_EQ(HttpClient(server.port()).ask("POST", "/", "quick").body, "quick");
  EXPECT_TRUE(waitFor(10s, [&] { return server.lobby.connections() == 0; }));
}

TEST(Lobby, DrainsRequestsUnderWayAndClosesTheRest) {
  SmallServer server;
  std::promise<void> entered, leave;
  auto left = leave.get_future().share();
  server.while_serving = [&, left] {
    entered.set_value();
    left.wait();
  };
  HttpClient busy(server.port());
  Socket idle(server.port());
  auto answer = std::async(std::launch::async, [&] { return busy.ask("POST", "/", "last words"); });
  entered.get_future().wait();
  auto drained = std::async(std::launch::async, [&] { server.lobby.drain(10s); });
  EXPECT_TRUE(idle.closedWithin(5s));
  leave.set_value();
  EXPECT_EQ(answer.get().body, "last words");
  drained.wait();
  EXPECT_EQ(server.lobby.connections(), 0u);
  EXPECT_THROW(Socket(server.port()), std::runtime_error);
}

}  // namespace
}  // namespace jackfield::tests
