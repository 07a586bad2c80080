// SPDX-License-Identifier: Apache-2.0
// An in-memory host for a plugin's unit tests: no process, no file, one instance.
//
//   jackfield::testing::FakeHost host(jackfield::entryOf<Hello>(), "greeter");
//   host.configure({{"greeting", "hi"}});
//   host.start();
//   EXPECT_EQ(host.call("server/1.test", {}).status, jackfield::Status::ok);
//   host.advance(std::chrono::seconds(30));                        // timers, on a clock of the test's own
//   host.runUntil([&] { return !host.events("server/1.state").empty(); });   // real descriptors and jobs, with a
//   deadline
//
// With FakeLoop::lent the instance's thread [T] is the test's own: everything happens inside the calls of this class,
// in a fixed order. With FakeLoop::own ("loop": "own") it is a thread of FakeHost, which runs the plugin's loop between
// start() and stop(); the test's calls are handed over through the mailbox and wait for it.
#ifndef JACKFIELD_TESTING_FAKE_HOST_HPP
#define JACKFIELD_TESTING_FAKE_HOST_HPP

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include <jackfield/abi/entry.h>
#include <jackfield/json.hpp>
#include <jackfield/responder.hpp>
#include <jackfield/testing/fake_services.hpp>

namespace jackfield::testing {

// What the plugin sent: an event, a request to the host, a reply, a credit.
struct Sent {
  std::uint32_t kind = 0;
  std::uint32_t flags = 0;
  std::uint64_t id = 0;
  Status status = Status::ok;
  std::uint32_t credit = 0;
  std::string name;
  boost::json::value body;
  std::string bytes;
};

struct Logged {
  int level = 0;
  std::string code;
  boost::json::value arguments;
};

class FakeHost {
 public:
  // Answers a request of the plugin, for example "storage/1.load". Give parts with more = true; the last has not.
  using Answer = std::function<std::vector<Reply>(const boost::json::value& body)>;

