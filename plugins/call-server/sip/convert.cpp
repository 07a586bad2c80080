// SPDX-License-Identifier: Apache-2.0
// From the library's parsed message to plain types.
#include <array>
#include <cstring>

#include <strings.h>

#include "core.hpp"

namespace jackfield::sip {
namespace {

std::string text(const char* value) {
  return value ? value : "";
}

std::string unquote(const char* display) {
  if (!display) return {};
  const std::string_view in(display);
  if (in.size() < 2 || in.front() != '"') return headerSafe(in);
  std::string out;
  for (std::size_t i = 1; i + 1 < in.size(); ++i) {
    if (in[i] == '\\' && i + 2 < in.size()) ++i;
    out += in[i];
  }
  return headerSafe(out);
}

std::string urlText(const url_t* url) {
  std::array<char, 512> small;
  const auto size = url_e(small.data(), small.size(), url);
  if (size >= 0 && static_cast<std::size_t>(size) < small.size()) return std::string(small.data(), size);
  std::string large(static_cast<std::size_t>(size < 0 ? 0 : size) + 1, '\0');
  url_e(large.data(), large.size(), url);
  large.resize(std::strlen(large.c_str()));
  return large;
}

Address address(const sip_addr_t* a) {
  return a ? Address{unquote(a->a_display), urlText(a->a_url), text(a->a_tag)} : Address{};
}

// What belongs to the hop or to the dialog; the other leg has its own.
bool ofTheHop(const msg_hclass_t* c) {
  static const msg_hclass_t* const classes[] = {sip_request_class,
                                                sip_status_class,
                                                sip_via_class,
                                                sip_route_class,
                                                sip_record_route_class,
                                                sip_max_forwards_class,
                                                sip_call_id_class,
                                                sip_cseq_class,
                                                sip_from_class,
                                                sip_to_class,
                                                sip_contact_class,
                                                sip_content_length_class,
                                                sip_content_type_class,
                                                sip_payload_class,
                                                sip_separator_class,
                                                sip_error_class,
                                                sip_session_expires_class,
                                                sip_min_se_class,
                                                sip_rack_class,
                                                sip_rseq_class,
                                                sip_supported_class,
                                                sip_require_class,
                                                sip_proxy_require_class,
                                                sip_path_class,
                                                sip_service_route_class,
                                                sip_timestamp_class};
  for (const auto* known : classes) {
    if (c == known) return true;
  }
  return false;
}

// Option tags that this leg ends itself; the others travel.
bool ofTheLeg(std::string_view option) {
  for (const std::string_view own : {"timer", "replaces", "path", "outbound", "gruu"}) {
    if (option.size() == own.size() && strncasecmp(option.data(), own.data(), own.size()) == 0) return true;
  }
  return false;
}

bool readOptions(Message& out, const char* name, const msg_list_t* list) {
  std::string value;
  bool timer = false;
  for (; list; list = reinterpret_cast<const msg_list_t*>(list->k_next)) {
    if (!list->k_items) continue;
    for (const auto* item = list->k_items; *item; ++item) {
      if (strcasecmp(*item, "timer") == 0) timer = true;
      if (strcasecmp(*item, "100rel") == 0) out.supports_100rel = true;
      if (!ofTheLeg(*item)) value += (value.empty() ? "" : ", ") + headerSafe(*item);
    }
  }
  if (!value.empty()) out.headers.push_back({name, value});
  return timer;
}

void readHeaders(Message& out, const sip_header_t* first) {
  for (const auto* h = first; h; h = reinterpret_cast<const sip_header_t*>(h->sh_succ)) {
    const auto* c = h->sh_class;
    if (ofTheHop(c)) continue;
    if (c == sip_unknown_class) {
      const std::string name = text(h->sh_unknown->un_name);
      const std::string value = headerSafe(text(h->sh_unknown->un_value));
      if (strcasecmp(name.c_str(), "P-Served-User") == 0)
        out.served_user = value;
      else if (strcasecmp(name.c_str(), "X-Jackfield-Call") == 0)
        out.correlation = value;
      else
        out.headers.push_back({name, value});
    } else if (c->hc_name && *c->hc_name) {
      const std::string value = fieldText(h);
      if (c == sip_reason_class) out.q850 = value;
      out.headers.push_back({c->hc_name, value});
    }
  }
}

}  // namespace

std::string fieldText(const sip_header_t* header) {
  std::array<char, 512> small;
  const auto* h = reinterpret_cast<const msg_header_t*>(header);
  auto size = msg_header_field_e(small.data(), small.size(), h, 0);
  if (size < 0) return {};
  if (static_cast<std::size_t>(size) < small.size()) return headerSafe({small.data(), static_cast<std::size_t>(size)});
  std::string large(static_cast<std::size_t>(size) + 1, '\0');
  size = msg_header_field_e(large.data(), large.size(), h, 0);
  large.resize(static_cast<std::size_t>(size));
  return headerSafe(large);
}

Message readMessage(const sip_t* sip) {
  Message out;
  if (sip->sip_request) {
    out.method = text(sip->sip_request->rq_method_name);
    out.uri = urlText(sip->sip_request->rq_url);
  } else if (sip->sip_status) {
    out.status = sip->sip_status->st_status;
    out.phrase = headerSafe(text(sip->sip_status->st_phrase));
    if (sip->sip_cseq) out.method = text(sip->sip_cseq->cs_method_name);
  }
  out.local = nta_sip_is_internal(sip) != 0;
  out.from = address(sip->sip_from);
  out.to = address(sip->sip_to);
  if (sip->sip_call_id) out.call_id = text(sip->sip_call_id->i_id);
  if (sip->sip_cseq) out.cseq = sip->sip_cseq->cs_seq;
  if (sip->sip_rseq && sip_has_feature(sip->sip_require, "100rel")) out.rseq = sip->sip_rseq->rs_response;
  if (sip->sip_contact && sip->sip_contact->m_url->url_type != url_any) out.contact = urlText(sip->sip_contact->m_url);
  if (sip->sip_max_forwards) out.max_forwards = static_cast<int>(sip->sip_max_forwards->mf_count);
  for (const auto* r = sip->sip_route; r; r = r->r_next)
    out.routes.push_back(fieldText(reinterpret_cast<const sip_header_t*>(r)));
  for (const auto* a = reinterpret_cast<const msg_list_t*>(sip->sip_allow); a; a = a->k_next) {
    for (auto* item = a->k_items; item && *item; ++item) out.allow.emplace_back(*item);
  }
  if (sip->sip_content_type) out.content_type = fieldText(reinterpret_cast<const sip_header_t*>(sip->sip_content_type));
  if (sip->sip_payload && sip->sip_payload->pl_data)
    out.body.assign(sip->sip_payload->pl_data, sip->sip_payload->pl_len);
  if (sip->sip_session_expires)
    out.session_expires = SessionExpires{static_cast<unsigned>(sip->sip_session_expires->x_delta),
                                         text(sip->sip_session_expires->x_refresher)};
  if (sip->sip_min_se) out.min_se = static_cast<unsigned>(sip->sip_min_se->min_delta);
  const sip_header_t* first = sip->sip_request ? reinterpret_cast<const sip_header_t*>(sip->sip_request)
                                               : reinterpret_cast<const sip_header_t*>(sip->sip_status);
  readHeaders(out, first);
  out.supports_timer = readOptions(out, "Supported", sip->sip_supported);
  out.supports_timer |= readOptions(out, "Require", sip->sip_require);
  return out;
}

Source readSource(const AgentCore& core, nta_incoming_t* irq) {
  Source out;
  msg_t* msg = nta_incoming_getrequest(irq);
  if (!msg) return out;
  std::array<char, 64> host{};
  const auto* from = msg_addr(msg);
  su_inet_ntop(from->su_family, SU_ADDR(from), host.data(), host.size());
  out.host = host.data();
  out.port = ntohs(from->su_port);
  if (auto* transport = nta_incoming_transport(core.agent, irq, msg)) {
    const auto* name = tport_name(transport);
    out.transport = text(name->tpn_proto);
    if (tport_has_tls(transport)) {
      if (const auto* names = tport_delivered_from_subjects(transport, msg)) {
        for (unsigned i = 0; i < su_strlst_len(names); ++i) out.certificates.push_back(text(su_strlst_item(names, i)));
      }
    }
    tport_unref(transport);
  }
  msg_destroy(msg);
  return out;
}

}  // namespace jackfield::sip
