// SPDX-License-Identifier: Apache-2.0
// Requests and responses: from the library's callbacks to the objects of agent.hpp and back.
#include <algorithm>

#include "core.hpp"

namespace jackfield::sip {
namespace {

struct Home {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  Home() { su_home_init(home); }
  ~Home() { su_home_deinit(home); }
};

// The topmost Route entry, when it is us (RFC 3261 16.4), has done its work.
void dropOwnRoute(const AgentCore& core, Message& message) {
  if (message.routes.empty()) return;
  const auto& route = message.routes.front();
  const auto open = route.find('<');
  const std::string uri = open == std::string::npos ? route : route.substr(open + 1, route.find('>') - open - 1);
  const std::string host = hostOf(uri);
  const auto at = uri.find(host + ":");
  for (const auto& l : core.opened) {
    const bool port = at == std::string::npos ? l.port == (l.transport == "tls" ? 5061u : 5060u)
                                              : std::strtoul(uri.c_str() + at + host.size() + 1, nullptr, 10) == l.port;
    if (host == l.host && port) {
      message.routes.erase(message.routes.begin());
      return;
    }
  }
}

void readRecordRoute(Message& out, const sip_t* sip) {
  for (const auto* r = sip->sip_record_route; r; r = r->r_next)
    out.routes.push_back(fieldText(reinterpret_cast<const sip_header_t*>(r)));
}

}  // namespace

std::string headerText(const std::vector<Header>& headers) {
  std::string out;
  for (const auto& header : headers) {
    const bool token = !header.name.empty() && std::all_of(header.name.begin(), header.name.end(), [](unsigned char c) {
      return std::isalnum(c) || std::string_view("-.!%*_+`'~").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (token) out += header.name + ": " + headerSafe(header.value) + "\r\n";
  }
  return out;
}

sip_payload_t* payload(su_home_t* home, const Content& content) {
  if (content.body.empty() || content.content_type.empty()) return nullptr;
  return sip_payload_create(home, content.body.data(), static_cast<isize_t>(content.body.size()));
}

sip_method_t methodOf(const std::string& name) {
  return sip_method_code(name.c_str());
}

int receive(LegOwner* owner, nta_leg_t*, nta_incoming_t* irq, const sip_t* sip) {
  if (sip->sip_request->rq_method == sip_method_ack) {  // of a response that nobody waits for any more
    nta_incoming_destroy(irq);
    return 0;
  }
  AgentCore& core = owner->core;
  int refused = 500;
  core.guarded([&] {
    Message message = readMessage(sip);
    message.source = readSource(core, irq);
    dropOwnRoute(core, message);
    auto inbound = std::make_shared<InboundTransaction>(core, irq, std::move(message));
    nta_incoming_bind(irq, &InboundTransaction::ackOrCancel, inbound.get());
    refused = 0;  // from here on the object answers
    const bool outside = owner == core.outside_owner.get();
    const auto handler = owner->on_request;  // the handler may destroy the dialog
    if (outside && !inbound->message.to.tag.empty())
      inbound->reply(481, "Call/Transaction Does Not Exist", {});
    else if (handler)
      handler(inbound);
    else
      inbound->reply(outside ? 503 : 481, {}, {});
  });
  return refused;
}

InboundTransaction::~InboundTransaction() {
  if (!sent_final && message.method != "ACK") core.guarded([&] { reply(500, {}, {}); });
  if (reliable) nta_reliable_destroy(reliable);
  nta_incoming_bind(irq, nullptr, nullptr);
  nta_incoming_destroy(irq);
}

bool InboundTransaction::wantsContact(int status) const {
  if (status < 101 || status >= 300) return false;
  return message.method == "INVITE" || message.method == "UPDATE" || message.method == "REFER" ||
         message.method == "SUBSCRIBE" || message.method == "NOTIFY";
}

void InboundTransaction::reply(int status, const std::string& phrase, const Content& content) {
  if (sent_final) return;
  sent_final = status >= 200;
  const std::string headers = headerText(content.headers);
  const std::string contact = "<" + core.contact(message.source.transport) + ">";
  const Home memory;
  auto* body = payload(const_cast<su_home_t*>(memory.home), content);
  nta_incoming_treply(irq, status, phrase.empty() ? nullptr : phrase.c_str(),
                      TAG_IF(wantsContact(status), SIPTAG_CONTACT_STR(contact.c_str())),
                      TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
                      TAG_IF(body, SIPTAG_CONTENT_TYPE_STR(content.content_type.c_str())),
                      TAG_IF(body, SIPTAG_PAYLOAD(body)), TAG_END());
}

bool InboundTransaction::replyReliably(int status, const std::string& phrase, const Content& content,
                                       std::function<void(std::shared_ptr<Inbound>)> prack) {
  if (sent_final || reliable || !message.supports_100rel) return false;
  const std::string headers = headerText(content.headers);
  const std::string contact = "<" + core.contact(message.source.transport) + ">";
  const Home memory;
  auto* body = payload(const_cast<su_home_t*>(memory.home), content);
  on_prack = std::move(prack);
  reliable = nta_reliable_treply(irq, &InboundTransaction::prack, this, status,
                                 phrase.empty() ? nullptr : phrase.c_str(), SIPTAG_CONTACT_STR(contact.c_str()),
                                 TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
                                 TAG_IF(body, SIPTAG_CONTENT_TYPE_STR(content.content_type.c_str())),
                                 TAG_IF(body, SIPTAG_PAYLOAD(body)), TAG_END());
  return reliable != nullptr;
}

int InboundTransaction::prack(InboundTransaction* self, nta_reliable_t* rel, nta_incoming_t* irq, const sip_t* sip) {
  if (!self || !irq || !sip) return 0;  // no PRACK came: the library goes on by itself
  const auto keep = std::static_pointer_cast<InboundTransaction>(self->shared_from_this());
  nta_reliable_destroy(rel);
  self->reliable = nullptr;
  int refused = 500;
  self->core.guarded([&] {
    Message message = readMessage(sip);
    message.source = self->message.source;
    auto inbound = std::make_shared<InboundTransaction>(self->core, irq, std::move(message));
    refused = 0;
    if (self->on_prack) self->on_prack(inbound);
    if (!inbound->sent_final && inbound.use_count() == 1) inbound->reply(200, {}, {});
  });
  return refused;
}

int InboundTransaction::ackOrCancel(InboundTransaction* self, nta_incoming_t*, const sip_t* sip) {
  if (!self) return 0;
  const auto keep = self->shared_from_this();
  self->core.guarded([&] {
    if (!sip) {
      if (const auto call = self->on_ack) call(nullptr);
      return;
    }
    const Message message = readMessage(sip);
    if (message.method == "CANCEL") {
      self->sent_final = true;  // the library has answered 487
      if (const auto call = self->on_cancel) call(message);
    } else if (message.method == "ACK") {
      if (const auto call = self->on_ack) call(&message);
    }
  });
  return 0;
}

OutboundTransaction::~OutboundTransaction() {
  if (orq) nta_outgoing_destroy(orq);
}

void OutboundTransaction::cancel(const std::vector<Header>& headers) {
  const std::string text = headerText(headers);
  auto* sent =
      nta_outgoing_tcancel(orq, nullptr, nullptr, TAG_IF(!text.empty(), SIPTAG_HEADER_STR(text.c_str())), TAG_END());
  if (sent) nta_outgoing_destroy(sent);
}

int OutboundTransaction::response(OutboundTransaction* self, nta_outgoing_t* orq, const sip_t* sip) {
  const auto keep = self->shared_from_this();
  self->core.guarded([&] {
    Message message;
    if (sip && sip->sip_status) {
      message = readMessage(sip);
      message.routes.clear();
      readRecordRoute(message, sip);
    } else {
      message.status = nta_outgoing_status(orq);
      message.local = true;
    }
    if (message.final()) self->done = true;
    if (self->on_response) self->on_response(message);
  });
  return 0;
}

}  // namespace jackfield::sip
