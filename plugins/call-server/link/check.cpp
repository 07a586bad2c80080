// SPDX-License-Identifier: Apache-2.0
// Asks each far end by OPTIONS from a socket of its own, as the running service would.
#include "check.hpp"

#include <chrono>

#include <jackfield/error.hpp>

#include "links.hpp"

namespace jackfield::calls {
namespace {

using server::Finding;
using server::Severity;

constexpr auto patience = std::chrono::seconds(4);

std::string shown(const Target& target) {
  return target.host + ":" + std::to_string(target.port);
}

std::vector<Finding> reach(const Settings& settings, const Target& target) {
  sip::AgentConfig config = endpointOf(settings);
  config.listen = {{settings.local_host, 0, target.transport}};
  sip::Agent agent(config);
  sip::Message answer;
  bool done = false;
  const std::string self = "<sip:jackfield@" + agent.address(target.transport) + ">";
  const std::string uri = "sip:" + settings.domain;
  const auto limit = agent.after(patience, [&] { done = true; });
  const auto asked = agent.send("OPTIONS", uri, self, "<" + uri + ">", target.uri(), {}, [&](const auto& response) {
    if (response.provisional()) return;
    answer = response;
    done = true;
  });
  while (!done && asked) agent.step(std::chrono::milliseconds(100));
  const std::string item = "reachability of " + shown(target);
  if (!asked || answer.status == 0)
    return {{Severity::error, "sip.test.silent", item,
             "call server " + shown(target) + " gives no answer over " + target.transport +
                 "; check host, port, transport and firewall"}};
  if (const auto refusal = refusalOf(answer); !refusal.empty()) {
    if (answer.local)
      return {{Severity::error, "sip.test.silent", item,
               "call server " + shown(target) + " " + refusal + " over " + target.transport}};
    return {{Severity::error, "sip.test.refused", item,
             "call server " + shown(target) + " takes no SIP messages from this appliance at " + settings.local_host +
                 ": " + std::to_string(answer.status) + " " + answer.phrase}};
  }
  std::vector<Finding> out = {
      {Severity::info, "sip.test.ok", item,
       "call server " + shown(target) + " accepts SIP messages from this appliance at " + settings.local_host}};
  if (answer.success())
    out.push_back({Severity::info, "sip.test.domain", "domain " + settings.domain,
                   shown(target) + " answers for the domain " + settings.domain});
  else
    out.push_back({Severity::error, "sip.test.foreign", "domain " + settings.domain,
                   shown(target) + " does not answer for the domain " + settings.domain + " (" +
                       std::to_string(answer.status) + " " + answer.phrase +
                       "); Domain must be the call server's own"});
  return out;
}

}  // namespace

server::TestResult check(const Settings& settings) {
  server::TestResult out;
  for (const auto& target : targetsOf(settings)) {
    if (target.transport == "tls") {
      auto findings = checkCertificate(target, settings.certificate_folder + "/cafile.pem");
      out.findings.insert(out.findings.end(), findings.begin(), findings.end());
    }
    try {
      auto findings = reach(settings, target);
      out.findings.insert(out.findings.end(), findings.begin(), findings.end());
    } catch (const Error& failed) {
      out.findings.push_back({Severity::error, failed.code(), "our own address", failed.what()});
    }
  }
  out.findings.push_back(
      {Severity::info, "sip.test.byHand", "check by hand",
       "not visible from here: that the call server sends both phases of its users' calls to this appliance, and "
       "routes round it when it is away"});
  return out;
}

}  // namespace jackfield::calls