  explicit FakeHost(const jf_plugin_entry& entry, std::string_view server_type, FakeLoop loop = FakeLoop::lent,
                    FakeClock clock = FakeClock::manual)
      : services_(*this, loop, clock),
        host_{this, &FakeHost::sendEdge, &FakeHost::logEdge, &FakeHost::serviceEdge, &FakeHost::nowEdge} {
    services_.runOnThread([&] { plugin_ = entry.create(&host_, detail::view(server_type)); });
    if (!plugin_)
      throw Error(Status::notFound, "fake.create", "the plugin refused server type " + std::string(server_type));
  }
  ~FakeHost() {
    if (running_) stop();
    services_.finishJobs();
    services_.runOnThread([&] { plugin_->destroy(plugin_); });
    services_.close();
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // Throws the first of the errors that the plugin names: Error(status, code, text, pointer, value).
  void configure(const boost::json::object& settings) {
    jf_status status = JF_OK;
    std::string problem;
    const std::string text = boost::json::serialize(settings);
    services_.runOnThread([&] {
      jf_view out{nullptr, 0};
      status = plugin_->configure(plugin_, detail::view(text), &out);
      problem = std::string(detail::text(out));
    });
    if (status == JF_OK) return;
    const auto errors = parseJson(problem).as_object().at("errors").as_array();
    const auto& first = errors.at(0).as_object();
    const auto member = [&](const char* name) {
      const auto* value = first.if_contains(name);
      return value ? std::string(value->as_string()) : std::string();
    };
    throw Error(detail::statusOf(status), member("code"), member("text"), member("pointer"), member("value"));
  }

  // The status that start() gave; the reason stands in logged().
  Status start() {
    jf_status status = JF_OK;
    services_.runOnThread([&] {
      services_.setStopped(false);
      status = plugin_->start(plugin_);
    });
    running_ = status == JF_OK;
    if (running_) services_.enterLoop();
    return detail::statusOf(status);
  }

  void stop() {
    running_ = false;
    services_.runOnThread([&] {
      plugin_->stop(plugin_);
      services_.setStopped(true);
    });
    services_.leaveLoop();
    services_.finishJobs();
  }

  // Delivers a request and returns its id; replies() holds the answer when it comes.
  std::uint64_t deliver(std::string_view name, const boost::json::value& body, std::uint32_t credit = 1000,
                        std::string_view bytes = {}) {
    jf_message m = detail::makeMessage(JF_REQUEST, ++last_id_);
    const std::string text = body.is_null() ? "" : boost::json::serialize(body);
    m.name = detail::view(name);
    m.body = detail::view(text);
    m.bytes = detail::view(bytes);
    m.credit = credit;
    m.timeout_ms = 30000;
    {
      const std::lock_guard lock(mutex_);
      open_[m.id] = credit;
    }
    hand(m);
    return m.id;
  }
  void cancel(std::uint64_t id) {
    {
      const std::lock_guard lock(mutex_);
      open_.erase(id);
    }
    hand(detail::makeMessage(JF_CANCEL, id));
  }
  void credit(std::uint64_t id, std::uint32_t more) {
    jf_message m = detail::makeMessage(JF_CREDIT, id);
    m.credit = more;
    {
      const std::lock_guard lock(mutex_);
      open_[id] += more;
    }
    hand(m);
  }

  // A request and its whole answer: the parts, then the end. Throws Error(timeout) when none comes in `limit`.
  std::vector<Reply> callParts(std::string_view name, const boost::json::value& body,
                               std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    const auto id = deliver(name, body, 1000000);
    if (!runUntil([&] { return !replies(id).empty() && !replies(id).back().more; }, limit))
      throw Error(Status::timeout, "fake.timeout", std::string(name) + " was not answered");
    return replies(id);
  }
  Reply call(std::string_view name, const boost::json::value& body,
             std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    return callParts(name, body, limit).back();
  }
  // The same with described structs; throws the plugin's Error when it fails.
  template <class Answered, class Req>
  Answered call(std::string_view name, const Req& request, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    const Reply reply = call(name, toJson(request), limit);
    if (!reply.ok()) throw reply.error();
    return fromJson<Answered>(reply.body);
  }

  // Moves the clock; timers that fall due fire in the order of their times.
  void advance(std::chrono::milliseconds by) { services_.advance(by); }
  // Watches descriptors and finished jobs (and timers of FakeClock::real) until `ready` says true. False: the deadline
  // passed. With FakeLoop::own it only waits.
  bool runUntil(const std::function<bool()>& ready, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    return services_.runUntil(ready, limit);
  }
  // Runs on the instance's thread.
  void onThread(const std::function<void()>& call) { services_.runOnThread(call); }

  // Requests of the plugin with this name are answered so; others get JF_E_UNSUPPORTED.
  void answer(std::string_view name, Answer how) {
    const std::lock_guard lock(mutex_);
    answers_[std::string(name)] = std::move(how);
  }
  // While full, events and requests are refused with JF_E_FULL; back to false calls on_writable().
  void setFull(bool full) {
    bool tell = false;
    {
      const std::lock_guard lock(mutex_);
      full_ = full;
      tell = !full && std::exchange(was_full_, false);
    }
    if (tell) services_.runOnThread([&] { plugin_->on_writable(plugin_); });
  }

  std::vector<Sent> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  // Bodies of the events with this name, oldest first.
  std::vector<boost::json::value> events(std::string_view name) const {
    std::vector<boost::json::value> out;
    const std::lock_guard lock(mutex_);
    for (const auto& s : sent_)
      if (s.kind == JF_EVENT && s.name == name) out.push_back(s.body);
    return out;
  }
  template <class T>
  std::vector<T> eventsAs(std::string_view name) const {
    std::vector<T> out;
    for (const auto& body : events(name)) out.push_back(fromJson<T>(body));
    return out;
  }
  std::vector<Reply> replies(std::uint64_t id) const {
    std::vector<Reply> out;
    const std::lock_guard lock(mutex_);
    for (const auto& s : sent_)
      if (s.kind == JF_REPLY && s.id == id) out.push_back({s.status, s.body, s.bytes, (s.flags & JF_MORE) != 0});
    return out;
  }
  std::vector<Logged> logged() const {
    const std::lock_guard lock(mutex_);
    return logged_;
  }
  bool logged(std::string_view code) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(logged_.begin(), logged_.end(), [&](const Logged& l) { return l.code == code; });
  }
  // What was sent since the last take(), none lost and none twice.
  std::vector<Sent> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(sent_, {});
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    sent_.clear();
    logged_.clear();
  }

