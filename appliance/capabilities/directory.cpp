// SPDX-License-Identifier: Apache-2.0
// directory/1: sign-in, and synchronisation as a pipeline. The plugin reads the directory, the instance's channel
// thread carries parts into a short queue, the caller decodes and stores them: three threads at work on three parts.
#include "capabilities/directory.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "capabilities/replies.hpp"

namespace jackfield::capabilities {
namespace {

constexpr std::size_t queue_length = 8;

// Between the channel thread and the caller. The channel thread waits while it is full, which is how the plugin comes
// to wait too; closing it lets everything pass at once.
class Parts {
 public:
  void put(kernel::Reply reply) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return queue_.size() < queue_length || closed_; });
    if (!closed_) queue_.push_back(std::move(reply));
    changed_.notify_all();
  }
  std::optional<kernel::Reply> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !queue_.empty() || closed_; });
    if (closed_) return std::nullopt;
    auto reply = std::move(queue_.front());
    queue_.pop_front();
    changed_.notify_all();
    return reply;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    queue_.clear();
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<kernel::Reply> queue_;
  bool closed_ = false;
};

// Whatever ends the caller's loop ends the request too.
struct Request {
  PluginPort& plugins;
  const std::string& server;
  std::shared_ptr<Parts> parts;
  std::uint64_t id = 0;
  bool answered = false;
  ~Request() {
    parts->close();
    try {
      if (!answered) plugins.cancel(server, id);
    } catch (const Error&) {
      // The instance is gone, and the request with it.
    }
  }
};

}  // namespace

Directory::Directory(PluginPort& plugins) : plugins_(plugins) {}

directory::Person Directory::authenticate(const std::string& server, const directory::Authenticate& credentials,
                                          std::chrono::milliseconds timeout) const {
  return ask<directory::Authenticated>(plugins_, server, "directory/1.authenticate", credentials,
                                       kernel::Channel::client, timeout)
      .person;
}

void Directory::sync(const std::string& server, const directory::Sync& what, std::chrono::milliseconds timeout,
                     std::stop_token stop, const std::function<void(const directory::SyncPart&)>& sink) const {
  static const std::string name = "directory/1.sync";
  auto parts = std::make_shared<Parts>();
  Request request{plugins_, server, parts};
  const std::stop_callback stopped(stop, [parts] { parts->close(); });
  request.id = plugins_.request(server, name, toJsonText(what), kernel::Channel::admin, timeout,
                                [parts](kernel::Reply reply) { parts->put(std::move(reply)); });
  while (auto reply = parts->take()) {
    request.answered = !reply->more;
    if (reply->status != Status::ok) throw problemOf(server, *reply);
    sink(decode<directory::SyncPart>(server, name, reply->body));
    if (!reply->more) return;
  }
  throw model::Problem(model::Problem::Kind::unavailable, "sync.cancelled",
                       server + ": the synchronisation was cancelled; nothing was changed");
}

}  // namespace jackfield::capabilities
