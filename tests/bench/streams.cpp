// SPDX-License-Identifier: Apache-2.0
// The process of the clients takes commands as lines on a pipe and answers each with a line: "ok ..." or what failed.
#include "bench/streams.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/measure.hpp"
#include "unit/gateway/sockets.hpp"

namespace jackfield::bench {
namespace {

constexpr int stalled_receive_buffer = 4096;
constexpr const char* no_call = "-";  // an event of the system, which administrators and auditors get

std::int64_t nowMicroseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

// The text behind `key` up to `end`, from `at` on; the frames are made by one serialiser, so that it looks one way.
std::string after(const std::string& text, const std::string& key, char end, std::size_t at = 0) {
  const auto found = text.find(key, at);
  if (found == std::string::npos) return {};
  const auto begin = found + key.size();
  return text.substr(begin, text.find(end, begin) - begin);
}

class Clients {
 public:
  Clients() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

  std::string connect(std::uint16_t port, const std::string& token) {
    auto client = std::make_unique<tests::WsClient>(port, "/api/v1/events", true, authorization(token));
    if (client->text().find("\"hello\"") == std::string::npos) return "no hello";
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLRDHUP;
    interest.data.u64 = all_.size();
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client->socket.fd(), &interest);
    all_.push_back(std::move(client));
    return {};
  }
  void connectStalled(std::uint16_t port, const std::string& token) {
    stalled_ =
        std::make_unique<tests::WsClient>(port, "/api/v1/events", true, authorization(token), stalled_receive_buffer);
  }
  void watch(int descriptor) {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = commands;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &interest);
  }

  // Takes what comes until there is a command.
  void run() {
    std::array<epoll_event, 256> ready{};
    for (bool command = false; !command;) {
      const int count = ::epoll_wait(epoll_, ready.data(), ready.size(), -1);
      for (int i = 0; i < count; ++i) {
        const auto& event = ready[static_cast<std::size_t>(i)];
        if (event.data.u64 == commands)
          command = true;
        else
          read(event.data.u64, event.events);
      }
    }
  }

  // The parent has seen that all frames went out; what is still in the sockets comes before the silence.
  void drain() {
    std::array<epoll_event, 256> ready{};
    for (int count; (count = ::epoll_wait(epoll_, ready.data(), ready.size(), 500)) > 0;) {
      bool any = false;
      for (int i = 0; i < count; ++i) {
        const auto& event = ready[static_cast<std::size_t>(i)];
        if (event.data.u64 == commands) continue;
        any = true;
        read(event.data.u64, event.events);
      }
      if (!any) break;
    }
  }

  std::string write(const std::string& file) {
    std::ofstream out(file);
    for (const auto& a : arrivals_)
      out << a.client << ' ' << a.sequence << ' ' << a.time_us << ' ' << a.event << ' ' << a.call << ' ' << a.number
          << '\n';
    arrivals_.clear();
    return ended_ == 0 ? std::string() : std::to_string(ended_) + " streams have ended";
  }

  std::string readStalled() {
    std::size_t octets = 0;
    try {
      for (std::string more; !(more = stalled_->socket.receive(std::chrono::seconds(3))).empty();)
        octets += more.size();
    } catch (const std::runtime_error&) {
      return std::to_string(octets) + " 0";
    }
    return std::to_string(octets) + " 1";
  }

 private:
  static constexpr std::uint64_t commands = ~std::uint64_t{0};

  static std::map<std::string, std::string> authorization(const std::string& token) {
    return {{"Authorization", "Bearer " + token}};
  }

  void read(std::size_t who, std::uint32_t events) {
    auto& client = *all_[who];
    for (const auto& frame : client.available()) {
      if (frame.opcode == 9) client.send(0x8a, frame.payload);
      if (frame.opcode == 1) note(who, nowMicroseconds(), frame.payload);
    }
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) end(who);
  }
  void end(std::size_t who) {
    ++ended_;
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, all_[who]->socket.fd(), nullptr);
  }
  void note(std::size_t who, std::int64_t now, const std::string& text) {
    Arrival a;
    a.client = who;
    a.time_us = now;
    const std::string cursor = after(text, R"("cursor":")", '"');
    a.sequence = std::strtoull(cursor.c_str() + cursor.find(':') + 1, nullptr, 10);
    a.event = after(text, R"("type":")", '"');
    if (a.event == "call") {
      a.event = after(text, R"("event":")", '"');
      a.call = after(text, R"("id":")", '"', text.find(R"("call":{)"));
      a.number = std::strtoul(after(text, R"("name":"Caller )", '"').c_str(), nullptr, 10);
    } else {
      a.call = after(text, R"("call":")", '"');
    }
    if (a.call.empty()) a.call = no_call;
    arrivals_.push_back(std::move(a));
  }

  int epoll_;
  std::vector<std::unique_ptr<tests::WsClient>> all_;
  std::unique_ptr<tests::WsClient> stalled_;
  std::vector<Arrival> arrivals_;
  std::size_t ended_ = 0;
};

