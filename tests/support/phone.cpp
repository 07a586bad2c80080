// SPDX-License-Identifier: Apache-2.0
// The control port of baresip speaks JSON in netstrings ("12:{...},").
#include "support/phone.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <boost/json.hpp>

#include "support/process.hpp"

namespace jackfield::tests {
namespace json = boost::json;

struct Phone::Impl {
  void read() {
    std::string pending;
    char buffer[4096];
    try {
      for (int size; (size = socket.receiveBytes(buffer, sizeof buffer)) > 0;) {
        pending.append(buffer, static_cast<std::size_t>(size));
        while (takeNetstring(pending)) {
        }
      }
    } catch (const Poco::Exception&) {
      // The phone or the test has ended.
    }
  }

  bool takeNetstring(std::string& pending) {
    const auto colon = pending.find(':');
    if (colon == std::string::npos) return false;
    const std::size_t size = std::stoul(pending.substr(0, colon));
    if (pending.size() < colon + 1 + size + 1) return false;
    const auto message = json::parse(pending.substr(colon + 1, size)).as_object();
    pending.erase(0, colon + 1 + size + 1);
    if (const auto* type = message.if_contains("type"); type && message.contains("event")) {
      std::lock_guard lock(mutex);
      events.emplace_back(type->as_string());
      changed.notify_all();
    }
    return true;
  }

  Poco::Net::StreamSocket socket;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> events;
  std::thread reader;
};

Phone::Phone(int control_port) : impl_(std::make_unique<Impl>()) {
  const Poco::Net::SocketAddress address("127.0.0.1", static_cast<Poco::UInt16>(control_port));
  const bool connected = waitFor(std::chrono::seconds(10), [&] {
    try {
      impl_->socket = Poco::Net::StreamSocket(address);
      return true;
    } catch (const Poco::Exception&) {
      return false;
    }
  });
  if (!connected) throw std::runtime_error("no phone answers on control port " + std::to_string(control_port));
  impl_->reader = std::thread([impl = impl_.get()] { impl->read(); });
}

Phone::~Phone() {
  try {
    impl_->socket.shutdown();
  } catch (const Poco::Exception&) {
    // It was closed from the other side.
  }
  impl_->reader.join();
}

void Phone::press(const std::string& command, const std::string& parameters) {
  json::object message{{"command", command}};
  if (!parameters.empty()) message["params"] = parameters;
  const std::string text = json::serialize(message);
  const std::string netstring = std::to_string(text.size()) + ":" + text + ",";
  impl_->socket.sendBytes(netstring.data(), static_cast<int>(netstring.size()));
}

bool Phone::waitForEvent(const std::string& type, std::chrono::milliseconds limit) {
  std::unique_lock lock(impl_->mutex);
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    while (!impl_->events.empty()) {
      const std::string event = impl_->events.front();
      impl_->events.pop_front();
      if (event == type) return true;
    }
    if (impl_->changed.wait_until(lock, end) == std::cv_status::timeout) return false;
  }
}

}  // namespace jackfield::tests
