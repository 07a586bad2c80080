// SPDX-License-Identifier: Apache-2.0
// The C++ layer of the plugin boundary against the SDK's fake host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <jackfield/plugin.hpp>
#include <jackfield/server.hpp>
#include <jackfield/testing/fake_host.hpp>

namespace {

using namespace std::chrono_literals;
using jackfield::Error;
using jackfield::Reply;
using jackfield::Responder;
using jackfield::Status;
using jackfield::testing::FakeHost;

struct Settings {
  std::string greeting = "hello";
  int port = 5060;
};
BOOST_DESCRIBE_STRUCT(Settings, (), (greeting, port))

struct Say {
  std::string word;
};
BOOST_DESCRIBE_STRUCT(Say, (), (word))

struct Count {
  int to = 0;
};
BOOST_DESCRIBE_STRUCT(Count, (), (to))

class Echo final : public jackfield::Plugin<Settings> {
 public:
  Echo() {
    if (serverType() == "unknown") throw Error(Status::notFound, "echo.type", "no such type");
    on<Say>("echo/1.say", [this](const Say& say) { return Say{settings().greeting + " " + say.word}; });
    on<Say>("echo/1.throw", [](const Say& say) -> Say {
      if (say.word == "int") throw 42;
      if (say.word == "std") throw std::runtime_error("oops");
      throw Error(Status::auth, "echo.denied", "word: not allowed", "/word", say.word);
    });
    on<Say>("echo/1.emit", [this](const Say& say) { emit("echo/1.event", say); });
    on<Say>("echo/1.big", [this](const Say&) { return Say{std::string(2 << 20, 'x')}; });
    onAsync<Say>("echo/1.later",
                 [this](const Say& say, Responder r) { timers().after(5s, [r, say]() mutable { r.reply(say); }); });
    onAsync<Say>("echo/1.forget", [](const Say&, Responder) {});
    onAsync<Count>("echo/1.count", [this](const Count& count, Responder r) { countOn(r, 0, count.to); });
    onAsync<Say>("echo/1.work", [this](const Say& say, Responder r) {
      auto result = std::make_shared<std::string>();
      work().submit(
          [say, result] {
            if (say.word == "throw") throw Error(Status::unreachable, "echo.far", "nobody there");
            *result = say.word + " done";
          },
          [r, result](std::exception_ptr failed) mutable {
            try {
              if (failed) std::rethrow_exception(failed);
              r.reply(Say{*result});
            } catch (const Error& error) {
              r.fail(error);
            }
          });
    });
    onAsync<Say>("echo/1.ask", [this](const Say&, Responder r) {
      request("storage/1.load", jackfield::server::Load{"call/"}, 5s, [r](Reply reply) mutable {
        if (reply.ok())
          r.reply(reply.body);
        else
          r.fail(reply.error());
      });
    });
  }

  void configure() override {
    if (settings().port == 1) throw Error(Status::invalid, "echo.port", "port: 1 is taken", "/port", "1");
  }
  void start() override {
    if (settings().greeting == "fail") throw 7;
    timers().every(10s, [this] { emit("server/1.state", jackfield::server::State{}); });
  }
  void writable() override { log().info("echo.writable"); }

