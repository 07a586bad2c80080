// SPDX-License-Identifier: Apache-2.0
// The event stream from a driver's event to a WebSocket frame: nothing twice, nothing missing, nobody slowed.
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/api/fixture.hpp"

namespace jackfield::tests {
namespace {

using call_control::ConnectionState;
using call_control::EventType;
using call_control::Role;

class EventsApi : public ApiSite {
 protected:
  void ring(const std::string& id) {
    tell(event(EventType::delivered, talk(id, {connection("1001", Role::originating, ConnectionState::connected),
                                               connection("1002", Role::terminating, ConnectionState::alerting)})));
  }
  static std::string path(const std::string& cursor) {
    return "/api/v1/events" + (cursor.empty() ? "" : "?cursor=" + cursor);
  }
  static std::string cursorOf(const std::string& frame) {
    return std::string(parseJson(frame).at("cursor").as_string());
  }
  static std::string callOf(const std::string& frame) {
    return std::string(parseJson(frame).at("data").at("call").at("id").as_string());
  }
};

TEST_F(EventsApi, BothPartiesSeeTheCallOverTlsAndNobodyElseDoes) {
  tls = true;
  serve();
  people();
  WsClient alice(port(), path(""), true, as("alice")), bob(port(), path(""), true, as("bob"));
  EXPECT_EQ(parseJson(alice.text()).at("type"), "hello");
  EXPECT_EQ(parseJson(bob.text()).at("type"), "hello");
  ring("c1");
  const std::string of_alice = alice.text();
  EXPECT_EQ(of_alice, bob.text());
  const auto frame = parseJson(of_alice);
  EXPECT_EQ(frame.at("type"), "call");
  EXPECT_EQ(frame.at("data").at("call").at("connections").at(1).at("user").at("name"), "Name of bob");
  WsClient stranger(port(), path(""), true, as("ada"));
  stranger.text();
  ring("c2");
  alice.text();
  EXPECT_THROW(stranger.text(milliseconds(300)), std::runtime_error);
}

TEST_F(EventsApi, EveryKindOfFrameIsAsTheDocumentSays) {
  serve();
  people();
  WsClient alice(port(), path(""), false, as("alice")), ada(port(), path(""), false, as("ada"));
  ring("c1");
  auto ended = talk("c1", {connection("1001", Role::originating, ConnectionState::null),
                           connection("1002", Role::terminating, ConnectionState::null)});
  ended.ended = 9000;
  tell(event(EventType::connectionCleared, ended));
  plugins().state("hq-sip", kernel::LifeState::running, server::LinkState::disconnected, "no answer");
  plugins().state("hq-sip", kernel::LifeState::running, server::LinkState::connected);
  synchronise();

  const gateway::OpenApi openapi;
  const auto& schemas = openapi.document().at("components").at("schemas");
  const auto& data = schemas.at("EventFrame").at("x-data").as_object();
  const auto check = [&](const boost::json::value& value, std::string_view schema) {
    for (const auto& error : gateway::SchemaCheck(openapi.document(), schemas.at(schema)).check(value))
      ADD_FAILURE() << schema << error.pointer << " = " << error.value << " " << error.rule;
  };
  check(parseJson(alice.text()), "Hello");
  check(parseJson(ada.text()), "Hello");
  std::set<std::string> wanted, seen_types;
  for (const auto& [type, schema] : data) wanted.emplace(type);
  while (seen_types != wanted) {
    const bool of_people = !seen_types.contains("call") || !seen_types.contains("contactLog");
    const auto frame = parseJson((of_people ? alice : ada).text());
    check(frame, "EventFrame");
    check(frame.at("data"), data.at(frame.at("type").as_string()).as_string());
    seen_types.emplace(frame.at("type").as_string());
  }
}

TEST_F(EventsApi, AReconnectWithTheCursorGetsExactlyWhatWasMissedAcrossARestart) {
  serve();
  people();
  const auto token = as("alice");
  std::string cursor;
  {
    WsClient stream(port(), path(""), false, token);
    stream.text();
    ring("seen");
    cursor = cursorOf(stream.text());
  }
  for (int i = 0; i < 300; ++i) ring("missed" + std::to_string(i));
  stop();
  restart();
  serve();
  WsClient stream(port(), path(cursor), false, token);
  EXPECT_EQ(cursorOf(stream.text()), cursor);
  for (int i = 0; i < 300; ++i) ASSERT_EQ(callOf(stream.text()), "missed" + std::to_string(i));
  ring("live");
  EXPECT_EQ(callOf(stream.text()), "live");
}

TEST_F(EventsApi, AnOldOrForeignCursorIsGoneBeforeTheHandshake) {
  serve();
  people();
  for (const char* cursor : {"otherepoch:5", "0:99999999"}) {
    try {
      WsClient stream(port(), path(cursor), false, as("alice"));
      FAIL() << cursor;
    } catch (const std::runtime_error& refused) {
      EXPECT_THAT(refused.what(),
                  testing::AllOf(testing::StartsWith("HTTP/1.1 410"), testing::HasSubstr("events.cursor.gone")));
    }
  }
}

TEST_F(EventsApi, AClientThatStopsReadingIsCutAndTheOthersGetEveryEventInOrder) {
  options.events.queue_bytes = 256 * 1024;
  serve();
  people();
  WsClient stalled(port(), path(""), false, as("bob"), 4096);
  std::vector<std::unique_ptr<WsClient>> readers;
  for (int i = 0; i < 10; ++i) readers.push_back(std::make_unique<WsClient>(port(), path(""), false, as("alice")));
  // More than the buffers of the kernel, up to 4 MB, and the queue can hold for somebody who does not read.
  constexpr int count = 10000, ahead = 100;
  std::vector<std::atomic<int>> read(readers.size());
  std::vector<std::future<int>> results;
  for (std::size_t k = 0; k < readers.size(); ++k)
    results.push_back(std::async(std::launch::async, [&, k] {
      readers[k]->text();
      for (; read[k] < count; ++read[k])
        if (callOf(readers[k]->text()) != "c" + std::to_string(read[k])) break;
      return read[k].load();
    }));
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(waitFor(patience,
                        [&] { return std::all_of(read.begin(), read.end(), [&](auto& n) { return n > i - ahead; }); }));
    ring("c" + std::to_string(i));
  }
  for (auto& result : results) EXPECT_EQ(result.get(), count);
  EXPECT_TRUE(waitFor(patience, [&] { return gateway().clients() == 10; }));
  EXPECT_THAT(ask("GET", "/metrics").body, testing::HasSubstr("jackfield_event_streams_cut 1"));
}

TEST_F(EventsApi, WhoWasAwayLongCatchesUpThroughASmallQueueWithoutBeingCut) {
  options.events.queue_bytes = 32 * 1024;
  serve();
  people();
  std::string cursor = services().events().cursor();
  for (int i = 0; i < 3000; ++i) ring("c" + std::to_string(i));
  WsClient stream(port(), path(cursor), false, as("alice"), 4096);
  stream.text();
  for (int i = 0; i < 3000; ++i) ASSERT_EQ(callOf(stream.text()), "c" + std::to_string(i));
  ring("live");
  EXPECT_EQ(callOf(stream.text()), "live");
}

TEST_F(EventsApi, TheStreamEndsWithItsSession) {
  serve();
  people();
  const auto spare = bearer(token("alice"));
  WsClient stream(port(), path(""), false, spare);
  stream.text();
  EXPECT_EQ(ask("DELETE", "/api/v1/session", {}, spare).status, 204);
  const auto last = stream.next();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->closeCode(), 1008);
}