std::string perform(Clients& clients, const std::string& command) {
  std::istringstream words(command);
  std::string what, file, token;
  std::uint16_t port = 0;
  words >> what;
  if (what == "connect" || what == "stalled") {
    words >> port >> file;
    std::ifstream tokens(file);
    while (tokens >> token) {
      if (what == "stalled")
        clients.connectStalled(port, token);
      else if (auto problem = clients.connect(port, token); !problem.empty())
        return problem;
    }
    return {};
  }
  if (what == "readStalled") return "ok " + clients.readStalled();
  words >> file;
  clients.drain();
  return clients.write(file);
}

[[noreturn]] void serve(int from, int to) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  raiseDescriptorLimit();
  Clients clients;
  clients.watch(from);
  for (std::string command;;) {
    clients.run();
    char octet = 0;
    while (::read(from, &octet, 1) == 1 && octet != '\n') command += octet;
    if (octet != '\n') std::_Exit(0);
    std::string answer;
    try {
      answer = perform(clients, command);
    } catch (const std::exception& error) {
      answer = std::string("failed: ") + error.what();
    }
    command.clear();
    answer = answer.empty() ? "ok" : answer;
    answer = answer.substr(0, answer.find('\n')) + "\n";
    if (::write(to, answer.data(), answer.size()) < 0) std::_Exit(1);
  }
}

}  // namespace

Streams::Streams() {
  int there[2], back[2];
  if (::pipe(there) != 0 || ::pipe(back) != 0) throw std::runtime_error("pipe");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::close(there[1]);
    ::close(back[0]);
    serve(there[0], back[1]);
  }
  ::close(there[0]);
  ::close(back[1]);
  to_ = there[1];
  from_ = back[0];
}

Streams::~Streams() {
  ::close(to_);
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(from_);
}

std::string Streams::ask(const std::string& command) {
  const std::string line = command + "\n";
  if (::write(to_, line.data(), line.size()) < 0) throw std::runtime_error("the clients are gone");
  std::string answer;
  char octet = 0;
  while (::read(from_, &octet, 1) == 1 && octet != '\n') answer += octet;
  if (!answer.starts_with("ok")) throw std::runtime_error("the clients: " + answer);
  return answer.substr(2);
}

void Streams::connect(std::uint16_t port, const std::vector<std::string>& tokens, std::size_t each,
                      const std::filesystem::path& folder) {
  const auto file = folder / ("tokens-" + std::to_string(pid_));
  {
    std::ofstream out(file);
    for (const auto& token : tokens)
      for (std::size_t i = 0; i < each; ++i) out << token << '\n';
  }
  ask("connect " + std::to_string(port) + " " + file.string());
}

void Streams::connectStalled(std::uint16_t port, const std::string& token, const std::filesystem::path& folder) {
  const auto file = folder / ("stalled-" + std::to_string(pid_));
  std::ofstream(file) << token << '\n';
  ask("stalled " + std::to_string(port) + " " + file.string());
}

std::vector<Arrival> Streams::collect(const std::filesystem::path& folder) {
  const auto file = folder / ("arrivals-" + std::to_string(pid_));
  ask("collect " + file.string());
  std::vector<Arrival> out;
  std::ifstream in(file);
  for (Arrival a; in >> a.client >> a.sequence >> a.time_us >> a.event >> a.call >> a.number;) out.push_back(a);
  return out;
}

Stalled Streams::readStalled() {
  std::istringstream words(ask("readStalled"));
  Stalled out;
  words >> out.octets >> out.closed;
  return out;
}

void Verdict::tell() const {
  for (const auto& [events, count] : wrong) std::printf("not whole, %zu times: %s\n", count, events.c_str());
}

Verdict judge(const std::vector<Arrival>& arrivals, const Orders& expected) {
  Verdict out;
  std::map<std::size_t, std::uint64_t> last;
  std::map<std::pair<std::size_t, std::string>, std::vector<std::string>> streams;
  for (const auto& a : arrivals) {
    auto& before = last[a.client];
    if (a.sequence <= before) ++out.disordered;
    before = a.sequence;
    if (a.call == no_call) continue;
    ++out.frames;
    streams[{a.client, a.call}].push_back(a.event);
  }
  out.streams = streams.size();
  for (const auto& [key, events] : streams) {
    if (std::find(expected.begin(), expected.end(), events) != expected.end()) continue;
    ++out.incomplete;
    std::string text;
    for (const auto& event : events) text += event + " ";
    ++out.wrong[text];
  }
  return out;
}

}  // namespace jackfield::bench
