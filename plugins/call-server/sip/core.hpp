// SPDX-License-Identifier: Apache-2.0
// Inside of sip/: the library's handles and the objects behind the interfaces of agent.hpp.
#ifndef JACKFIELD_CALL_SERVER_SIP_CORE_HPP
#define JACKFIELD_CALL_SERVER_SIP_CORE_HPP

#define SU_ROOT_MAGIC_T struct jackfield::sip::AgentCore
#define SU_WAKEUP_ARG_T struct jackfield::sip::Watch
#define SU_TIMER_ARG_T struct jackfield::sip::LibraryTimer
#define NTA_AGENT_MAGIC_T struct jackfield::sip::AgentCore
#define NTA_LEG_MAGIC_T struct jackfield::sip::LegOwner
#define NTA_OUTGOING_MAGIC_T struct jackfield::sip::OutboundTransaction
#define NTA_INCOMING_MAGIC_T struct jackfield::sip::InboundTransaction
#define NTA_RELIABLE_MAGIC_T struct jackfield::sip::InboundTransaction

namespace jackfield::sip {
struct AgentCore;
struct Watch;
struct LibraryTimer;
struct LegOwner;
struct OutboundTransaction;
struct InboundTransaction;
}  // namespace jackfield::sip

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_tag.h>
#include <sofia-sip/su_tagarg.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>

#include "agent.hpp"

namespace jackfield::sip {

struct Watch {
  AgentCore* core;
  su_wait_t wait[1];
  int index = -1;
  std::function<void()> ready;
};

struct AgentCore {
  AgentConfig config;
  su_root_t* root = nullptr;
  nta_agent_t* agent = nullptr;
  nta_leg_t* outside = nullptr;  // gets what belongs to no dialog
  std::unique_ptr<LegOwner> outside_owner;
  Agent::OnRequest on_request;
  Agent::OnFailure on_failure;
  std::vector<Listen> opened;  // with the real ports
  std::vector<std::unique_ptr<Watch>> watches;

  // The edge to the library: nothing thrown passes it.
  template <class F>
  void guarded(F&& call) noexcept {
    try {
      call();
    } catch (const std::exception& failed) {
      if (on_failure) on_failure(failed.what());
    } catch (...) {
      if (on_failure) on_failure("an unknown exception");
    }
  }

  const Listen& listener(const std::string& transport) const;
  std::string contact(const std::string& transport) const;
};

// What a leg of the library points to: the default leg or a dialog.
struct LegOwner {
  AgentCore& core;
  Agent::OnRequest on_request;
};

struct InboundTransaction final : Inbound {
  AgentCore& core;
  nta_incoming_t* irq;
  Message message;
  bool sent_final = false;
  std::function<void(const Message*)> on_ack;
  std::function<void(const Message&)> on_cancel;
  std::function<void(std::shared_ptr<Inbound>)> on_prack;
  nta_reliable_t* reliable = nullptr;

  InboundTransaction(AgentCore& owner, nta_incoming_t* transaction, Message read)
      : core(owner), irq(transaction), message(std::move(read)) {}
  ~InboundTransaction() override;

  const Message& request() const override { return message; }
  bool answered() const override { return sent_final; }
  std::string leftover() const override;
  void reply(int status, const std::string& phrase, const Content& content) override;
  bool replyReliably(int status, const std::string& phrase, const Content& content,
                     std::function<void(std::shared_ptr<Inbound>)> prack) override;
  void onAck(std::function<void(const Message*)> call) override { on_ack = std::move(call); }
  void onCancel(std::function<void(const Message&)> call) override { on_cancel = std::move(call); }

  bool wantsContact(int status) const;
  static int ackOrCancel(InboundTransaction* self, nta_incoming_t* irq, const sip_t* sip);
  static int prack(InboundTransaction* self, nta_reliable_t* rel, nta_incoming_t* irq, const sip_t* sip);
};

struct OutboundTransaction final : Outbound {
  AgentCore& core;
  nta_outgoing_t* orq = nullptr;
  Dialog::OnResponse on_response;
  bool done = false;

  OutboundTransaction(AgentCore& owner, Dialog::OnResponse call) : core(owner), on_response(std::move(call)) {}
  ~OutboundTransaction() override;
  std::uint32_t cseq() const override { return nta_outgoing_cseq(orq); }
  bool completed() const override { return done; }
  std::string leftover() const override;
  void cancel(const std::vector<Header>& headers) override;
  void acknowledged(std::uint32_t rseq) override { nta_outgoing_setrseq(orq, rseq); }

  static int response(OutboundTransaction* self, nta_outgoing_t* orq, const sip_t* sip);
};

// A request of the library to a leg of ours.
int receive(LegOwner* owner, nta_leg_t* leg, nta_incoming_t* irq, const sip_t* sip);
// "Name: value" lines for SIPTAG_HEADER_STR.
std::string headerText(const std::vector<Header>& headers);
// The payload of a content, in the transaction's own memory; null when empty.
sip_payload_t* payload(su_home_t* home, const Content& content);
sip_method_t methodOf(const std::string& name);

// convert.cpp: from the library's message to ours.
Message readMessage(const sip_t* sip);
Source readSource(const AgentCore& core, nta_incoming_t* irq);
std::string fieldText(const sip_header_t* header);

}  // namespace jackfield::sip

#endif
