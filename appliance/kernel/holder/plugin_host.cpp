// SPDX-License-Identifier: Apache-2.0
// jackfield-plugin-host: a process of its own for one instance of a plugin. Started by the host alone, as
//   jackfield-plugin-host PLUGIN_FOLDER CAPABILITIES SERVICES
// with the Unix socket as descriptor 3. The first frame says what it is to serve; then it confines itself, and only
// then is there a second thread and the plugin. It ends after a stop frame, or when the host is gone.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <signal.h>

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
    if (frame.kind == FrameKind::done && frame.id == static_cast<std::uint64_t>(FrameKind::stop)) stopped_ = true;
    return channel_.send(frame, reserved, flush);
  }
  void flush() override { channel_.flush(); }
  bool stopped() const { return stopped_; }

 private:
  SocketChannel& channel_;
  std::atomic<bool> stopped_{false};
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

  bool host_there = true;
  std::uint64_t give_up_at = 0;
  while (!outbox->stopped()) {
    std::vector<pollfd> polled;
    channel.fill(polled);
    if (!host_there) polled.clear();
    ::poll(polled.data(), polled.size(), host_there ? 500 : 20);
    if (host_there) host_there = channel.pump([&](Frame&& frame) { holder->accept(std::move(frame)); });
    if (host_there || outbox->stopped()) continue;
    if (give_up_at == 0) {
      // The host is gone: nobody will ask for a stop, and the next host starts afresh.
      Frame stop;
      stop.kind = FrameKind::stop;
      holder->accept(std::move(stop));
      give_up_at = monotonicMs() + 10000;
    } else if (monotonicMs() > give_up_at) {
      std::fputs("jackfield-plugin-host: the plugin does not stop; ending without it\n", stderr);
      ::_exit(1);
    }
  }
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
