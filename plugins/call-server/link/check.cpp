// SPDX-License-Identifier: Apache-2.0
// Looks up each far end, judges its certificate, asks it by OPTIONS, and lists what only a person can compare.
#include "check.hpp"

#include <chrono>

#include <netdb.h>
#include <sys/socket.h>

#include <jackfield/error.hpp>

#include "links.hpp"

namespace jackfield::calls {
namespace {

using server::Finding;
using server::Severity;

constexpr auto patience = std::chrono::seconds(4);

// Why the name has no address; empty when it has one.
std::string lookUp(const std::string& host) {
  addrinfo hints{}, *addresses = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int failed = getaddrinfo(host.c_str(), nullptr, &hints, &addresses);
  if (failed != 0) return host + " has no address (" + gai_strerror(failed) + "); check the name and the name server";
  freeaddrinfo(addresses);
  return {};
}

std::string shown(const Target& target) {
  return target.host + ":" + std::to_string(target.port);
}

Finding found(Severity severity, const std::string& code, const std::string& item, const std::string& text) {
  return {severity, code, item, text};
}

// One far end: what it is called, and what it says.
class FarEnd {
 public:
  FarEnd(const Settings& settings, Target target, std::string kind)
      : settings_(settings), target_(std::move(target)), name_(std::move(kind) + " " + shown(target_)) {}

  std::vector<Finding> check() const {
    if (const auto why = lookUp(target_.host); !why.empty())
      return {found(Severity::error, "sip.test.unknownHost", "name of " + name_, name_ + ": " + why)};
    std::vector<Finding> out;
    if (target_.transport == "tls") out = checkCertificate(target_, settings_.certificate_folder);
    auto answered = reach();
    out.insert(out.end(), answered.begin(), answered.end());
    return out;
  }

 private:
  std::vector<Finding> reach() const {
    const auto answer = ask();
    const std::string item = "reachability of " + name_;
    if (answer.status == 0)
      return {
          found(Severity::error, "sip.test.silent", item,
                name_ + " gives no answer over " + target_.transport + "; check host, port, transport and firewall")};
    if (const auto refusal = refusalOf(answer, settings_.local_host); !refusal.empty())
      return {found(Severity::error, answer.local ? "sip.test.silent" : "sip.test.refused", item,
                    name_ + " " + refusal + (answer.local ? " over " + target_.transport : ""))};
    return {found(Severity::info, "sip.test.ok", item,
                  name_ + " accepts SIP messages from this appliance at " + settings_.local_host),
            domain(answer)};
  }

  // INT-064.
  Finding domain(const sip::Message& answer) const {
    const std::string item = "domain " + settings_.domain;
    if (answer.success())
      return found(Severity::info, "sip.test.domain", item, name_ + " answers for the domain " + settings_.domain);
    return found(Severity::error, "sip.test.foreign", item,
                 name_ + " does not answer for the domain " + settings_.domain + " (" + std::to_string(answer.status) +
                     " " + answer.phrase + "); Domain must be the call server's own");
  }

  // The answer to OPTIONS from a socket of its own, as the running service would ask; status 0: none.
  sip::Message ask() const {
    sip::AgentConfig config = endpointOf(settings_);
    config.listen = {{settings_.local_host, 0, target_.transport}};
    sip::Agent agent(config);
    sip::Message answer;
    bool done = false;
    const std::string self = "<sip:jackfield@" + agent.address(target_.transport) + ">";
    const std::string uri = "sip:" + settings_.domain;
    const auto limit = agent.after(patience, [&] { done = true; });
    const auto asked = agent.send("OPTIONS", uri, self, "<" + uri + ">", target_.uri(), {}, [&](const auto& response) {
      if (response.provisional()) return;
      answer = response;
      done = true;
    });
    while (!done && asked) agent.step(std::chrono::milliseconds(100));
    return answer;
  }

  const Settings& settings_;
  const Target target_;
  const std::string name_;
};

// What no message shows from here, with the values that the other side must have (INT-004, INT-060, INT-061, INT-065).
std::vector<Finding> byHand(const Settings& settings) {
  std::string ours;
  for (const auto& end : endpointOf(settings).listen)
    ours += (ours.empty() ? "" : ", ") + end.host + ":" + std::to_string(end.port) + " over " + end.transport;
  std::vector<Finding> out = {found(Severity::info, "sip.test.byHand.port", "check by hand: far-end listen port",
                                    "the call server must send to one of " + ours),
                              found(Severity::info, "sip.test.byHand.domain", "check by hand: far-end domain",
                                    "the call server must address this appliance by the domain " + settings.domain)};
  if (settings.local_secure_port)
    out.push_back(found(Severity::info, "sip.test.byHand.certificate", "check by hand: our certificate",
                        "the call server must have the authority of our certificate installed"));
  out.push_back(found(Severity::info, "sip.test.byHand.phases", "check by hand: routing",
                      "the call server must send both phases of its users' calls to this appliance, and route round it "
                      "when it is away"));
  return out;
}

}  // namespace

server::TestResult check(const Settings& settings) {
  server::TestResult out;
  const auto targets = targetsOf(settings);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    try {
      const bool manager = i < settings.session_managers.size();
      const auto findings = FarEnd(settings, targets[i], manager ? "session manager" : "call server").check();
      out.findings.insert(out.findings.end(), findings.begin(), findings.end());
    } catch (const Error& failed) {
      out.findings.push_back({Severity::error, failed.code(), "our own address", failed.what()});
    }
  }
  const auto rest = byHand(settings);
  out.findings.insert(out.findings.end(), rest.begin(), rest.end());
  return out;
}

}  // namespace jackfield::calls