TEST_F(EventsApi, StreamsOfOneSessionAreLimitedAndFreedAgain) {
  options.streams_of_session = 2;
  serve();
  people();
  auto first = std::make_unique<WsClient>(port(), path(""), false, as("alice"));
  WsClient second(port(), path(""), false, as("alice"));
  const auto open = [&] {
    try {
      WsClient third(port(), path(""), false, as("alice"));
      return std::string("open");
    } catch (const std::runtime_error& refused) {
      return std::string(refused.what());
    }
  };
  EXPECT_THAT(open(), testing::AllOf(testing::StartsWith("HTTP/1.1 429"), testing::HasSubstr("events.streams")));
  first.reset();
  EXPECT_TRUE(waitFor(patience, [&] { return open() == "open"; }));
}

TEST_F(EventsApi, StoppingUnderLoadSaysGoodbyeToEveryStream) {
  serve();
  people();
  std::vector<std::unique_ptr<WsClient>> readers;
  for (int i = 0; i < 20; ++i) readers.push_back(std::make_unique<WsClient>(port(), path(""), false, as("alice")));
  std::vector<std::future<int>> codes;
  for (auto& reader : readers)
    codes.push_back(std::async(std::launch::async, [&reader] {
      while (const auto frame = reader->next())
        if (frame->opcode == 8) return frame->closeCode();
      return 0;
    }));
  std::atomic<bool> over = false;
  auto load = std::async(std::launch::async, [&] {
    for (int i = 0; !over; ++i) ring("c" + std::to_string(i));
  });
  EXPECT_TRUE(waitFor(patience, [&] { return gateway().clients() == 20; }));
  stop();
  over = true;
  load.wait();
  for (auto& code : codes) EXPECT_EQ(code.get(), 1001);
}

}  // namespace
}  // namespace jackfield::tests
