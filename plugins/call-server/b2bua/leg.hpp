// SPDX-License-Identifier: Apache-2.0
// One side of a passage: dialog, session description, session timer (RFC 4028) and the transactions under way.
#ifndef JACKFIELD_CALL_SERVER_B2BUA_LEG_HPP
#define JACKFIELD_CALL_SERVER_B2BUA_LEG_HPP

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <boost/describe.hpp>

#include "exchange.hpp"
#include "sdp.hpp"

namespace jackfield::calls {

// A leg as it lies on disk. Absent members keep their defaults, which keeps the records short.
struct KeptLeg {
  std::string call_id, local, remote, target, transport;
  std::vector<std::string> routes;
  std::uint32_t local_seq = 0, remote_seq = 0;
  std::string received, sent;  // session descriptions; `sent` only when it is not what the other leg received
  bool restamps = false, caller = false, updates = false, timer = false, refresher = false;
  unsigned interval = 0;
};
BOOST_DESCRIBE_STRUCT(KeptLeg, (),
                      (call_id, local, remote, target, transport, routes, local_seq, remote_seq, received, sent,
                       restamps, caller, updates, timer, refresher, interval))

class Leg {
 public:
  using Done = std::function<void(const sip::Message& response)>;
  // The leg is dead: the peer does not know the dialog (`lost`) or its session ran out (`timeout`).
  using Dead = std::function<void(cc::Cause)>;

  Leg(Exchange& exchange, bool caller) : exchange_(exchange), caller_(caller) {}

  std::unique_ptr<sip::Dialog> dialog;
  std::shared_ptr<sip::Inbound> invite_in;    // from this peer, not yet finished
  std::shared_ptr<sip::Outbound> invite_out;  // to this peer, not yet finished
  std::uint32_t owed_ack = 0;                 // CSeq of our INVITE whose ACK waits for the answer of the other side
  std::string received;                       // last session description of the peer
  sdp::Origin sent;                           // last one to the peer
  bool answered = false;

  bool caller() const { return caller_; }
  bool inviting() const { return invite_in || invite_out; }
  // The phone declares that it answers when it is told to (Allow-Events: talk).
  bool talks() const { return talks_; }
  void onDead(Dead call) { dead_ = std::move(call); }
  // What a request or response of the peer tells about it.
  void learn(const sip::Message& message);

  // Adds what RFC 4028 wants to an INVITE or UPDATE of ours, and to our 2xx to one of the peer's.
  void offerSession(sip::Content& content, const sip::Message* passed = nullptr) const;
  void answerSession(sip::Content& content, const sip::Message& request);
  // Takes over what the peer's 2xx says, and starts the timer.
  void startSession(const sip::Message& response);
  // The peer wants sessions shorter than we allow: to be refused with 422.
  bool tooShort(const sip::Message& request) const;

  // A re-INVITE of our own. Waits for one that is under way, and waits out glare with the peer's (RFC 3261 14.1);
  // `done` gets the final response, ACKed if 2xx.
  void reinvite(std::string description, Done done);
  // Asks the peer whether it still has the dialog. Nothing is said while the link is down.
  void probe(std::function<void(bool alive)> done);
  void bye(const std::vector<sip::Header>& headers = {});
  // No timer and no callback any more; the dialog stays for what is under way.
  void quiet();

  // The dialog of a record; the numbers of its requests are beyond all that were used before.
  static sip::DialogState dialogOf(const KeptLeg& kept);
  KeptLeg kept(const Leg& other) const;
  void restore(const KeptLeg& kept, const KeptLeg& other);

 private:
  void arm();
  // Sends what only a peer that has the dialog answers with success: UPDATE where it is allowed, or else what was sent
  // last once more. OPTIONS is the last resort: a phone may answer it for a dialog that it has forgotten (RFC 3261
  // section 11.2 has the answer be the same as outside of one). `done` gets the final response,
  // unless what is returned is dropped before.
  std::shared_ptr<sip::Outbound> ask(const Done& done, int tries);
  void refresh();
  void refreshed(const sip::Message& response);
  bool gone(const sip::Message& response) const;

  struct Reinvite {
    std::string description;
    Done done;
    int tries = 0;  // how often glare is waited out
  };
  void queue(Reinvite next);
  void sendFirst();
  void waitOut(const sip::Message& glare);
  void finishFirst(const sip::Message& response);

  Exchange& exchange_;
  bool caller_;           // we sent the first INVITE and own the Call-ID
  bool updates_ = false;  // the peer allows UPDATE
  bool timer_ = false;    // the peer knows RFC 4028
  bool talks_ = false;
  bool refresher_ = true;
  unsigned interval_ = 0;
  std::int64_t refreshed_ = 0;
  Dead dead_;
  std::deque<Reinvite> reinvites_;  // the first is under way, or waits out glare
  std::unique_ptr<sip::Timer> session_, retry_;
  std::shared_ptr<sip::Outbound> refreshing_, probing_;
};

}  // namespace jackfield::calls

#endif
