// SPDX-License-Identifier: Apache-2.0
// The small parts of the holder: frames, thread, workers, log filter, deadlines, nearest names.
#include <atomic>
#include <future>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/deadlines.hpp"
#include "kernel/holder/frame.hpp"
#include "kernel/holder/log_filter.hpp"
#include "kernel/holder/schema.hpp"
#include "kernel/holder/socket_channel.hpp"
#include "kernel/holder/thread.hpp"
#include "kernel/holder/workers.hpp"
#include "kernel/requests.hpp"

namespace jackfield::kernel {
namespace {

using namespace std::chrono_literals;

Frame makeFrame(std::uint64_t id, std::size_t body) {
  Frame frame;
  frame.kind = FrameKind::request;
  frame.id = id;
  frame.name = "directory/1.sync";
  frame.body.assign(body, 'b');
  frame.bytes = std::string("\0\1\2", 3);
  return frame;
}

TEST(Frames, SurviveAnyCutOfTheStream) {
  std::string octets;
  for (std::uint64_t id = 1; id <= 50; ++id) encode(makeFrame(id, id * 37), octets);
  std::mt19937 random(7);
  FrameReader reader;
  std::uint64_t next = 1;
  for (std::size_t at = 0; at < octets.size();) {
    const std::size_t size = std::min<std::size_t>(1 + random() % 400, octets.size() - at);
    ASSERT_TRUE(reader.take(std::string_view(octets).substr(at, size), [&](Frame&& frame) {
      EXPECT_EQ(frame.id, next);
      EXPECT_EQ(frame.body.size(), next * 37);
      EXPECT_EQ(frame.bytes.size(), 3u);
      ++next;
    }));
    at += size;
  }
  EXPECT_EQ(next, 51u);
}

TEST(Frames, RefuseLengthsAboveTheLimits) {
  std::string octets;
  encode(makeFrame(1, 2 << 20), octets);
  FrameReader reader;
  EXPECT_FALSE(reader.take(octets, [](Frame&&) { FAIL() << "took a frame above the limit"; }));
}

template <class T>
T onThread(InstanceThread& thread, std::function<T()> call) {
  std::promise<T> result;
  thread.post([&] { result.set_value(call()); });
  return result.get_future().get();
}

// While the other side does not read, the pumping thread sleeps; it used to wake itself again and again.
TEST(Frames, AFullSocketIsWaitedForWithoutSpinning) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  SocketChannel writer{Fd(ends[0])}, reader{Fd(ends[1])};
  Frame frame;
  frame.body.assign(64 << 10, 'x');
  std::size_t sent = 0;
  while (writer.send(frame, false, true)) ++sent;
  const auto polled = [](SocketChannel& channel, int timeout_ms) {
    std::vector<pollfd> descriptors;
    channel.fill(descriptors);
    return ::poll(descriptors.data(), descriptors.size(), timeout_ms);
  };
  EXPECT_EQ(polled(writer, 0), 1) << "the pumping thread is told that there is something to wait for";
  EXPECT_TRUE(writer.pump([](Frame&&) {}));
  EXPECT_EQ(polled(writer, 50), 0) << "and then waits for the other side";
  std::size_t received = 0;
  while (received < sent && polled(reader, 5000) > 0) {
    reader.pump([&](Frame&&) { ++received; });
    if (polled(writer, 0) > 0) writer.pump([](Frame&&) {});
  }
  EXPECT_EQ(received, sent);
}

TEST(InstanceThreads, FireTimersInTheOrderOfTheirTimes) {
  const auto thread = InstanceThread::begin("test");
  static std::vector<int> order;
  static std::promise<void> done;
  order.clear();
  done = {};
  onThread<int>(*thread, [&] {
    const auto push = [](void* context) {
      order.push_back(static_cast<int>(reinterpret_cast<std::intptr_t>(context)));
    };
    thread->setTimer(20, push, reinterpret_cast<void*>(2));
    thread->setTimer(5, push, reinterpret_cast<void*>(1));
    thread->cancelTimer(thread->setTimer(10, push, reinterpret_cast<void*>(9)));
    thread->setTimer(
        30, [](void*) { done.set_value(); }, nullptr);
    return 0;
  });
  ASSERT_EQ(done.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_THAT(order, testing::ElementsAre(1, 2));
}

TEST(InstanceThreads, WatchOnlyWhatCanBeWatched) {
  const auto thread = InstanceThread::begin("test");
  static std::atomic<int> ready{0};
  ready = 0;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_FALSE(onThread<bool>(*thread, [&] { return thread->watch(987654, 1, nullptr, nullptr); }));
  EXPECT_TRUE(onThread<bool>(*thread, [&] {
    return thread->watch(
        ends[0], 1,
        [](void* context, std::uint32_t) { ready = static_cast<InstanceThread*>(context)->current() ? 1 : 2; },
        thread.get());
  }));
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (ready == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(ready, 1);
  onThread<int>(*thread, [&] {
    thread->unwatch(ends[0]);
    return 0;
  });
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(InstanceThreads, KeepTheOrderOfManySenders) {
  const auto thread = InstanceThread::begin("test");
  std::array<int, 4> last{};
  bool ordered = true;
  std::vector<std::thread> senders;
  for (std::size_t who = 0; who < last.size(); ++who)
    senders.emplace_back([&, who] {
      for (int i = 1; i <= 5000; ++i)
        thread->post([&, who, i] {
          ordered = ordered && last[who] + 1 == i;
          last[who] = i;
        });
    });
  for (auto& sender : senders) sender.join();
  thread->finish();
  EXPECT_TRUE(ordered);
  EXPECT_THAT(last, testing::Each(5000));
}

TEST(WorkerThreads, RunJobsAndCancelThoseThatWait) {
  std::promise<void> hold;
  auto held = hold.get_future().share();
  std::atomic<int> begun{0}, cancelled{0};
  {
    Workers workers(1);
    std::promise<void> running;
    workers.submit({[&, held] {
                      running.set_value();
                      held.wait();
                    },
                    [&](bool was) { begun += was; }});
    running.get_future().wait();
    for (int i = 0; i < 5; ++i) workers.submit({[] {}, [&](bool was) { cancelled += !was; }});
    workers.cancelWaiting();
    EXPECT_EQ(cancelled, 5);
    hold.set_value();
  }
  EXPECT_EQ(begun, 1);
}

TEST(LogFilters, RedactSecretsEverywhereEvenOneInsideAnother) {
  LogFilter filter;
  filter.setSecrets({"abc", "abcdef", ""});
  const auto redacted = filter.redact(boost::json::value{{"key abcdef", {"x abc y", 5, {{"deep", "zabcdefz"}}}}});
  EXPECT_EQ(boost::json::serialize(redacted), R"({"key ***":["x *** y",5,{"deep":"z***z"}]})");
}

TEST(LogFilters, CutAFloodAndCountWhatIsDropped) {
  LogFilter filter;
  std::uint64_t dropped = 0;
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += filter.admit(1000, dropped);
  EXPECT_EQ(admitted, 200);
  EXPECT_TRUE(filter.admit(2000, dropped));
  EXPECT_EQ(dropped, 800u);
}

TEST(TimeOuts, EndARequestAfterAnIdleTime) {
  Deadlines deadlines;
  std::atomic<int> gave_up{0};
  const auto requests = std::make_shared<Requests>(deadlines, [&](std::uint64_t) { ++gave_up; });
  for (int i = 0; i < 3; ++i) {
    std::promise<Status> ended;
    requests->begin("a/1.b", "{}", Channel::admin, 5ms, [&](Reply reply) { ended.set_value(reply.status); });
    auto result = ended.get_future();
    ASSERT_EQ(result.wait_for(10s), std::future_status::ready);
    EXPECT_EQ(result.get(), Status::timeout);
  }
  EXPECT_EQ(gave_up, 3);
  EXPECT_EQ(requests->counters()[1].timed_out, 3u);
}

TEST(TimeOuts, StartAnewWithEachPart) {
  Deadlines deadlines;
  const auto requests = std::make_shared<Requests>(deadlines, [](std::uint64_t) {});
  std::atomic<int> parts{0};
  std::promise<Status> ended;
  const auto id = requests
                      ->begin("a/1.b", "{}", Channel::admin, 1000ms,
                              [&](Reply reply) {
                                if (reply.more)
                                  ++parts;
                                else
                                  ended.set_value(reply.status);
                              })
                      .id;
  const auto end = std::chrono::steady_clock::now() + 1500ms;
  const auto part = [&] {
    Frame frame;
    frame.kind = FrameKind::reply;
    frame.id = id;
    frame.flags = JF_MORE;
    return requests->answer(std::move(frame));
  };
  while (std::chrono::steady_clock::now() < end) ASSERT_TRUE(part());
  EXPECT_EQ(requests->counters()[1].outstanding, 1u);
  Frame last;
  last.kind = FrameKind::reply;
  last.id = id;
  requests->answer(std::move(last));
  EXPECT_EQ(ended.get_future().get(), Status::ok);
  EXPECT_FALSE(part());
  EXPECT_EQ(requests->late(), 1u);
}

TEST(NearestNames, AreOfferedOnlyWhenNear) {
  EXPECT_EQ(nearest("prot", {"host", "port"}), "port");
  EXPECT_EQ(nearest("PORT", {"host", "port"}), "port");
  EXPECT_EQ(nearest("elephant", {"host", "port"}), "");
}

}  // namespace
}  // namespace jackfield::kernel
