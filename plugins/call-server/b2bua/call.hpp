// SPDX-License-Identifier: Apache-2.0
// A call as ECMA-269 sees it: one document, whatever the passages below it, and the events that tell of its changes.
#ifndef JACKFIELD_CALL_SERVER_B2BUA_CALL_HPP
#define JACKFIELD_CALL_SERVER_B2BUA_CALL_HPP

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "span.hpp"

namespace jackfield::calls {

class Call;

class CallEvents {
 public:
  virtual ~CallEvents() = default;
  virtual void callSays(cc::EventMessage message, Call& call) = 0;
  // The call, if any, one of whose served users' phones names a dialog so; with that user.
  virtual std::pair<Call*, std::string> callOf(const Replaces& dialog) = 0;
  virtual void callFinished(Call& call) = 0;  // nothing of it is left; it is destroyed in the next turn of the loop
};

// What is written to disk: answered passages are rebuilt from it, ringing ones ended.
struct KeptCall {
  cc::Call call;
  std::vector<KeptSpan> spans;
  std::vector<KeptRinging> ringing;
  std::vector<std::string> held_by_device;
  std::vector<std::string> held_by_jackfield;
};
BOOST_DESCRIBE_STRUCT(KeptCall, (), (call, spans, ringing, held_by_device, held_by_jackfield))

// The commands that take a while.
enum class Verb { answer, hold, retrieve, transfer };
BOOST_DESCRIBE_ENUM(Verb, answer, hold, retrieve, transfer)

class Call final : public SpanEvents {
 public:
  Call(Exchange& exchange, CallEvents& events, std::string id);

  const std::string& id() const { return document_.id; }
  bool over() const { return document_.ended != 0; }
  // With the verbs of this moment.
  cc::Call document() const;

  // In the path. The first passage creates the parties, a later one of the terminating phase takes its place. Answers
  // the INVITE itself when it is a loop.
  // `from`: the leg of this call by which the request left.
  void pass(std::shared_ptr<sip::Inbound> invite, const ServedUser& served, const std::optional<Passed>& from);
  void make(const cc::MakeCall& request, const MadeCall& plan);

  // Commands. Throw Error(state, "sip.verb.refused") with the reason, Error(notFound) for an unknown device.
  void answer(const std::string& device);
  void hold(const std::string& device);
  void retrieve(const std::string& device);
  void clear(const std::string& device);  // empty: the whole call
  void transfer(const std::string& device, const std::string& destination);
  void deflect(const std::string& device, const std::string& destination);
  // The two other parties of this call and of another one of the device's; the other call becomes part of this one.
  void transferTo(const std::string& device, Call& another);
  // The served user whose phone names a dialog of this call so; empty when none does.
  std::string userOf(const Replaces& dialog) const;

  JsonText kept() const;  // null when nothing of it must survive
  void restore(const KeptCall& kept);
  // What restore() would find ringing is ended now.
  void silence() const;
  // Asks the peers of every passage; an event follows when all know the dialogs, or the end.
  void probe();
  cc::Event snapshot() const;

  void spanProgress(Span& span, Side side, int status) override;
  void spanOriginated(Span& span) override;
  void spanAnswered(Span& span) override;
  bool spanDeviceHold(Span& span, Side side, bool held) override;
  void spanCommandDone(Span& span, bool done) override;
  void spanReleased(Span& span, const std::string& device) override;
  bool spanRefers(Span& span, std::shared_ptr<sip::Inbound> refer) override;
  void spanChanged(Span& span) override;
  void spanEnded(Span& span, cc::Cause cause, cc::Source source) override;
  void spanDrained(Span& span) override;

 private:
  struct Command {
    std::string device;
    Verb verb = Verb::hold;
    std::string destination;  // of a transfer
  };

  Span& addSpan(Phase phase, bool made);
  void progress(Span& span, Side side, int status);
  std::size_t ringing() const;
  std::size_t addParty(const std::string& uri, const std::string& name, cc::Role role, bool served);
  cc::Connection* find(const std::string& device);
  cc::Connection* partyAt(Span& span, Side side);
  Span* spanOf(const std::string& device) const;
  // What is done to one span may add another; this list stays as it is.
  std::vector<Span*> presentSpans() const;
  Side sideOf(const Span& span) const { return span.phase() == Phase::originating ? Side::a : Side::b; }
  bool loops(const ServedUser& served) const;
  void joins(Span& span, const ServedUser& served, const std::optional<Passed>& from);
  void divert(const Span& newcomer);
  // Throws Error(invalid, "sip.number.self") when that device takes part already.
  void expectOutside(const std::string& device) const;
  void adopt(Call& another, const std::string& device);
  void leave(Span& last);
  void enter(cc::Connection& party, cc::ConnectionState state, cc::Cause cause = cc::Cause::normal);
  void settle(cc::Connection& party);
  void describeVerbs(cc::Connection& party) const;
  void describeRinging(cc::Connection& party, const Span& span) const;
  cc::Event event(cc::EventType type, const std::string& device, cc::Cause cause, cc::Source source) const;
  void say(cc::EventType type, const std::string& device, cc::Cause cause = cc::Cause::normal,
           cc::Source source = cc::Source::device);
  void send(std::vector<cc::Event> events);
  cc::Connection& commandable(const std::string& device, const std::string& verb);

  Exchange& exchange_;
  CallEvents& events_;
  cc::Call document_;
  std::vector<std::unique_ptr<Span>> spans_;
  std::set<std::string> held_by_device_, held_by_jackfield_;
  std::unique_ptr<Command> command_;
  unsigned last_span_ = 0;
  bool on_disk_ = false;
  std::size_t ringing_on_disk_ = 0;
};

}  // namespace jackfield::calls

#endif
