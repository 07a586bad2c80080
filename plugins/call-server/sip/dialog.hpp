// SPDX-License-Identifier: Apache-2.0
// The dialog behind the interface in agent.hpp: a leg of the library, with the addresses that it does not give back.
#ifndef JACKFIELD_CALL_SERVER_SIP_DIALOG_HPP
#define JACKFIELD_CALL_SERVER_SIP_DIALOG_HPP

#include "core.hpp"

namespace jackfield::sip {

class LibraryDialog final : public Dialog {
 public:
  static std::unique_ptr<Dialog> create(AgentCore& core, const std::string& local, const std::string& remote);
  static std::unique_ptr<Dialog> accept(AgentCore& core, InboundTransaction& request);
  static std::unique_ptr<Dialog> restore(AgentCore& core, const DialogState& state);

  explicit LibraryDialog(AgentCore& core) : core_(core), owner_{core, {}} {}
  ~LibraryDialog() override;

  void onRequest(OnRequest call) override { owner_.on_request = std::move(call); }
  std::shared_ptr<Outbound> send(const std::string& method, const Content& content, OnResponse on_response) override;
  std::shared_ptr<Outbound> invite(const std::string& uri, const std::vector<std::string>& routes,
                                   const std::string& via_proxy, const Content& content, int max_forwards,
                                   OnResponse on_response) override;
  void ack(std::uint32_t cseq, const Content& content) override;
  void establish(const Message& response) override;
  bool established() const override { return established_; }
  DialogState state() const override;
  std::string callId() const override { return call_id_; }
  std::string localTag() const override;
  std::string remoteTag() const override;

 private:
  void moveTo(const std::string& remote_tag);

  AgentCore& core_;
  LegOwner owner_;
  nta_leg_t* leg_ = nullptr;
  std::string call_id_, local_, remote_;  // the addresses without tag
  std::string transport_ = "udp";
  bool established_ = false;
};

}  // namespace jackfield::sip

#endif
