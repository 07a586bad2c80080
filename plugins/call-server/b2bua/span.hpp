// SPDX-License-Identifier: Apache-2.0
// One passage of a call through Jackfield: two legs, and all that travels between them. A call between two served
// users has two of them, one a phase; a call that Jackfield makes has one of its own.
#ifndef JACKFIELD_CALL_SERVER_B2BUA_SPAN_HPP
#define JACKFIELD_CALL_SERVER_B2BUA_SPAN_HPP

#include <array>
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
  virtual void spanProgress(Span& span, Side side, int status) = 0;
  virtual void spanOriginated(Span& span) = 0;  // made calls: the first phone has answered
  virtual void spanAnswered(Span& span) = 0;
  // True when it was news and has been told.
  virtual bool spanDeviceHold(Span& span, Side side, bool held) = 0;
  virtual void spanCommandDone(Span& span, bool done) = 0;  // of hold(), retrieve(); of transfer() when it fails
  virtual void spanReleased(Span& span, const std::string& device) = 0;  // it has given its place to another
  // The served user's phone wants to transfer by its own key. Answers the REFER, or leaves it to be passed on: false.
  virtual bool spanRefers(Span& span, std::shared_ptr<sip::Inbound> refer) = 0;
  virtual void spanChanged(Span& span) = 0;  // the stored state is old
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
  std::string party_a, party_b;
  KeptLeg a, b;
};
BOOST_DESCRIBE_STRUCT(KeptSpan, (), (user, phase, party_a, party_b, a, b))

// The identities and ways of a call that Jackfield makes, or of the leg that takes the place of another.
struct MadeCall {
  std::string first;        // address of record of the phone that rings first; of transfers: who gives its place
  std::string destination;  // URI
  std::string caller;       // URI shown to the destination
  std::string caller_name;
  std::string destination_name;
};

class Span {
 public:
  // `number` is unique in the call.
  Span(Exchange& exchange, SpanEvents& events, Passed number, Phase phase, bool made);

  // In the path: takes over the INVITE and sends it on.
  void open(std::shared_ptr<sip::Inbound> invite);
  void make(const MadeCall& call);
  void restore(const KeptSpan& kept, bool held);

  Phase phase() const { return phase_; }
  bool made() const { return made_; }
  bool answered() const { return a_->answered && b_->answered; }
  bool ended() const { return ended_; }
  bool held() const { return held_; }  // by Jackfield
  bool idle() const;
  unsigned number() const { return name_.span; }
  std::string user;  // address of record of the served user; empty once it has given its place to another
  // The device behind a leg ('a', 'b', or 'n': about to take a place); empty when another passage of the call is there.
  std::string& party(char leg);
  std::string& party(Side side) { return party_[side == Side::a ? 0 : 1]; }

  // Commands; spanCommandDone() follows. `side` is the served party's.
  void hold(Side side);
  void retrieve(Side side);
  // The phone at `side` rings, and can be told to answer.
  bool rings(Side side) const;
  bool talks(Side side) const;
  void answer(Side side);
  // Calls the plan's destination for the other party and, once it rings or answers, hangs up on the party at `side`.
  void transfer(Side side, const MadeCall& plan);
  // The call that rings at `b` goes to the plan's destination instead; that phone falls silent.
  void deflect(const MadeCall& plan);
  // The party across `its_side` of another answered passage takes the place of the one at `side`; the other passage is
  // left with both legs of whoever gave way, to be cleared. False: a phone is changing its session just now.
  bool exchange(Side side, Span& another, Side its_side);
  // After it: the two parties get each other's descriptions.
  void connect(Side side) { join(other(side), false); }
  // From now on what becomes of a transfer is told to the phone at `side` that asked for it (RFC 3515).
  void report(Side side);
  void reported(int status, const std::string& phrase);
  // Goes on as a passage of another call.
  void move(SpanEvents& events, Passed number);
  // Whether the leg at `side` is that dialog, as its peer names it in Replaces (RFC 3891).
  bool is(Side side, const Replaces& dialog) const;
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

  Leg& leg(Side side) { return side == Side::a ? *a_ : *b_; }
  const Leg& constLeg(Side side) const { return side == Side::a ? *a_ : *b_; }
  // What a ringing phone can do, and where it is reached.
  void ringsAt(Leg& leg, const sip::Message& response);
  Passed passed(char leg) const { return {name_.call, name_.span, leg}; }
  void bind(Side side);
  sip::Content passOn(const sip::Message& message, Side from);
  std::string passDescription(const std::string& description, Side from);

  // span.cpp: the first INVITE
  void sendInvite(unsigned session_expires);
  void invited(const sip::Message& response);
  void relayProvisional(const sip::Message& response);
  void prack(Side to, const sip::Message& response, std::shared_ptr<sip::Inbound> from);
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
  bool call(Leg& leg, char name, const std::string& description, Leg::Done done);
  // `known`: the other party has heard already what `first` describes, so that only a change is news to it.
  void join(Side first, bool known);
  void commandDone(bool done);

  // transfer.cpp
  void release();
  void successorAnswers(const sip::Message& response);
  void leftBehind(const sip::Message& response);
  void dropSuccessor();

  void end(cc::Cause cause, cc::Source source);
  void drained();

  Exchange& exchange_;
  SpanEvents* events_;
  Passed name_;
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
  std::array<std::string, 2> party_;
  std::unique_ptr<Leg> a_, b_;
  // The leg that takes the place of the one at `next_side_` as soon as it rings, and the one that has gone.
  std::unique_ptr<Leg> next_, gone_;
  Side next_side_ = Side::a;
  std::string next_party_;
  std::function<void(int, const std::string&)> report_;
  std::shared_ptr<sip::Outbound> talk_;
};

// Why a call ended, from a response or from the Reason header of a BYE or CANCEL.
cc::Cause causeOf(const sip::Message& message);

}  // namespace jackfield::calls

#endif
