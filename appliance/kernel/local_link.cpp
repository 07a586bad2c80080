// SPDX-License-Identifier: Apache-2.0
// An instance inside the host: the same holder as in a process of its own, with a bounded queue in place of the socket.
#include <deque>
#include <mutex>
#include <utility>

#include "holder/fd.hpp"
#include "holder/holder.hpp"
#include "link.hpp"

namespace jackfield::kernel {

namespace {

constexpr std::size_t frames_limit = 4096;
constexpr std::size_t octets_limit = 4 << 20;
constexpr std::size_t frames_per_pump = 256;

class LocalOutbox final : public Outbox {
 public:
  bool offer(Frame&& frame, bool reserved, bool) override {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      if (!reserved && (queue_.size() >= frames_limit || octets_ > octets_limit)) {
        was_full_ = true;
        return false;
      }
      octets_ += frame.size();
      first = queue_.empty();
      queue_.push_back(std::move(frame));
    }
    if (first) wake_.signal();
    return true;
  }
  void flush() override {}

  int fd() const { return wake_.fd(); }

  // `room`: it was full and is so no more.
  std::optional<Frame> take(bool& room) {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      wake_.clear();
      return std::nullopt;
    }
    Frame frame = std::move(queue_.front());
    queue_.pop_front();
    octets_ -= frame.size();
    room = was_full_ && queue_.size() < frames_limit / 2 && octets_ < octets_limit / 2;
    if (room) was_full_ = false;
    return frame;
  }

 private:
  Wake wake_;
  std::mutex mutex_;
  std::deque<Frame> queue_;
  std::size_t octets_ = 0;
  bool was_full_ = false;
};

class LocalLink final : public Link {
 public:
  LocalLink(const LinkPlace& place, const std::string& name, std::shared_ptr<InstanceThread> shared)
      : shares_(shared != nullptr),
        thread_(shared ? std::move(shared) : InstanceThread::begin(name)),
        outbox_(std::make_shared<LocalOutbox>()),
        holder_(std::make_shared<Holder>(place.folder, place.offer, thread_, outbox_)) {}
  ~LocalLink() override {
    if (!shares_) thread_->finish();
  }

  void send(Frame&& frame) override { holder_->accept(std::move(frame)); }

  void fill(std::vector<pollfd>& polled) const override { polled.push_back({outbox_->fd(), POLLIN, 0}); }

  std::optional<std::string> pump(const std::function<void(Frame&&)>& give) override {
    for (std::size_t i = 0; i < frames_per_pump; ++i) {
      bool room = false;
      auto frame = outbox_->take(room);
      if (!frame) break;
      if (room) holder_->writable();
      give(std::move(*frame));
    }
    return std::nullopt;
  }

  void end() override {
    if (!shares_) thread_->finish();
  }

  bool cut() override {
    // The thread hangs in the plugin and cannot be ended: what it uses is kept for the life of the process.
    static std::mutex mutex;
    static auto* const kept = new std::vector<std::shared_ptr<Holder>>;
    {
      const std::lock_guard lock(mutex);
      kept->push_back(holder_);
    }
    InstanceThread::abandon(thread_);
    return false;
  }

 private:
  const bool shares_;
  const std::shared_ptr<InstanceThread> thread_;
  const std::shared_ptr<LocalOutbox> outbox_;
  const std::shared_ptr<Holder> holder_;
};

}  // namespace

std::shared_ptr<Link> makeLocalLink(const LinkPlace& place, const std::string& name,
                                    std::shared_ptr<InstanceThread> thread) {
  return std::make_shared<LocalLink>(place, name, std::move(thread));
}

}  // namespace jackfield::kernel
