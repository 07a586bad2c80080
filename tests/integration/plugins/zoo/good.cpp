// SPDX-License-Identifier: Apache-2.0
// The good neighbour of the zoo: does everything that the boundary offers, and all of it right.
#include <unistd.h>

#include <jackfield/plugin.hpp>
#include <jackfield/server.hpp>

namespace {

using namespace std::chrono_literals;
using jackfield::Error;
using jackfield::Reply;
using jackfield::Responder;
using jackfield::Status;
namespace server = jackfield::server;

struct Settings {
  std::string host;
  int port = 0;
  std::string transport;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(Settings, (), (host, port, transport, password))

struct Text {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Text, (), (text))

struct Number {
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(Number, (), (number))

class Good final : public jackfield::Plugin<Settings> {
 public:
  Good() {
    on<Text>("zoo/1.echo", [](const Text& text) { return text; });
    on<Text>("zoo/1.settings", [this](const Text&) { return settings(); });
    on<Text>("zoo/1.emit", [this](const Text& text) { emit("zoo/1.event", text); });
    on<Text>("zoo/1.fail", [](const Text& text) -> Text {
      throw Error(Status::notFound, "zoo.missing", text.text + " is missing", "/text", text.text);
    });
    on<Text>("zoo/1.log", [this](const Text& text) { log().info("zoo.said", {{"text", text.text}}); });
    on<Text>("zoo/1.link", [this](const Text& text) {
      emit(
          "server/1.state",
          server::State{text.text.empty() ? server::LinkState::connected : server::LinkState::disconnected, text.text});
    });
    onAsync<Number>("zoo/1.after", [this](const Number& ms, Responder r) {
      timers().after(std::chrono::milliseconds(ms.number), [r]() mutable { r.reply(); });
    });
    onAsync<Number>("zoo/1.parts", [this](const Number& n, Responder r) { parts(r, 0, n.number); });
    onAsync<Text>("zoo/1.work", [this](const Text& text, Responder r) {
      work().submit([] {}, [r, text](std::exception_ptr) mutable { r.reply(text); });
    });
    onAsync<Text>("zoo/1.never", [this](const Text&, Responder r) { held_.push_back(r); });
    on<Text>("zoo/1.cancelled", [this](const Text&) {
      int count = 0;
      for (const auto& r : held_) count += r.cancelled();
      return Number{count};
    });
    onAsync<Text>("zoo/1.load", [this](const Text& text, Responder r) {
      auto count = std::make_shared<int>(0);
      request("storage/1.load", server::Load{text.text}, 10s, [r, count](Reply reply) mutable {
        if (!reply.ok()) return r.fail(reply.error());
        *count += static_cast<int>(reply.body.at("records").as_object().size());
        if (!reply.more) r.reply(Number{*count});
      });
    });
    on<Number>("zoo/1.burst", [this](const Number& events) {
      left_ = events.number;
      writable();
    });
    onAsync<Text>("zoo/1.watch", [this](const Text& text, Responder r) { watchPipe(text, r); });
    on<Text>("server/1.test", [this](const Text&) {
      server::TestResult result;
      result.findings.push_back({server::Severity::info, "zoo.reached", "reachability", settings().host + " answers"});
      return result;
    });
  }
  ~Good() override {
    for (const int fd : pipe_)
      if (fd >= 0) ::close(fd);
  }

  void configure() override {
    if (settings().host == "refused.test")
      throw Error(Status::invalid, "zoo.host.refused", "host: refused.test is not served", "/host", settings().host);
  }
  void start() override {
    if (settings().host == "unstartable.test") throw Error(Status::unreachable, "zoo.port.busy", "the port is in use");
    emit("server/1.state", server::State{server::LinkState::connected, ""});
  }
  void stop() override { held_.clear(); }
  // Events of 256 octets of JSON, as many as fit at once.
  void writable() override {
    static const Text event{std::string(256 - std::string_view(R"({"text":""})").size(), 'x')};
    while (left_ > 0 && emit("zoo/1.event", event)) --left_;
  }

 private:
  void parts(Responder r, int from, int to) {
    for (int i = from; i < to; ++i)
      if (!r.part(Number{i})) return r.onCredit([this, r, i, to] { parts(r, i, to); });
    r.reply(Number{to});
  }

  void watchPipe(const Text& text, Responder r) {
    if (pipe_[0] < 0 && ::pipe(pipe_) != 0) throw Error(Status::internal, "zoo.pipe", "no pipe");
    watches().set(pipe_[0], JF_WATCH_READ, [this, r](std::uint32_t) mutable {
      char buffer[256];
      const auto size = ::read(pipe_[0], buffer, sizeof buffer);
      watches().remove(pipe_[0]);
      r.reply(Text{std::string(buffer, static_cast<std::size_t>(size))});
    });
    timers().after(1ms, [this, text] { (void)!::write(pipe_[1], text.text.data(), text.text.size()); });
  }

  std::vector<Responder> held_;
  int left_ = 0;  // events of a burst
  int pipe_[2] = {-1, -1};
};

}  // namespace

JACKFIELD_PLUGIN(Good);
