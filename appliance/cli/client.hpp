// SPDX-License-Identifier: Apache-2.0
// Talks to the API of a Jackfield: REST with a bearer token, and the event stream. One thread.
#ifndef JACKFIELD_CLI_CLIENT_HPP
#define JACKFIELD_CLI_CLIENT_HPP

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "cli/failure.hpp"
#include "cli/profile.hpp"

namespace Poco::Net {
class HTTPClientSession;
class HTTPRequest;
}  // namespace Poco::Net

namespace jackfield::cli {

using Query = std::vector<std::pair<std::string, std::string>>;

// A path below /api/v1 with its segments encoded: path("admin", "servers", handle).
template <class... Segments>
std::string path(const Segments&... segments);
std::string encodedPath(const std::vector<std::string>& segments);

class Client {
 public:
  // Throws Failure(usage) for an address that is not http or https, or plain http to another machine.
  explicit Client(Profile profile);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // `path` below /api/v1. Returns the document, null for an empty answer. Throws Failure(connection) when there is no
  // connection or no sign-in, and Failure(failed) with the problem document as sentences for anything else but 2xx.
  boost::json::value get(const std::string& path, const Query& query = {});
  boost::json::value post(const std::string& path, const boost::json::value& body, const Query& query = {});
  boost::json::value put(const std::string& path, const boost::json::value& body);
  boost::json::value patch(const std::string& path, const boost::json::value& body);
  void remove(const std::string& path, const Query& query = {});

  // Opens the event stream after `cursor` (empty: from now on) and hands each frame to `frame` until it returns false
  // or the server closes; returns false in the latter case.
  bool events(const std::string& cursor, const std::function<bool(const boost::json::object&)>& frame);

  const Profile& profile() const { return profile_; }
  void useToken(std::string token) { profile_.token = std::move(token); }

 private:
  boost::json::value exchange(const std::string& method, const std::string& path, const Query& query,
                              const boost::json::value* body);
  std::unique_ptr<Poco::Net::HTTPClientSession> connect() const;
  void authorize(Poco::Net::HTTPRequest& request) const;

  Profile profile_;
  std::string host_;
  unsigned short port_ = 0;
  bool tls_ = true;
  std::unique_ptr<Poco::Net::HTTPClientSession> session_;  // kept alive between requests
};

// The sentences of a problem document (RFC 9457); `status` when it is none.
std::string problemText(const boost::json::value& problem, int status);

template <class... Segments>
std::string path(const Segments&... segments) {
  return encodedPath({std::string(segments)...});
}

}  // namespace jackfield::cli

#endif
