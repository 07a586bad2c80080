// SPDX-License-Identifier: Apache-2.0
// A program that uses Jackfield's API: requests with a bearer token and the event stream.
#ifndef JACKFIELD_TESTS_SUPPORT_API_CLIENT_HPP
#define JACKFIELD_TESTS_SUPPORT_API_CLIENT_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

namespace jackfield::tests {

struct Answer {
  int status = 0;
  boost::json::value body;  // null when there is none
};

class ApiClient {
 public:
  // Plain HTTP on 127.0.0.1.
  explicit ApiClient(int port, std::string token = {});
  // Takes a token for this person; throws std::runtime_error when refused.
  static ApiClient signIn(int port, const std::string& login, const std::string& password);

  Answer get(const std::string& path) const { return send("GET", path, nullptr); }
  Answer post(const std::string& path, const boost::json::value& body) const { return send("POST", path, body); }
  Answer put(const std::string& path, const boost::json::value& body) const { return send("PUT", path, body); }
  Answer patch(const std::string& path, const boost::json::value& body) const { return send("PATCH", path, body); }
  Answer remove(const std::string& path) const { return send("DELETE", path, nullptr); }

  int port() const { return port_; }
  const std::string& token() const { return token_; }

 private:
  Answer send(const std::string& method, const std::string& path, const boost::json::value& body) const;
  int port_;
  std::string token_;
};

// The event stream of one client, read on a thread of its own. After a lost connection it stays closed; a new one
// goes on from cursor().
class EventStream {
 public:
  explicit EventStream(const ApiClient& client, const std::string& cursor = {});
  ~EventStream();

  // The frames so far, "hello" left out.
  std::vector<boost::json::object> frames() const;
  std::string cursor() const;  // of the last frame
  bool open() const;
  // Waits until a frame satisfies the condition, among those that have come and those to come.
  bool waitForFrame(std::chrono::milliseconds limit, const std::function<bool(const boost::json::object&)>&) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace jackfield::tests

#endif
