// SPDX-License-Identifier: Apache-2.0
// All calls: finds the one that a request or command is for, keeps what is told to the host in order, and brings calls
// back after a crash. Runs on the loop's thread alone.
#ifndef JACKFIELD_CALL_SERVER_B2BUA_SWITCHBOARD_HPP
#define JACKFIELD_CALL_SERVER_B2BUA_SWITCHBOARD_HPP

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "call.hpp"

namespace jackfield::calls {

class Switchboard final : public CallEvents {
 public:
  Switchboard(sip::Agent& agent, Rules rules, Sink sink, std::function<Target()> outbound,
              std::function<bool()> link_up);

  // Requests outside of dialogs. Until open() every one gets 503, so that the call server routes round us.
  void receive(std::shared_ptr<sip::Inbound> inbound);
  void open() { open_ = true; }
  // Before the agent stops: talking calls are left to the next start, what rings is ended, for nobody else would.
  void close();

  cc::Accepted makeCall(const cc::MakeCall& request);
  cc::Accepted answerCall(const cc::CallCommand& request);
  cc::Accepted holdCall(const cc::CallCommand& request);
  cc::Accepted retrieveCall(const cc::CallCommand& request);
  cc::Accepted clearConnection(const cc::CallCommand& request);
  cc::Accepted clearCall(const cc::CallCommand& request);
  cc::Accepted deflectCall(const cc::DeflectCall& request);
  cc::Accepted singleStepTransferCall(const cc::SingleStepTransferCall& request);
  cc::Accepted transferCall(const cc::TransferCall& request);
  cc::Call snapshotCall(const cc::CallCommand& request);

  // Records of "storage/1.load", in as many parts as they come. A damaged one is logged and dropped.
  void restore(const std::string& key, const boost::json::value& record);
  // All calls to the host, part by part; goes on in writable() when its queue is full.
  void resync();
  // The link came up: what ended meanwhile is found.
  void probeAll();
  void writable();

  std::size_t size() const { return calls_.size(); }

  void callSays(cc::EventMessage message, Call& call) override;
  std::pair<Call*, std::string> callOf(const Replaces& dialog) override;
  void callFinished(Call& call) override;

 private:
  Call& get(const std::string& id);
  Call& add(const std::string& id);
  void invited(std::shared_ptr<sip::Inbound> inbound);
  void forget(const std::string& key);
  void resyncOn();
  void probeOn();
  void remember(const std::string& request_id, const std::string& call);
  std::string dialled(const std::string& number, const std::string& field) const;
  template <class F>
  cc::Accepted command(const cc::CallCommand& request, F act);

  Exchange exchange_;
  std::unordered_map<std::string, std::unique_ptr<Call>> calls_;
  std::vector<std::unique_ptr<Call>> finished_;
  std::unique_ptr<sip::Timer> sweep_;
  std::unordered_map<std::string, std::string> requests_;  // request id -> call
  std::deque<std::string> request_order_;
  // What the full queue did not take, the newest only: events are whole calls, and of a record the last one counts.
  std::unordered_map<std::string, cc::EventMessage> waiting_;
  std::vector<std::string> resync_left_;  // calls of the parts to come, the next one last
  std::uint32_t resync_part_ = 0;
  bool resync_waits_ = false;  // its last part is not sent yet
  std::unique_ptr<sip::Timer> resync_turn_;
  std::vector<std::string> probe_left_;  // calls still to be probed
  std::unique_ptr<sip::Timer> probe_turn_;
  bool open_ = false;
};

}  // namespace jackfield::calls

#endif