 private:
  void countOn(Responder r, int from, int to) {
    for (int i = from; i < to; ++i)
      if (!r.part(Count{i})) {
        r.onCredit([this, r, i, to] { countOn(r, i, to); });
        return;
      }
    r.reply();
  }
};

struct SdkPlugin : testing::Test {
  FakeHost host{jackfield::entryOf<Echo>(), "echo"};
};

TEST_F(SdkPlugin, AnswersWithWhatTheHandlerReturns) {
  host.configure({{"greeting", "good day"}});
  EXPECT_EQ(host.call<Say>("echo/1.say", Say{"Ann"}).word, "good day Ann");
}

TEST_F(SdkPlugin, RefusesSettingsWithPointerAndKeepsTheOldOnes) {
  host.configure({{"greeting", "old"}});
  try {
    host.configure({{"greeting", "new"}, {"port", 1}});
    FAIL() << "port 1 was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "echo.port");
    EXPECT_EQ(error.field(), "/port");
    EXPECT_EQ(error.value(), "1");
  }
  EXPECT_EQ(host.call<Say>("echo/1.say", Say{"x"}).word, "old x");
}

TEST_F(SdkPlugin, TurnsEverythingThrownIntoAFailedReply) {
  const auto failed = [&](const char* word) { return host.call("echo/1.throw", {{"word", word}}); };
  EXPECT_EQ(failed("int").status, Status::internal);
  EXPECT_EQ(failed("std").status, Status::internal);
  const Reply denied = failed("x");
  EXPECT_EQ(denied.status, Status::auth);
  EXPECT_EQ(denied.error().field(), "/word");
  EXPECT_EQ(host.call("echo/1.none", {}).status, Status::unsupported);
  EXPECT_EQ(host.call("echo/1.say", {{"word", 5}}).status, Status::invalid);
}

TEST_F(SdkPlugin, FailsStartWhenStartThrows) {
  host.configure({{"greeting", "fail"}});
  EXPECT_EQ(host.start(), Status::internal);
  EXPECT_TRUE(host.logged("plugin.start.failed"));
}

TEST_F(SdkPlugin, ReplacesWhatIsNotUtf8) {
  host.configure({});
  // The request itself is valid JSON; the bad octets come in through an escape-free event of the plugin.
  class Bad final : public jackfield::Plugin<Settings> {
    void start() override { emit("bad/1.event", Say{"a\xC3(\xED\xA0\x80z"}); }
  };
  FakeHost bad(jackfield::entryOf<Bad>(), "bad");
  bad.configure({});
  bad.start();
  ASSERT_EQ(bad.events("bad/1.event").size(), 1u);
  EXPECT_EQ(bad.events("bad/1.event")[0].at("word").as_string(), "a\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST_F(SdkPlugin, RefusesAReplyAboveTheLimitWithAProblem) {
  host.configure({});
  const Reply reply = host.call("echo/1.big", {{"word", "x"}});
  EXPECT_EQ(reply.status, Status::internal);
  EXPECT_EQ(reply.error().code(), "plugin.message.refused");
}

TEST_F(SdkPlugin, AnswersLaterByATimerOnTheTestsClock) {
  host.configure({});
  const auto id = host.deliver("echo/1.later", {{"word", "late"}});
  host.advance(4999ms);
  EXPECT_TRUE(host.replies(id).empty());
  host.advance(1ms);
  ASSERT_EQ(host.replies(id).size(), 1u);
}

TEST_F(SdkPlugin, AnswersAForgottenRequestByItself) {
  host.configure({});
  EXPECT_EQ(host.call("echo/1.forget", {}).error().code(), "plugin.request.unanswered");
}

TEST_F(SdkPlugin, SendsPartsOnlyUnderCredit) {
  host.configure({});
  const auto id = host.deliver("echo/1.count", {{"to", 5}}, 2);
  EXPECT_EQ(host.replies(id).size(), 2u);
  host.credit(id, 2);
  EXPECT_EQ(host.replies(id).size(), 4u);
  host.credit(id, 2);
  const auto replies = host.replies(id);
  ASSERT_EQ(replies.size(), 6u);
  EXPECT_EQ(replies[4].body.at("to").as_int64(), 4);
  EXPECT_FALSE(replies[5].more);
}

TEST_F(SdkPlugin, StopsPartsWhenTheAskerCancels) {
  host.configure({});
  const auto id = host.deliver("echo/1.count", {{"to", 5}}, 2);
  host.cancel(id);
  EXPECT_EQ(host.replies(id).size(), 2u);
}

TEST_F(SdkPlugin, RunsJobsAndBringsTheirErrorsBack) {
  host.configure({});
  EXPECT_EQ(host.call<Say>("echo/1.work", Say{"job"}).word, "job done");
  EXPECT_EQ(host.call("echo/1.work", {{"word", "throw"}}).status, Status::unreachable);
}

TEST_F(SdkPlugin, AsksTheHost) {
  host.configure({});
  EXPECT_EQ(host.call("echo/1.ask", {}).status, Status::unsupported);
  host.answer("storage/1.load", [](const boost::json::value&) {
    return std::vector<Reply>{{Status::ok, {{"records", {{"call/1", 7}}}}, {}, false}};
  });
  EXPECT_EQ(host.call("echo/1.ask", {}).body.at("records").at("call/1").as_int64(), 7);
}

TEST_F(SdkPlugin, SaysFullAndLaterWritable) {
  host.configure({});
  host.setFull(true);
  EXPECT_EQ(host.call("echo/1.emit", {{"word", "x"}}).status, Status::ok);
  EXPECT_TRUE(host.events("echo/1.event").empty());
  host.setFull(false);
  EXPECT_TRUE(host.logged("echo.writable"));
}

TEST_F(SdkPlugin, RepeatsATimerUntilStopped) {
  host.configure({});
  host.start();
  host.advance(35s);
  EXPECT_EQ(host.events("server/1.state").size(), 3u);
  host.stop();
  host.advance(35s);
  EXPECT_EQ(host.events("server/1.state").size(), 3u);
}

TEST_F(SdkPlugin, RefusesAnUnknownServerType) {
  EXPECT_THROW(FakeHost(jackfield::entryOf<Echo>(), "unknown"), Error);
}

// A plugin whose own poll() loop stands for a library's main loop.
class Looper final : public jackfield::Plugin<Settings> {
 public:
  Looper() {
    on<Say>("loop/1.say", [this](const Say& say) {
      const bool same = std::this_thread::get_id() == thread_;
      return Say{say.word + (same ? " same" : " other")};
    });
  }
  void start() override {
    loop().own([this] {
      thread_ = std::this_thread::get_id();
      while (!stopped_) {
        pollfd p{loop().mailboxFd(), POLLIN, 0};
        ::poll(&p, 1, 1000);
        loop().dispatch();
      }
    });
  }
  void stop() override { stopped_ = true; }

 private:
  std::thread::id thread_;
  bool stopped_ = false;
};

TEST(SdkLoop, DeliversInsideThePluginsOwnLoop) {
  FakeHost host(jackfield::entryOf<Looper>(), "loop", jackfield::testing::FakeLoop::own);
  host.configure({});
  EXPECT_EQ(host.call<Say>("loop/1.say", Say{"before"}).word, "before other");
  host.start();
  EXPECT_EQ(host.call<Say>("loop/1.say", Say{"during"}).word, "during same");
  host.stop();
}

class Watcher final : public jackfield::Plugin<Settings> {
 public:
  static inline int fd = -1;
  void start() override {
    watches().set(fd, JF_WATCH_READ, [this](std::uint32_t) {
      char text[16];
      const auto size = ::recv(fd, text, sizeof text, 0);
      emit("watch/1.got", Say{std::string(text, static_cast<std::size_t>(size))});
      watches().remove(fd);
    });
  }
};

TEST(SdkWatch, ReportsAReadableDescriptor) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  Watcher::fd = pair[0];
  {
    FakeHost host(jackfield::entryOf<Watcher>(), "watch");
    host.configure({});
    host.start();
    ASSERT_EQ(::send(pair[1], "ping", 4, 0), 4);
    EXPECT_TRUE(host.runUntil([&] { return !host.events("watch/1.got").empty(); }));
  }
  ::close(pair[0]);
  ::close(pair[1]);
}

}  // namespace
