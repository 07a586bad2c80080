// SPDX-License-Identifier: Apache-2.0
// The life of an HTTP connection between its requests.
#include "gateway/net/http_connection.hpp"

#include <array>
#include <utility>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#include "gateway/net/lobby.hpp"

namespace jackfield::gateway {
namespace {

using namespace std::chrono_literals;

// Long enough for the next request of a busy client, which then needs no way through the lobby; too short to matter
// for the worker.
constexpr int lingerMs = 2;
constexpr std::size_t discardAtMost = 64 * 1024 * 1024;

}  // namespace

HttpConnection::HttpConnection(Lobby& lobby, Transport transport, std::string address)
    : lobby_(lobby),
      transport_(std::move(transport)),
      address_(std::move(address)),
      reader_(lobby.options_.limits),
      deadline_(Clock::now() + lobby.options_.request) {}

void HttpConnection::begin() {
  key_ = lobby_.reactor_.add(transport_.fd(), EPOLLIN | EPOLLONESHOT, shared_from_this());
  if (key_ == 0) end();
}

void HttpConnection::onEvents(std::uint32_t) {
  advance();
}

// Each step says whether the next one can be taken at once.
void HttpConnection::advance() {
  for (;;) {
    switch (state_) {
      case State::handshake:
        if (!shakeHands()) return;
        break;
      case State::reading:
        if (!readRequest()) return;
        break;
      case State::writing:
        if (!sendAnswer()) return;
        break;
      case State::draining:
        if (!discard()) return;
        break;
      case State::serving:
      case State::gone:
        return;
    }
  }
}

void HttpConnection::waitFor(std::uint32_t events) {
  lobby_.reactor_.modify(key_, transport_.fd(), events | EPOLLONESHOT);
}

bool HttpConnection::shakeHands() {
  switch (transport_.handshake()) {
    case Transport::Result::ok:
      state_ = State::reading;
      return true;
    case Transport::Result::again:
      waitFor(transport_.waitsFor());
      return false;
    case Transport::Result::closed:
      ++lobby_.counters_.handshakes_failed;
      end();
      return false;
  }
  return false;
}

bool HttpConnection::readRequest() {
  auto& buffer = lobby_.scratch_;
  const auto io = transport_.read(buffer.data(), buffer.size());
  if (io.result == Transport::Result::closed) {
    end();
    return false;
  }
  if (io.result == Transport::Result::again) {
    waitFor(transport_.waitsFor());
    return false;
  }
  if (!timed_) {
    timed_ = true;
    deadline_ = Clock::now() + lobby_.options_.request;
  }
  return judge(reader_.feed({buffer.data(), io.bytes}));
}

bool HttpConnection::judge(RequestReader::State state) {
  if (state == RequestReader::State::refused) {
    refuse(reader_.refusal().status, reader_.refusal().code);
    return true;
  }
  if (state == RequestReader::State::whole) {
    release();
    state_ = State::serving;
    lobby_.ready(shared_from_this());
    return false;
  }
  if (reserved_ == 0 && reader_.bodySize() > 0) {
    if (lobby_.buffered_ + reader_.bodySize() > lobby_.options_.buffered) {
      refuse(503, "http.busy");
      return true;
    }
    reserved_ = reader_.bodySize();
    lobby_.buffered_ += reserved_;
  }
  if (reader_.takeExpectation()) {
    static constexpr std::string_view go = "HTTP/1.1 100 Continue\r\n\r\n";
    transport_.write(go.data(), go.size());
  }
  return true;
}

void HttpConnection::release() {
  lobby_.buffered_ -= std::exchange(reserved_, 0);
}

void HttpConnection::refuse(int status, const std::string& code) {
  outgoing_ = {lobby_.refusal_text_(status, code), nullptr, true};
  sent_ = 0;
  state_ = State::writing;
  deadline_ = Clock::now() + lobby_.options_.stalled;
  answer_by_ = Clock::now() + lobby_.options_.answer;
}

Transport::Result HttpConnection::write() {
  const std::size_t head = outgoing_.head.size();
  const std::size_t size = head + (outgoing_.body ? outgoing_.body->size() : 0);
  while (sent_ < size) {
    Transport::Io io;
    if (transport_.secure() || sent_ >= head) {
      const std::string_view rest = sent_ < head ? std::string_view(outgoing_.head).substr(sent_)
                                                 : std::string_view(*outgoing_.body).substr(sent_ - head);
      io = transport_.write(rest.data(), rest.size());
    } else {
      const std::array<iovec, 2> parts{
          iovec{outgoing_.head.data() + sent_, head - sent_},
          iovec{outgoing_.body ? const_cast<char*>(outgoing_.body->data()) : nullptr, size - head}};
      io = transport_.writeVector(parts.data(), 2);
    }
    if (io.result != Transport::Result::ok) return io.result;
    sent_ += io.bytes;
    deadline_ = Clock::now() + lobby_.options_.stalled;
  }
  return Transport::Result::ok;
}

bool HttpConnection::sendAnswer() {
  switch (write()) {
    case Transport::Result::again:
      waitFor(transport_.waitsFor());
      return false;
    case Transport::Result::closed:
      end();
      return false;
    case Transport::Result::ok:
      break;
  }
  const bool close = outgoing_.close || lobby_.draining_;
  outgoing_ = {};
  if (close) {
    // Closing with unread octets would reset the connection, and the client might never see the answer.
    transport_.endSending();
    state_ = State::draining;
    sent_ = 0;
    deadline_ = Clock::now() + 2s;
    return true;
  }
  state_ = State::reading;
  const auto next = reader_.nextRequest();
  timed_ = reader_.begun();
  deadline_ = Clock::now() + (timed_ ? lobby_.options_.request : lobby_.options_.idle);
  return judge(next);
}

bool HttpConnection::discard() {
  auto& buffer = lobby_.scratch_;
  const auto io = transport_.read(buffer.data(), buffer.size());
  if (io.result == Transport::Result::again) {
    waitFor(EPOLLIN);
    return false;
  }
  sent_ += io.bytes;
  if (io.result == Transport::Result::ok && sent_ < discardAtMost) return true;
  end();
  return false;
}

void HttpConnection::expire(Clock::time_point now) {
  // What else there is belongs to the worker meanwhile.
  if (state_ == State::serving) return;
  const bool late = now >= deadline_ || (state_ == State::writing && now >= answer_by_);
  const bool idle = state_ == State::handshake || (state_ == State::reading && !reader_.begun());
  if (!late && !(lobby_.draining_ && idle)) return;
  if (state_ == State::reading && reader_.begun()) {
    ++lobby_.counters_.slow;
    refuse(408, "http.slow");
    advance();
    return;
  }
  end();
}

void HttpConnection::end() {
  release();
  state_ = State::gone;
  lobby_.forget(*this);
}

bool HttpConnection::answer(Outgoing outgoing) {
  outgoing_ = std::move(outgoing);
  sent_ = 0;
  answer_by_ = Clock::now() + lobby_.options_.answer;
  deadline_ = Clock::now() + lobby_.options_.stalled;
  auto next = RequestReader::State::more;
  const bool begun = write() == Transport::Result::ok && !outgoing_.close && !lobby_.draining_ && linger(next);
  if (begun && next == RequestReader::State::whole) return true;
  lobby_.reactor_.post([self = shared_from_this(), begun, next] {
    self->state_ = begun ? State::reading : State::writing;
    if (!begun || self->judge(next)) self->advance();
  });
  return false;
}

bool HttpConnection::linger(RequestReader::State& next) {
  // A second request that came with the first one is served first come, first served: through the lobby.
  if (lobby_.busy() || !reader_.leftover().empty()) return false;
  pollfd waiting{transport_.fd(), POLLIN, 0};
  if (::poll(&waiting, 1, lingerMs) != 1 || !(waiting.revents & POLLIN)) return false;
  std::array<char, 16384> buffer;
  const auto io = transport_.read(buffer.data(), buffer.size());
  if (io.result != Transport::Result::ok) return false;
  outgoing_ = {};
  timed_ = true;
  deadline_ = Clock::now() + lobby_.options_.request;
  reader_.nextRequest();
  next = reader_.feed({buffer.data(), io.bytes});
  return true;
}

HttpConnection::Taken HttpConnection::take(std::string_view head) {
  // Another epoll is to get the descriptor: this one lets go of it first.
  lobby_.reactor_.detach(transport_.fd());
  Taken taken{{}, reader_.leftover()};
  const auto io = transport_.write(head.data(), head.size());
  if (io.result == Transport::Result::ok && io.bytes == head.size()) taken.transport = std::move(transport_);
  lobby_.reactor_.post([self = shared_from_this()] { self->end(); });
  return taken;
}

}  // namespace jackfield::gateway
