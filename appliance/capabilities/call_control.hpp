// SPDX-License-Identifier: Apache-2.0
// The typed face of capability call-control/1.
#ifndef JACKFIELD_CAPABILITIES_CALL_CONTROL_HPP
#define JACKFIELD_CAPABILITIES_CALL_CONTROL_HPP

#include <chrono>
#include <string>

#include <jackfield/call_control.hpp>

#include "capabilities/plugin_port.hpp"

namespace jackfield::capabilities {

// Any thread but a channel thread. Every command blocks until the driver has accepted or refused it, and throws
// Problem as problemOf() says.
class CallControl {
 public:
  CallControl(PluginPort&, std::chrono::milliseconds timeout);

  call_control::Accepted makeCall(const std::string& server, const call_control::MakeCall&) const;
  call_control::Accepted answerCall(const std::string& server, const call_control::CallCommand&) const;
  call_control::Accepted holdCall(const std::string& server, const call_control::CallCommand&) const;
  call_control::Accepted retrieveCall(const std::string& server, const call_control::CallCommand&) const;
  call_control::Accepted clearConnection(const std::string& server, const call_control::CallCommand&) const;
  call_control::Accepted deflectCall(const std::string& server, const call_control::DeflectCall&) const;
  call_control::Accepted transferCall(const std::string& server, const call_control::TransferCall&) const;
  call_control::Accepted singleStepTransferCall(const std::string& server,
                                                const call_control::SingleStepTransferCall&) const;

 private:
  template <class Command>
  call_control::Accepted command(const std::string& server, const char* name, const Command&) const;

  PluginPort& plugins_;
  std::chrono::milliseconds timeout_;
};

}  // namespace jackfield::capabilities

#endif
