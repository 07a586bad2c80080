// SPDX-License-Identifier: Apache-2.0
// Ringing calls and crashes: a transaction cannot be rebuilt, but it can be ended. What its end needs fits into the few
// header lines that are kept while it rings.
#include "core.hpp"

namespace jackfield::sip {
namespace {

template <class H>
std::string line(const char* name, const H* header) {
  return std::string(name) + ": " + fieldText(reinterpret_cast<const sip_header_t*>(header)) + "\r\n";
}

msg_t* parse(const std::string& text) {
  msg_t* msg =
      text.empty() ? nullptr : msg_make(sip_default_mclass(), 0, text.data(), static_cast<issize_t>(text.size()));
  const auto* sip = msg ? sip_object(msg) : nullptr;
  if (sip && sip->sip_request && sip->sip_via && sip->sip_via->v_branch && sip->sip_from && sip->sip_to &&
      sip->sip_call_id && sip->sip_cseq)
    return msg;
  if (msg) msg_destroy(msg);
  return nullptr;
}

}  // namespace

std::string InboundTransaction::leftover() const {
  msg_t* msg = nta_incoming_getrequest(irq);
  const auto* sip = msg ? sip_object(msg) : nullptr;
  if (!sip) return {};
  std::string out = message.method + " " + message.uri + " SIP/2.0\r\n";
  for (const auto* via = sip->sip_via; via; via = via->v_next) out += line("Via", via);
  const char* tag = nta_incoming_gettag(irq);
  std::string to = line("To", sip->sip_to);
  if (tag && !sip->sip_to->a_tag) to.insert(to.size() - 2, std::string(";tag=") + tag);
  out += line("From", sip->sip_from) + to + line("Call-ID", sip->sip_call_id) + line("CSeq", sip->sip_cseq);
  msg_destroy(msg);
  return out + "Content-Length: 0\r\n\r\n";
}

std::string OutboundTransaction::leftover() const {
  msg_t* msg = orq ? nta_outgoing_getrequest(orq) : nullptr;
  const auto* sip = msg ? sip_object(msg) : nullptr;
  std::string out;
  if (sip && sip->sip_via) {
    // RFC 3261 9.1: Request-URI, Call-ID, To, From, CSeq number, topmost Via and Route of the request.
    std::string target(2048, '\0');
    const auto size = url_e(target.data(), static_cast<isize_t>(target.size()), sip->sip_request->rq_url);
    if (size > 0 && static_cast<std::size_t>(size) < target.size()) {
      target.resize(static_cast<std::size_t>(size));
      out = "CANCEL " + target + " SIP/2.0\r\n" + line("Via", sip->sip_via);
      for (const auto* route = sip->sip_route; route; route = route->r_next) out += line("Route", route);
      out += line("From", sip->sip_from) + line("To", sip->sip_to) + line("Call-ID", sip->sip_call_id) +
             "CSeq: " + std::to_string(sip->sip_cseq->cs_seq) +
             " CANCEL\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    }
  }
  if (msg) msg_destroy(msg);
  return out;
}

void Agent::refuse(const std::string& leftover, int status) {
  if (msg_t* request = parse(leftover)) nta_msg_treply(core_->agent, request, status, nullptr, TAG_END());
}

void Agent::cancel(const std::string& leftover) {
  msg_t* request = parse(leftover);
  if (!request) return;
  const auto* sip = sip_object(request);
  auto* route = sip->sip_route ? reinterpret_cast<const url_string_t*>(sip->sip_route->r_url) : nullptr;
  const std::string branch = sip->sip_via->v_branch;
  auto* sent = nta_outgoing_mcreate(core_->agent, nullptr, nullptr, route, request, NTATAG_BRANCH_KEY(branch.c_str()),
                                    NTATAG_USER_VIA(1), TAG_END());
  if (sent)
    nta_outgoing_destroy(sent);
  else
    msg_destroy(request);
}

}  // namespace jackfield::sip
