// SPDX-License-Identifier: Apache-2.0
// Bind, and the spelling of DNs.
#include "connection.hpp"

#include <algorithm>
#include <cctype>

#include "handle.hpp"

namespace jackfield::directory::ldap {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// Nearly every DN needs no more than lower case: no escapes, quotes or multi-valued RDNs, no space beside a separator.
bool isPlain(std::string_view dn) {
  for (std::size_t i = 0; i < dn.size(); ++i) {
    const char c = dn[i];
    if (c == '\\' || c == '"' || c == '+' || c == ';' || c == '#' || c == '<' || c == '>') return false;
    if (c != ' ') continue;
    const char before = i == 0 ? ',' : dn[i - 1];
    const char after = i + 1 == dn.size() ? ',' : dn[i + 1];
    if (before == ',' || before == '=' || before == ' ' || after == ',' || after == '=') return false;
  }
  return true;
}

struct DnEnd {
  void operator()(LDAPRDN* dn) const { ldap_dnfree(dn); }
};
using ParsedDn = std::unique_ptr<LDAPRDN, DnEnd>;

ParsedDn parseDn(const std::string& dn) {
  LDAPDN parsed = nullptr;
  berval text{static_cast<ber_len_t>(dn.size()), const_cast<char*>(dn.data())};
  if (ldap_bv2dn(&text, &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) return nullptr;
  return ParsedDn(parsed);
}

}  // namespace

bool sameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

const Attribute* Entry::find(std::string_view name) const {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& a) { return sameName(a.name, name); });
  return found == attributes.end() ? nullptr : &*found;
}

std::string_view Entry::first(std::string_view name) const {
  const Attribute* attribute = find(name);
  return attribute && !attribute->values.empty() ? attribute->values.front() : std::string_view();
}

Connection::Connection(const Endpoint& endpoint, std::stop_token stop) : impl_(std::make_unique<Impl>(endpoint, stop)) {
  std::string failed;
  impl_->ld = open(endpoint, Check::certificate, stop, failed);
  if (!impl_->ld) throw explainTls(endpoint, failed, stop);
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

const Endpoint& Connection::endpoint() const {
  return impl_->endpoint;
}
std::uint64_t Connection::references() const {
  return impl_->references;
}

Bound Connection::bind(const std::string& dn, const std::string& password) {
  if (!dn.empty() && password.empty()) return Bound::refused;
  const SigpipeHeld held;
  LDAP* const ld = impl_->ld.get();
  berval secret{static_cast<ber_len_t>(password.size()), const_cast<char*>(password.data())};
  int id = 0;
  int code = ldap_sasl_bind(ld, dn.c_str(), LDAP_SASL_SIMPLE, &secret, nullptr, nullptr, &id);
  if (code != LDAP_SUCCESS) throw connectionLost(ld, impl_->endpoint);
  const Message answer = wait(ld, id, impl_->endpoint.connect_timeout, impl_->stop, impl_->endpoint);
  int result = LDAP_OTHER;
  char* said = nullptr;
  code = ldap_parse_result(ld, answer.get(), &result, nullptr, &said, nullptr, nullptr, 0);
  const std::string text = said ? said : "";
  ldap_memfree(said);
  if (code != LDAP_SUCCESS) throw connectionLost(ld, impl_->endpoint);
  switch (result) {
    case LDAP_SUCCESS:
      return Bound::accepted;
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_UNWILLING_TO_PERFORM:
    case LDAP_CONSTRAINT_VIOLATION:
      return Bound::refused;
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_STRONG_AUTH_REQUIRED:
      throw Error(
          Status::invalid, "directory.bind.clear",
          impl_->endpoint.address() + " refuses passwords on an unprotected connection: choose LDAPS or StartTLS",
          "/user/servers/0/security");
    default:
      throw Error(Status::unreachable, "directory.bind.failed",
                  impl_->endpoint.address() + " could not bind: " + ldap_err2string(result) +
                      (text.empty() ? "" : " (" + text.substr(0, 200) + ")"));
  }
}

std::string canonicalDn(std::string_view dn) {
  std::string out;
  if (!isPlain(dn)) {
    if (const ParsedDn parsed = parseDn(std::string(dn))) {
      berval text{};
      if (ldap_dn2bv(parsed.get(), &text, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS) {
        out.assign(text.bv_val, text.bv_len);
        ldap_memfree(text.bv_val);
      }
    }
  }
  if (out.empty()) out.assign(dn);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool isDn(const std::string& dn) {
  return !dn.empty() && parseDn(dn) != nullptr;
}

}  // namespace jackfield::directory::ldap
