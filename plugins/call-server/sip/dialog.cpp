// SPDX-License-Identifier: Apache-2.0
// Dialogs: opening, requests inside, and the state that survives a crash.
#include "dialog.hpp"

#include <jackfield/error.hpp>

namespace jackfield::sip {
namespace {

// The transport that a URI asks for.
std::string transportOf(std::string_view uri) {
  const auto at = uri.find("transport=");
  if (at == std::string_view::npos) return uri.substr(0, 5) == "sips:" || uri.find("<sips:") == 0 ? "tls" : "udp";
  auto value = uri.substr(at + 10);
  std::string out(value.substr(0, value.find_first_of(";>? ")));
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string joined(const std::vector<std::string>& routes) {
  std::string out;
  for (const auto& route : routes) out += (out.empty() ? "" : ", ") + route;
  return out;
}

std::string uriOf(const std::string& route) {
  const auto open = route.find('<');
  const auto close = route.find('>', open);
  return open == std::string::npos || close == std::string::npos ? route : route.substr(open + 1, close - open - 1);
}

bool opensTarget(const std::string& method) {
  return method == "INVITE" || method == "UPDATE" || method == "REFER" || method == "SUBSCRIBE" || method == "NOTIFY";
}

// Memory of the library for the length of a call.
struct Home {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  Home() { su_home_init(home); }
  ~Home() { su_home_deinit(home); }
};

}  // namespace

std::unique_ptr<Dialog> LibraryDialog::create(AgentCore& core, const std::string& local, const std::string& remote) {
  auto dialog = std::make_unique<LibraryDialog>(core);
  dialog->local_ = local;
  dialog->remote_ = remote;
  dialog->leg_ = nta_leg_tcreate(core.agent, &receive, &dialog->owner_, SIPTAG_FROM_STR(local.c_str()),
                                 SIPTAG_TO_STR(remote.c_str()), TAG_END());
  if (!dialog->leg_) throw Error(Status::invalid, "sip.dialog.damaged", "From or To is no SIP address");
  nta_leg_tag(dialog->leg_, nullptr);
  return dialog;
}

std::unique_ptr<Dialog> LibraryDialog::accept(AgentCore& core, InboundTransaction& request) {
  auto dialog = std::make_unique<LibraryDialog>(core);
  msg_t* msg = nta_incoming_getrequest(request.irq);
  const auto* sip = sip_object(msg);
  dialog->leg_ =
      nta_leg_tcreate(core.agent, &receive, &dialog->owner_, SIPTAG_CALL_ID(sip->sip_call_id), SIPTAG_FROM(sip->sip_to),
                      SIPTAG_TO(sip->sip_from), NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END());
  if (!dialog->leg_) {
    msg_destroy(msg);
    throw Error(Status::invalid, "sip.dialog.damaged", "the request opens no dialog");
  }
  nta_leg_server_route(dialog->leg_, sip->sip_record_route, sip->sip_contact);
  nta_incoming_tag(request.irq, nta_leg_tag(dialog->leg_, nullptr));
  dialog->local_ = fieldText(reinterpret_cast<const sip_header_t*>(sip->sip_to));
  dialog->remote_ = formatAddress(request.message.from.display, request.message.from.uri);
  dialog->call_id_ = request.message.call_id;
  dialog->transport_ = request.message.source.transport;
  dialog->established_ = true;
  msg_destroy(msg);
  return dialog;
}

std::unique_ptr<Dialog> LibraryDialog::restore(AgentCore& core, const DialogState& state) {
  auto dialog = std::make_unique<LibraryDialog>(core);
  const std::string seq = std::to_string(state.local_seq) + " OPTIONS";
  dialog->leg_ = nta_leg_tcreate(core.agent, &receive, &dialog->owner_, SIPTAG_CALL_ID_STR(state.call_id.c_str()),
                                 SIPTAG_FROM_STR(state.local.c_str()), SIPTAG_TO_STR(state.remote.c_str()),
                                 SIPTAG_CSEQ_STR(seq.c_str()), NTATAG_REMOTE_CSEQ(state.remote_seq), TAG_END());
  const Home memory;
  auto* home = const_cast<su_home_t*>(memory.home);
  const std::string target = "<" + state.target + ">";
  auto* contact = sip_contact_make(home, target.c_str());
  auto* routes = state.routes.empty() ? nullptr : sip_record_route_make(home, joined(state.routes).c_str());
  if (!dialog->leg_ || !contact || (!state.routes.empty() && !routes) || dialog->localTag().empty())
    throw Error(Status::invalid, "sip.dialog.damaged", "the stored state of a dialog does not parse");
  // server_route for both directions: it keeps the order and sees the loose-route mark.
  nta_leg_server_route(dialog->leg_, routes, contact);
  dialog->call_id_ = state.call_id;
  dialog->local_ = state.local;
  dialog->remote_ = state.remote;
  dialog->transport_ = state.transport;
  dialog->established_ = true;
  return dialog;
}

LibraryDialog::~LibraryDialog() {
  if (leg_) nta_leg_destroy(leg_);
}

std::string LibraryDialog::localTag() const {
  const char* tag = nta_leg_get_tag(leg_);
  return tag ? tag : "";
}

std::string LibraryDialog::remoteTag() const {
  const char* tag = nta_leg_get_rtag(leg_);
  return tag ? tag : "";
}

std::shared_ptr<Outbound> LibraryDialog::send(const std::string& method, const Content& content,
                                              OnResponse on_response) {
  auto sent = std::make_shared<OutboundTransaction>(core_, std::move(on_response));
  const std::string headers = headerText(content.headers);
  const std::string contact = "<" + core_.contact(transport_) + ">";
  const Home memory;
  auto* body = payload(const_cast<su_home_t*>(memory.home), content);
  sent->orq =
      nta_outgoing_tcreate(leg_, &OutboundTransaction::response, sent.get(), nullptr, methodOf(method), method.c_str(),
                           nullptr, TAG_IF(opensTarget(method), SIPTAG_CONTACT_STR(contact.c_str())),
                           SIPTAG_USER_AGENT_STR(core_.config.user_agent.c_str()),
                           TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
                           TAG_IF(body, SIPTAG_CONTENT_TYPE_STR(content.content_type.c_str())),
                           TAG_IF(body, SIPTAG_PAYLOAD(body)), TAG_END());
  return sent->orq ? sent : nullptr;
}

std::shared_ptr<Outbound> LibraryDialog::invite(const std::string& uri, const std::vector<std::string>& routes,
                                                const std::string& via_proxy, const Content& content, int max_forwards,
                                                OnResponse on_response) {
  auto sent = std::make_shared<OutboundTransaction>(core_, std::move(on_response));
  const std::string headers = headerText(content.headers);
  const std::string next = !routes.empty() ? uriOf(routes.front()) : via_proxy;
  transport_ = transportOf(next.empty() ? uri : next);
  const std::string contact = "<" + core_.contact(transport_) + ">";
  const std::string route = joined(routes);
  const std::string hops = std::to_string(max_forwards);
  const Home memory;
  auto* body = payload(const_cast<su_home_t*>(memory.home), content);
  sent->orq = nta_outgoing_tcreate(
      leg_, &OutboundTransaction::response, sent.get(), next.empty() ? nullptr : URL_STRING_MAKE(next.c_str()),
      SIP_METHOD_INVITE, URL_STRING_MAKE(uri.c_str()), TAG_IF(!route.empty(), SIPTAG_ROUTE_STR(route.c_str())),
      SIPTAG_CONTACT_STR(contact.c_str()), SIPTAG_MAX_FORWARDS_STR(hops.c_str()),
      TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
      TAG_IF(body, SIPTAG_CONTENT_TYPE_STR(content.content_type.c_str())), TAG_IF(body, SIPTAG_PAYLOAD(body)),
      TAG_END());
  if (!sent->orq) return nullptr;
  msg_t* msg = nta_outgoing_getrequest(sent->orq);
  call_id_ = sip_object(msg)->sip_call_id->i_id;
  msg_destroy(msg);
  return sent;
}

void LibraryDialog::ack(std::uint32_t cseq, const Content& content) {
  const std::string seq = std::to_string(cseq) + " ACK";
  const std::string headers = headerText(content.headers);
  const Home memory;
  auto* body = payload(const_cast<su_home_t*>(memory.home), content);
  auto* sent =
      nta_outgoing_tcreate(leg_, nullptr, nullptr, nullptr, SIP_METHOD_ACK, nullptr, SIPTAG_CSEQ_STR(seq.c_str()),
                           TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
                           TAG_IF(body, SIPTAG_CONTENT_TYPE_STR(content.content_type.c_str())),
                           TAG_IF(body, SIPTAG_PAYLOAD(body)), TAG_END());
  if (sent) nta_outgoing_destroy(sent);
}

void LibraryDialog::moveTo(const std::string& remote_tag) {
  const std::string call_id = callId(), local = local_ + ";tag=" + localTag();
  const std::string seq = std::to_string(nta_leg_get_seq(leg_)) + " INVITE";
  nta_leg_destroy(leg_);
  leg_ = nta_leg_tcreate(core_.agent, &receive, &owner_, SIPTAG_CALL_ID_STR(call_id.c_str()),
                         SIPTAG_FROM_STR(local.c_str()), SIPTAG_TO_STR(remote_.c_str()), SIPTAG_CSEQ_STR(seq.c_str()),
                         TAG_END());
  nta_leg_rtag(leg_, remote_tag.c_str());
}

void LibraryDialog::establish(const Message& response) {
  const bool refresh = response.request() || (established_ && remoteTag() == response.to.tag);
  if (!refresh && !response.to.tag.empty()) {
    if (remoteTag().empty())
      nta_leg_rtag(leg_, response.to.tag.c_str());
    else if (remoteTag() != response.to.tag)
      moveTo(response.to.tag);
  }
  const Home memory;
  auto* home = const_cast<su_home_t*>(memory.home);
  const std::string target = "<" + response.contact + ">";
  auto* contact = response.contact.empty() ? nullptr : sip_contact_make(home, target.c_str());
  auto* record = response.routes.empty() ? nullptr : sip_record_route_make(home, joined(response.routes).c_str());
  if (response.request())
    nta_leg_server_route(leg_, nullptr, contact);  // a target refresh by the peer
  else
    nta_leg_client_reroute(leg_, refresh ? nullptr : record, contact, !refresh);
  if (response.request() || !response.to.tag.empty()) established_ = true;
}

DialogState LibraryDialog::state() const {
  DialogState out;
  out.call_id = call_id_;
  const auto tagged = [](const std::string& address, const std::string& tag) {
    return tag.empty() || address.find(";tag=") != std::string::npos ? address : address + ";tag=" + tag;
  };
  out.local = tagged(local_, localTag());
  out.remote = tagged(remote_, remoteTag());
  out.local_seq = nta_leg_get_seq(leg_);
  out.remote_seq = nta_leg_get_rseq(leg_);
  const sip_route_t* routes = nullptr;
  const sip_contact_t* target = nullptr;
  nta_leg_get_route(leg_, &routes, &target);
  for (; routes; routes = routes->r_next)
    out.routes.push_back(fieldText(reinterpret_cast<const sip_header_t*>(routes)));
  if (target) out.target = uriOf(fieldText(reinterpret_cast<const sip_header_t*>(target)));
  out.transport = transport_;
  return out;
}

}  // namespace jackfield::sip
