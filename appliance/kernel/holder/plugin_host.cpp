// SPDX-License-Identifier: Apache-2.0
// jackfield-plugin-host: a process of its own for one instance of a plugin. Started by the host alone, as
//   jackfield-plugin-host PLUGIN_FOLDER CAPABILITIES SERVICES
// with the Unix socket as descriptor 3. The first frame says what it is to serve; then it confines itself, and only
// then is there a second thread and the plugin. It ends after a stop frame, or when the host is gone.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <signal.h>

#include <jackfield/abi/service/watch.h>
#include <jackfield/json.hpp>

#include "holder.hpp"
#include "kernel/confinement/confinement.hpp"
#include "schema.hpp"
#include "socket_channel.hpp"

namespace {

using namespace jackfield::kernel;
using jackfield::Error;
using jackfield::parseJson;

constexpr int socket_fd = 3;

class SocketOutbox final : public Outbox {
 public:
  explicit SocketOutbox(SocketChannel& channel) : channel_(channel) {}
  bool offer(Frame&& frame, bool reserved, bool flush) override {
    const bool last = frame.kind == FrameKind::done && frame.id == static_cast<std::uint64_t>(FrameKind::stop);
    const bool taken = channel_.send(frame, reserved, flush);
    if (last) stopped_.signal();
    return taken;
  }
  void flush() override { channel_.flush(); }
  int stoppedFd() const { return stopped_.fd(); }  // readable when the plugin has stopped

 private:
  SocketChannel& channel_;
  Wake stopped_;
};

// The socket on the instance's own thread: what arrives need not wake another first. It ends with the connection; that
// the host is gone is seen by awaitStop(), since this thread may hang in the plugin.
class Pump {
 public:
  Pump(SocketChannel& channel, InstanceThread& thread, Holder& holder)
      : channel_(channel), thread_(thread), holder_(holder) {}

  // [T]
  void watch() {
    std::vector<pollfd> wanted;
    channel_.fill(wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (i < watched_.size() && watched_[i].events == wanted[i].events) continue;
      std::uint32_t events = JF_WATCH_READ;
      if (wanted[i].events & POLLOUT) events |= JF_WATCH_WRITE;
      thread_.watch(wanted[i].fd, events, &Pump::ready, this);
    }
    watched_ = std::move(wanted);
  }

 private:
  static void ready(void* context, std::uint32_t) { static_cast<Pump*>(context)->pump(); }
  void pump() {
    if (channel_.pump([&](Frame&& frame) { holder_.accept(std::move(frame)); })) return watch();
    for (const auto& descriptor : watched_) thread_.unwatch(descriptor.fd);
  }

  SocketChannel& channel_;
  InstanceThread& thread_;
  Holder& holder_;
  std::vector<pollfd> watched_;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    out.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// What arrives first; none when the host is gone.
std::vector<Frame> firstFrames(SocketChannel& channel) {
  std::vector<Frame> out;
  while (out.empty()) {
    std::vector<pollfd> polled;
    channel.fill(polled);
    ::poll(polled.data(), polled.size(), -1);
    if (!channel.pump([&](Frame&& frame) { out.push_back(std::move(frame)); })) break;
  }
  return out;
}

// A plugin whose manifest has a fault is not loaded, so that nothing needs to be held back: the holder tells the fault.
Cell cellOf(const std::string& folder, const HostOffer& offer, const Frame& open) {
  Cell cell{folder, {}, {}};
  try {
    const auto manifest = readManifest(folder, offer);
    cell.needs = manifest.needs;
    if (const auto* type = manifest.find(open.name))
      for (auto& path : Schema(type->settings).marked("x-file", parseJson(open.body)))
        cell.readable.emplace_back(std::move(path));
  } catch (const Error&) {
  }
  return cell;
}

Frame confined(const Cell& cell) {
  Frame frame;
  frame.kind = FrameKind::confined;
  frame.body = boost::json::serialize(jackfield::toJson(confine(cell)));
  return frame;
}

// Until the plugin has stopped. When the host is gone nobody will ask for it, and the next host starts afresh.
void awaitStop(const SocketOutbox& outbox, Holder& holder) {
  std::optional<std::uint64_t> give_up_at;
  for (;;) {
    // No poll for ever: a plugin that closes the socket would not be noticed.
    pollfd polled[] = {{outbox.stoppedFd(), POLLIN, 0}, {give_up_at ? -1 : socket_fd, 0, 0}};
    ::poll(polled, 2, 500);
    if (polled[0].revents) return;
    if (polled[1].revents) {
      Frame stop;
      stop.kind = FrameKind::stop;
      holder.accept(std::move(stop));
      give_up_at = monotonicMs() + 10000;
    } else if (give_up_at && monotonicMs() > *give_up_at) {
      std::fputs("jackfield-plugin-host: the plugin does not stop; ending without it\n", stderr);
      ::_exit(1);
    }
  }
}

int serve(const std::string& folder, HostOffer offer) {
  SocketChannel channel{Fd(socket_fd)};
  auto first = firstFrames(channel);
  if (first.empty()) return 0;
  channel.send(confined(cellOf(folder, offer, first.front())), true, true);
  const auto outbox = std::make_shared<SocketOutbox>(channel);
  const auto thread = InstanceThread::begin("instance");
  auto holder = std::make_shared<Holder>(folder, std::move(offer), thread, outbox);
  channel.onRoom([&] { holder->writable(); });
  for (auto& frame : first) holder->accept(std::move(frame));
  Pump pump(channel, *thread, *holder);
  thread->post([&] { pump.watch(); });
  awaitStop(*outbox, *holder);
  thread->finish();
  holder.reset();
  channel.flush();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || ::fcntl(socket_fd, F_GETFD) < 0) {
    std::fputs("jackfield-plugin-host is started by jackfieldd, which runs one for each server; see sdk/README.md\n",
               stderr);
    return 2;
  }
  // A terminal's Ctrl-C is for the host, which then stops its plugins in order.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  try {
    return serve(argv[1], HostOffer{split(argv[2]), split(argv[3])});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "jackfield-plugin-host: %s\n", error.what());
    return 1;
  }
}