 private:
  static FakeHost& self(const jf_host* host) { return *static_cast<FakeHost*>(host->impl); }

  void hand(const jf_message& m) {
    services_.runOnThread([&] { plugin_->on_message(plugin_, &m); });
  }

  static jf_status JF_CALL sendEdge(const jf_host* host, const jf_message* m) { return self(host).take(*m); }

  // The same judgements as the real host makes.
  jf_status take(const jf_message& m) {
    if (m.kind < JF_REQUEST || m.kind > JF_CREDIT || (m.id == 0 && m.kind != JF_EVENT)) return JF_E_INVALID;
    if (m.name.size > JF_MAX_NAME || m.body.size > JF_MAX_BODY || m.bytes.size > JF_MAX_BYTES) return JF_E_INVALID;
    if (!detail::isUtf8(detail::text(m.name)) || !detail::isUtf8(detail::text(m.body))) return JF_E_INVALID;
    const std::lock_guard lock(mutex_);
    if (full_ && (m.kind == JF_EVENT || m.kind == JF_REQUEST)) {
      was_full_ = true;
      return JF_E_FULL;
    }
    if (m.kind == JF_REPLY) {
      const auto open = open_.find(m.id);
      if (open == open_.end()) return JF_E_NOT_FOUND;
      if (!(m.flags & JF_MORE)) {
        open_.erase(open);
      } else if (open->second-- == 0) {
        open->second = 0;
        return JF_E_FULL;
      }
    }
    sent_.push_back({m.kind, m.flags, m.id, detail::statusOf(m.status), m.credit, std::string(detail::text(m.name)),
                     m.body.size ? parseJson(detail::text(m.body)) : boost::json::value(boost::json::object()),
                     std::string(detail::text(m.bytes))});
    if (m.kind == JF_REQUEST) answerLater(sent_.back());
    services_.wake();
    return JF_OK;
  }

  void answerLater(const Sent& request) {
    const auto found = answers_.find(request.name);
    const Answer how = found == answers_.end() ? Answer() : found->second;
    services_.post([this, how, id = request.id, body = request.body, name = request.name] {
      std::vector<Reply> replies;
      if (how)
        replies = how(body);
      else
        replies.push_back(
            {Status::unsupported, {{"code", "fake.unanswered"}, {"text", name + " has no answer"}}, {}, false});
      for (const Reply& reply : replies) {
        const std::string text = boost::json::serialize(reply.body);
        jf_message m = detail::makeMessage(JF_REPLY, id);
        m.status = static_cast<jf_status>(reply.status);
        m.flags = reply.more ? JF_MORE : 0;
        m.body = detail::view(text);
        m.bytes = detail::view(reply.bytes);
        plugin_->on_message(plugin_, &m);
      }
    });
  }

  static void JF_CALL logEdge(const jf_host* host, std::int32_t level, jf_view code, jf_view arguments) {
    FakeHost& me = self(host);
    const std::lock_guard lock(me.mutex_);
    me.logged_.push_back(
        {level, std::string(detail::text(code)),
         arguments.size ? parseJson(detail::text(arguments)) : boost::json::value(boost::json::object())});
    me.services_.wake();
  }

  static const void* JF_CALL serviceEdge(const jf_host* host, jf_view name) {
    return self(host).services_.table(detail::text(name));
  }
  static std::uint64_t JF_CALL nowEdge(const jf_host* host) { return self(host).services_.now(); }

  FakeServices services_;
  const jf_host host_;
  const jf_plugin* plugin_ = nullptr;
  bool running_ = false;
  std::uint64_t last_id_ = 0;

  mutable std::mutex mutex_;
  std::vector<Sent> sent_;
  std::vector<Logged> logged_;
  std::map<std::uint64_t, std::uint32_t> open_;  // requests not yet answered, with the credit left
  std::map<std::string, Answer> answers_;
  bool full_ = false;
  bool was_full_ = false;
};

}  // namespace jackfield::testing

#endif
