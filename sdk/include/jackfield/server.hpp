// SPDX-License-Identifier: Apache-2.0
// The documents that every instance speaks: "server/1.state" (event), "server/1.test" (request) and
// "storage/1.load" (request of the plugin). sdk/schemas/server-1.json is the same in JSON Schema.
#ifndef JACKFIELD_SERVER_HPP
#define JACKFIELD_SERVER_HPP

#include <map>
#include <string>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json.hpp>

namespace jackfield::server {

enum class LinkState { connecting, connected, degraded, disconnected };
BOOST_DESCRIBE_ENUM(LinkState, connecting, connected, degraded, disconnected)

// "server/1.state": the state of the link to the far server. `reason` is one sentence, empty when connected.
struct State {
  LinkState state = LinkState::connecting;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(State, (), (state, reason))

enum class Severity { info, warning, error };
BOOST_DESCRIBE_ENUM(Severity, info, warning, error)

// One thing that *Test* found (INT-004): `item` names what was checked ("reachability", "TLS name", "bind").
struct Finding {
  Severity severity = Severity::info;
  std::string code;
  std::string item;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Finding, (), (severity, code, item, text))

// The reply to "server/1.test", always JF_OK: what fails is a finding of severity error.
struct TestResult {
  std::vector<Finding> findings;
};
BOOST_DESCRIBE_STRUCT(TestResult, (), (findings))

// "storage/1.load": the records that this instance kept under keys with this prefix. Replies come in parts.
struct Load {
  std::string prefix;
};
BOOST_DESCRIBE_STRUCT(Load, (), (prefix))

struct Records {
  std::map<std::string, boost::json::value> records;
};
BOOST_DESCRIBE_STRUCT(Records, (), (records))

}  // namespace jackfield::server

#endif
