// SPDX-License-Identifier: Apache-2.0
// Calls as people see them: the driver's call, and behind each device the person of the directory.
#ifndef JACKFIELD_SERVICES_CALL_DOCUMENTS_HPP
#define JACKFIELD_SERVICES_CALL_DOCUMENTS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include <jackfield/call_control.hpp>

namespace jackfield::services {

struct CallUser {
  std::string id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(CallUser, (), (id, name))

// A browser finds its own connection by the id of its session's user.
struct ConnectionView : call_control::Connection {
  std::optional<CallUser> user;
};
BOOST_DESCRIBE_STRUCT(ConnectionView, (call_control::Connection), (user))

struct CallView {
  std::string id;
  std::string request_id;
  std::int64_t created = 0;
  std::int64_t answered = 0;
  std::int64_t ended = 0;
  std::vector<ConnectionView> connections;
  std::string server;  // handle of the call server
};
BOOST_DESCRIBE_STRUCT(CallView, (), (id, request_id, created, answered, ended, connections, server))

// The data of an event of type "call".
struct CallEventView {
  call_control::EventType event = call_control::EventType::snapshot;
  std::string device;
  call_control::Cause cause = call_control::Cause::normal;
  call_control::Source source = call_control::Source::device;
  bool confirmed = true;
  CallView call;
};
BOOST_DESCRIBE_STRUCT(CallEventView, (), (event, device, cause, source, confirmed, call))

// "1001" of "sip:1001@site.test;transport=tcp" and of "tel:1001"; a device that is no URI is the extension itself.
std::string extensionOf(const std::string& device);

}  // namespace jackfield::services

#endif
