// SPDX-License-Identifier: Apache-2.0
// What calls and their legs share: the endpoint, the rules, the way out, and where events go.
#ifndef JACKFIELD_CALL_SERVER_B2BUA_EXCHANGE_HPP
#define JACKFIELD_CALL_SERVER_B2BUA_EXCHANGE_HPP

#include <functional>
#include <map>
#include <random>
#include <string>

#include <jackfield/call_control.hpp>

#include "../sip/agent.hpp"
#include "passage.hpp"

namespace jackfield::calls {

namespace cc = jackfield::call_control;

// Where requests of our own go.
struct Target {
  std::string host;
  unsigned port = 5060;
  std::string transport = "udp";
  std::string uri(const std::string& user = {}) const;  // "sip:user@host:port;transport=..;lr"
  bool operator==(const Target&) const = default;
};

struct Rules {
  std::string domain;  // of the numbers that people dial
  TrustedPeers trusted;
  unsigned session_expires = 1800;  // seconds, RFC 4028
  unsigned min_se = 90;             // seconds
  // User part of the Route entry by which the call server goes on behind a phase; empty: without Route entry.
  std::string continue_originating = "after-orig";
  std::string continue_terminating = "after-term";
  std::size_t max_calls = 20000;
  unsigned ring_seconds = 120;  // how long makeCall lets the first phone ring
};

// Where the plugin's events and log lines go. emit() and resync() return false when the queue is full.
struct Sink {
  std::function<bool(const cc::EventMessage&)> emit;
  std::function<bool(const cc::Resync&)> resync;
  std::function<void(const std::string& code, const std::map<std::string, std::string>& arguments)> warn;
};

struct Exchange {
  sip::Agent& agent;
  Rules rules;
  Sink sink;
  std::function<Target()> outbound;  // the target in use; host empty: none answers
  std::function<bool()> link_up;     // so that a silent leg means something
  Correlation correlation{};
  std::mt19937 random{std::random_device{}()};
};

std::int64_t nowMs();  // since 1970

}  // namespace jackfield::calls

#endif
