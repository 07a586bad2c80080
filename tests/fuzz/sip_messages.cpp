// SPDX-License-Identifier: Apache-2.0
// SIP messages behind the library's parser: nothing that we take over can end a line of a message that we send.
#include <string>

#include "b2bua/passage.hpp"
#include "fuzz.hpp"
#include "sip/core.hpp"

namespace {

using namespace jackfield;

void claimOneLine(const std::string& value, const char* what) {
  for (const char c : value) fuzz::claim(c != '\r' && c != '\n' && c != '\0', what);
}

void look(const sip::Message& message) {
  for (const auto& header : message.headers) {
    claimOneLine(header.name, "the name of a header is one line");
    claimOneLine(header.value, "a header is one line");
  }
  claimOneLine(message.phrase, "a phrase is one line");
  claimOneLine(message.content_type, "a content type is one line");
  for (const auto* address : {&message.from, &message.to}) {
    claimOneLine(address->display, "a display name is one line");
    claimOneLine(sip::formatAddress(address->display, address->uri), "an address is one line");
    sip::addressOfRecord(address->uri);
    sip::userOf(address->uri);
    sip::hostOf(address->uri);
  }
  if (const auto served = calls::parseServedUser(message.served_user))
    fuzz::claim(!served->uri.empty(), "a served user has an address");
  static const calls::Correlation correlation;
  fuzz::claim(!correlation.verify(message.correlation), "nobody guesses a signed call");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto octets = input.rest();
  if (octets.empty()) return 0;
  msg_t* msg = msg_make(sip_default_mclass(), 0, octets.data(), static_cast<issize_t>(octets.size()));
  if (!msg) return 0;
  // What nta passes on: a start line, and all that a transaction needs.
  if (const sip_t* sip = sip_object(msg); sip && (sip->sip_request || sip->sip_status) && sip->sip_from && sip->sip_to)
    look(sip::readMessage(sip));
  msg_destroy(msg);
  calls::parseServedUser(octets);
  sip::addressOfRecord(octets);
  return 0;
}
