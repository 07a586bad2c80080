// SPDX-License-Identifier: Apache-2.0
// One passage of a call through Jackfield: two legs, and all that travels between them. A call between two served
// users has two of them, one a phase; a call that Jackfield makes has one of its own.
#ifndef JACKFIELD_CALL_SERVER_B2BUA_SPAN_HPP
#define JACKFIELD_CALL_SERVER_B2BUA_SPAN_HPP

#include <list>
#include <memory>
#include <optional>
#include <string>

#include "leg.hpp"

namespace jackfield::calls {

class Span;

enum class Side { a, b };  // towards the caller, towards the called
constexpr Side other(Side side) {
  return side == Side::a ? Side::b : Side::a;
}

// What a passage tells its call. May be called from within the library's callbacks; the span lives until the next
// turn of the loop.
class SpanEvents {
 public:
  virtual ~SpanEvents() = default;
  virtual void spanProgress(Span& span, int status) = 0;
  virtual void spanOriginated(Span& span) = 0;  // made calls: the first phone has answered
  virtual void spanAnswered(Span& span) = 0;
  // True when it was news and has been told.
  virtual bool spanDeviceHold(Span& span, Side side, bool held) = 0;
  virtual void spanCommandDone(Span& span, bool done) = 0;  // of hold() and retrieve()
  virtual void spanChanged(Span& span) = 0;                 // the stored state is old
  virtual void spanEnded(Span& span, cc::Cause cause, cc::Source source) = 0;
  virtual void spanDrained(Span& span) = 0;  // after the end: nothing is under way any more
};

// A passage that rings as it lies on disk: enough to end it.
struct KeptRinging {
  std::string refuse, cancel;      // Inbound::leftover(), Outbound::leftover()
  std::optional<KeptLeg> hang_up;  // a made call's first phone that has answered
};
BOOST_DESCRIBE_STRUCT(KeptRinging, (), (refuse, cancel, hang_up))

struct KeptSpan {
  std::string user;   // address of record of the served user
  std::string phase;  // "originating", "terminating", "made"
  KeptLeg a, b;
};
BOOST_DESCRIBE_STRUCT(KeptSpan, (), (user, phase, a, b))

// The identities and ways of a call that Jackfield makes.
struct MadeCall {
  std::string first;        // address of record of the phone that rings first
  std::string destination;  // URI
  std::string caller;       // URI shown to the destination
  std::string caller_name;
  std::string destination_name;
};

class Span {
 public:
  Span(Exchange& exchange, SpanEvents& events, std::string call_id, Phase phase, bool made);

  // In the path: takes over the INVITE and sends it on.
  void open(std::shared_ptr<sip::Inbound> invite);
  void make(const MadeCall& call);
  void restore(const KeptSpan& kept, bool held);

  Phase phase() const { return phase_; }
  bool made() const { return made_; }
  bool answered() const { return a_.answered && b_.answered; }
  bool ended() const { return ended_; }
  bool held() const { return held_; }  // by Jackfield
  bool idle() const;
  std::string user;  // address of record of the served user

  // Commands; spanCommandDone() follows. `side` is the served party's.
  void hold(Side side);
  void retrieve(Side side);
  // Ends both legs, whatever their state. `who` gave up.
  void clear(Side who, cc::Cause cause, cc::Source source);
  // Asks both peers whether they still know the dialogs; `done` once, when both have said yes.
  void probe(std::function<void()> done);

  KeptSpan kept() const;
  // Some 18x has come, so that nobody else ends the phones if we vanish.
  bool ringing() const { return rang_ && !ended_ && !answered(); }
  KeptRinging keptRinging() const;
  static void endRinging(sip::Agent& agent, const KeptRinging& kept);

 private:
  struct Relay {
    std::shared_ptr<sip::Inbound> from;
    std::shared_ptr<sip::Outbound> to;
  };

  Leg& leg(Side side) { return side == Side::a ? a_ : b_; }
  void bind(Side side);
  sip::Content passOn(const sip::Message& message, Side from);
  std::string passDescription(const std::string& description, Side from);

  // span.cpp: the first INVITE
  void sendInvite(unsigned session_expires);
  void invited(const sip::Message& response);
  void relayProvisional(const sip::Message& response);
  void prack(const sip::Message& response, std::shared_ptr<sip::Inbound> from);
  void connected(const sip::Message& response);
  void callerCancelled(const sip::Message& cancel);
  void acked(Side side, const sip::Message* ack);

  // dialog.cpp: what comes inside the dialogs
  void request(Side side, std::shared_ptr<sip::Inbound> inbound);
  void reinvited(Side side, std::shared_ptr<sip::Inbound> inbound);
  void reinviteAnswered(Side side, bool offered, const sip::Message& response);
  void updated(Side side, std::shared_ptr<sip::Inbound> inbound);
  void relay(Side side, std::shared_ptr<sip::Inbound> inbound);
  void hungUp(Side side, const sip::Message& bye);
  bool watchHold(Side side, const std::string& offer);

  // commands.cpp
  void firstAnswered(const sip::Message& response);
  void callDestination();
  void destinationAnswered(const sip::Message& response);
  void joinFirst();
  void commandDone(bool done);
  void end(cc::Cause cause, cc::Source source);
  void drained();

  Exchange& exchange_;
  SpanEvents& events_;
  std::string call_id_;
  Phase phase_;
  bool made_;
  bool ended_ = false;
  bool held_ = false;
  bool rang_ = false;
  bool offered_ = false;  // the first INVITE carried the offer
  sip::Message first_;    // the INVITE that opened the passage, for another try of ours
  MadeCall plan_;
  std::unique_ptr<sip::Timer> guard_;
  std::list<Relay> relays_;
  Leg a_, b_;
};

// Why a call ended, from a response or from the Reason header of a BYE or CANCEL.
cc::Cause causeOf(const sip::Message& message);

}  // namespace jackfield::calls

#endif
