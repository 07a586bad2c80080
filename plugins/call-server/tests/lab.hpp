// SPDX-License-Identifier: Apache-2.0
// A switchboard between real SIP endpoints on loopback, all in the test's own thread: the call server in front (it
// names the served user) and the phones behind are agents of the test.
#ifndef JACKFIELD_CALL_SERVER_TESTS_LAB_HPP
#define JACKFIELD_CALL_SERVER_TESTS_LAB_HPP

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <jackfield/json.hpp>

#include "b2bua/switchboard.hpp"

namespace jackfield::calls::tests {

using namespace std::chrono_literals;

inline const std::string caller_sdp =
    "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 0\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:secret\r\nm=video 4002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n"
    "m=image 4004 udptl t38\r\na=T38FaxVersion:0\r\n";
inline const std::string called_sdp =
    "v=0\r\no=b 7 3 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/SAVP 0\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:other\r\nm=video 0 RTP/AVP 99\r\nm=image 0 udptl t38\r\n";

// One end of a call, driven by the test.
struct End {
  std::unique_ptr<sip::Dialog> dialog;
  std::shared_ptr<sip::Inbound> invite;  // as it came
  std::shared_ptr<sip::Outbound> sent;
  std::vector<sip::Message> responses;    // to `sent`
  std::vector<sip::Message> requests;     // inside the dialog
  std::shared_ptr<sip::Inbound> pending;  // the last of them, when `answers` is false
  bool answers = true;                    // requests inside the dialog by 200
  int status = 200;                       // of those answers
  std::string sdp;
  bool acked = false, cancelled = false;

  int lastStatus() const { return responses.empty() ? 0 : responses.back().status; }
  bool got(const std::string& method) const {
    for (const auto& r : requests) {
      if (r.method == method) return true;
    }
    return false;
  }
  const sip::Message& last(const std::string& method) const {
    static const sip::Message none;
    const auto found =
        std::find_if(requests.rbegin(), requests.rend(), [&](const auto& request) { return request.method == method; });
    return found != requests.rend() ? *found : none;
  }
};

class Lab : public testing::Test {
 protected:
  explicit Lab(unsigned t1_ms = 100);

  // Turns all loops until it holds; false after 10 s.
  bool until(const std::function<bool()>& holds, std::chrono::milliseconds limit = 10s);
  // Gives everything time to happen that may.
  void settle(std::chrono::milliseconds time = 200ms);

  // A call of `from` that the call server sends to Jackfield in that phase; it comes out at called().
  End& place(const std::string& from, const std::string& to, const std::string& phase = "orig",
             std::vector<sip::Header> more = {}, const std::string& sdp = caller_sdp);
  // The newest INVITE that came out behind Jackfield.
  End& called();
  void ring(End& end) { end.invite->reply(180); }
  void answer(End& end, const std::string& sdp = called_sdp);
  void refuse(End& end, int status) { end.invite->reply(status); }
  // A whole call up to the answer; returns the caller's end, called() is the other.
  End& talk(const std::string& sdp = caller_sdp);
  void request(End& end, const std::string& method, const std::string& sdp = {}, std::vector<sip::Header> headers = {});

  const cc::Call& call() const { return events.back().call; }
  const cc::Connection& party(const std::string& number) const;
  std::string stateOf(const std::string& number) const { return nameOf(party(number).state); }
  bool saw(cc::EventType type, const std::string& number) const;
  cc::CallCommand command(const std::string& number) const { return {"", call().id, "sip:" + number + "@site.test"}; }
  // A new process: what was kept is all there is.
  void crash();

  Rules rules;
  std::unique_ptr<sip::Agent> front;  // the call server, or phones
  std::unique_ptr<sip::Agent> agent;  // Jackfield's
  std::unique_ptr<Switchboard> board;
  std::vector<cc::Event> events;
  std::map<std::string, boost::json::value> kept;
  std::vector<cc::Resync> resyncs;
  std::vector<std::string> warnings;
  std::vector<std::string> faults;
  std::vector<std::unique_ptr<End>> ends_behind, ends_before;
  std::function<void(End&)> on_called;  // at once when an INVITE comes out
  bool full = false;
  bool link_up = true;
  unsigned t1_ms_;

  void startJackfield(unsigned port);
  std::string frontAddress() const { return front->address("udp"); }

 private:
  void within(End& end, std::shared_ptr<sip::Inbound> inbound);
};

}  // namespace jackfield::calls::tests

#endif
