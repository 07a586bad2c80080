// SPDX-License-Identifier: Apache-2.0
// Server types that misbehave above the C++ layer: each in one way.
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include <jackfield/plugin.hpp>
#include <jackfield/server.hpp>

namespace {

using namespace std::chrono_literals;
using jackfield::Error;
using jackfield::Responder;
using jackfield::Status;

struct Settings {};
BOOST_DESCRIBE_STRUCT(Settings, (), ())

struct Text {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Text, (), (text))

class Bad final : public jackfield::Plugin<Settings> {
 public:
  Bad() {
    if (serverType() == "refusing") throw Error(Status::internal, "zoo.refused", "no instance of this type");
    failIn("create");
    on<Text>("zoo/1.throw", [](const Text& text) -> Text {
      if (text.text == "int") throw 42;
      if (text.text == "std") throw std::runtime_error("oops");
      throw "text";
    });
    onAsync<Text>("zoo/1.late",
                  [this](const Text&, Responder r) { timers().after(400ms, [r]() mutable { r.reply(); }); });
    on<Text>("zoo/1.flood", [this](const Text& mark) {
      mark_ = mark.text;
      flood();
    });
    on<Text>("zoo/1.state", [this](const Text&) { return Text{full_ ? "full" : "never full"}; });
    on<Text>("zoo/1.hang", [](const Text&) { hang(); });
    on<Text>("zoo/1.crash", [](const Text&) { std::raise(SIGSEGV); });
    on<Text>("zoo/1.fault", [this](const Text& kind) { fault(kind.text); });
    on<Text>("zoo/1.undeclared", [this](const Text&) {
      emit("directory/1.changed", Text{"not my business"});
      request("storage/1.load", Text{}, 1s,
              [this](jackfield::Reply reply) { emit("zoo/1.refused", Text{reply.error().code()}); });
    });
    on<Text>("zoo/1.echo", [](const Text& text) { return text; });
    on<Text>("zoo/1.big", [this](const Text&) { emit("zoo/1.event", Text{std::string(10 << 20, 'x')}); });
  }

  ~Bad() override { failIn("destroy"); }

  void configure() override {
    failIn("configure");
    if (throwing()) throws_ = true;
  }
  void start() override {
    failIn("start");
    if (throwing()) timers().after(1ms, [] { throw 7; });
  }
  void stop() override {
    failIn("stop");
    if (throws_) throw 8;
  }
  void writable() override {
    if (throws_) throw 9;
    if (flooding_) flood();
  }

 private:
  bool throwing() const { return serverType() == "throwing"; }

  // "hanging-start" hangs there, "crashing-start" crashes.
  void failIn(const std::string& step) const {
    if (serverType() == "hanging-" + step) hang();
    if (serverType() == "crashing-" + step) std::raise(SIGSEGV);
  }

  // The ways in which a process goes bad at work.
  void fault(const std::string& kind) {
    constexpr int socket_to_host = 3;
    if (kind == "crash") std::raise(SIGSEGV);
    if (kind == "kill") std::raise(SIGKILL);
    if (kind == "freeze") std::raise(SIGSTOP);
    if (kind == "hang") hang();
    if (kind == "abort") std::abort();
    if (kind == "exit") ::_exit(0);
    if (kind == "thread") std::thread([] { throw 1; }).detach();
    if (kind == "memory")
      for (;;) leaked_.push_back(std::make_unique<std::array<char, 65536>>());
    if (kind == "descriptors")
      while (::dup(socket_to_host) >= 0) continue;
    if (kind == "garbage") (void)!::write(socket_to_host, std::string(4096, '\xff').data(), 4096);
    if (kind == "silence") ::shutdown(socket_to_host, SHUT_RDWR);
    if (kind == "close") ::close(socket_to_host);
  }

  [[noreturn]] static void hang() {
    for (;;) std::this_thread::sleep_for(1h);
  }

  void flood() {
    flooding_ = true;
    while (sent_ < 100000 && emit("zoo/1.flooded", Text{std::to_string(sent_)})) ++sent_;
    if (sent_ < 100000 && !std::exchange(full_, true)) std::ofstream(mark_).flush();
    if (sent_ == 100000) flooding_ = false;
  }

  std::vector<std::unique_ptr<std::array<char, 65536>>> leaked_;
  bool throws_ = false;
  bool flooding_ = false;
  bool full_ = false;
  int sent_ = 0;
  std::string mark_;  // a file to make when the queue is full
};

}  // namespace

JACKFIELD_PLUGIN(Bad);
