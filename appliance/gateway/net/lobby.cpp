// SPDX-License-Identifier: Apache-2.0
// The listening socket, the limits of the lobby, and the queue to the workers.
#include "gateway/net/lobby.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <jackfield/error.hpp>

namespace jackfield::gateway {
namespace {

constexpr int backlog = 4096;
constexpr int acceptsInARow = 64;

int listenOn(const std::string& host, std::uint16_t port) {
  const std::string where = host + " port " + std::to_string(port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); failed != 0)
    throw Error(Status::unreachable, "http.listen", where + ": " + ::gai_strerror(failed), "/http.host", host);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    throw Error(Status::unreachable, "http.listen", where + ": " + std::generic_category().message(errno), "/http.host",
                host);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  // Accepted sockets inherit it.
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::bind(fd, found->ai_addr, found->ai_addrlen) == 0 && ::listen(fd, backlog) == 0) return fd;
  const std::string why = std::generic_category().message(errno);
  ::close(fd);
  throw Error(Status::unreachable, "http.listen", where + ": " + why, "/http.port", std::to_string(port));
}

std::uint16_t portOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

std::string textOf(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (!IN6_IS_ADDR_V4MAPPED(&six)) return ::inet_ntop(AF_INET6, &six, text, sizeof text);
    return ::inet_ntop(AF_INET, &six.s6_addr[12], text, sizeof text);
  }
  return ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
}

}  // namespace

class Lobby::Door : public Reactor::Handler {
 public:
  explicit Door(Lobby& lobby) : lobby_(lobby) {}
  void onEvents(std::uint32_t) override { lobby_.accept(); }

 private:
  Lobby& lobby_;
};

Lobby::Lobby(const Options& options, const TlsServer* tls, RefusalText refusal_text)
    : options_(options),
      tls_(tls),
      refusal_text_(std::move(refusal_text)),
      listening_(listenOn(options.host, options.port)),
      reactor_("lobby", std::chrono::milliseconds(250), [this] { tick(); }) {
  port_ = portOf(listening_);
}

Lobby::~Lobby() {
  stop();
  if (listening_ >= 0) ::close(listening_);
}

void Lobby::start() {
  reactor_.start();
  reactor_.post([this] { door_ = reactor_.add(listening_, EPOLLIN, std::make_shared<Door>(*this)); });
}

void Lobby::accept() {
  for (int i = 0; i < acceptsInARow; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd = ::accept4(listening_, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      admit(fd, textOf(address));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // Looking away until the next tick: a listening socket that stays ready would keep the thread spinning.
      reactor_.modify(door_, listening_, 0);
      door_closed_ = true;
    }
    return;
  }
}

void Lobby::admit(int fd, std::string address) {
  if (count_ >= options_.connections || of_address_[address] >= options_.connections_of_address) {
    ++counters_.refused;
    ::close(fd);
    return;
  }
  ++counters_.accepted;
  const auto context = tls_ ? tls_->context() : nullptr;
  auto connection = std::make_shared<HttpConnection>(*this, Transport(fd, context.get()), std::move(address));
  ++of_address_[connection->address_];
  ++count_;
  all_.insert(connection);
  connection->begin();
}

void Lobby::ready(std::shared_ptr<HttpConnection> connection) {
  std::lock_guard lock(mutex_);
  ready_.push_back(std::move(connection));
  ++ready_count_;
  changed_.notify_one();
}

std::shared_ptr<HttpConnection> Lobby::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || !ready_.empty(); });
  if (ready_.empty()) return nullptr;
  auto connection = std::move(ready_.front());
  ready_.pop_front();
  --ready_count_;
  return connection;
}

void Lobby::forget(HttpConnection& connection) {
  const auto self = connection.shared_from_this();
  reactor_.remove(connection.key_, connection.transport_.fd());
  connection.transport_.close();
  if (all_.erase(self) == 0) return;
  const auto found = of_address_.find(connection.address_);
  if (found != of_address_.end() && --found->second == 0) of_address_.erase(found);
  --count_;
  if (draining_) noteDrained();
}

void Lobby::noteDrained() {
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void Lobby::tick() {
  if (door_closed_ && !draining_) {
    door_closed_ = false;
    reactor_.modify(door_, listening_, EPOLLIN);
  }
  const auto now = std::chrono::steady_clock::now();
  const std::vector<std::shared_ptr<HttpConnection>> all(all_.begin(), all_.end());
  for (const auto& connection : all) connection->expire(now);
}

void Lobby::drain(std::chrono::milliseconds deadline) {
  draining_ = true;
  reactor_.post([this] {
    if (door_ != 0) reactor_.remove(door_, listening_);
    ::close(std::exchange(listening_, -1));
    tick();
    noteDrained();
  });
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, deadline, [this] { return count_ == 0; });
}

void Lobby::dismiss() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

void Lobby::stop() {
  dismiss();
  reactor_.stop();
  std::lock_guard lock(mutex_);
  ready_.clear();
  all_.clear();
}

}  // namespace jackfield::gateway
