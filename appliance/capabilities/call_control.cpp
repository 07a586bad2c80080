// SPDX-License-Identifier: Apache-2.0
// Commands of call-control/1.
#include "capabilities/call_control.hpp"

#include "capabilities/replies.hpp"

namespace jackfield::capabilities {

CallControl::CallControl(PluginPort& plugins, std::chrono::milliseconds timeout)
    : plugins_(plugins), timeout_(timeout) {}

template <class Command>
call_control::Accepted CallControl::command(const std::string& server, const char* name, const Command& body) const {
  return ask<call_control::Accepted>(plugins_, server, name, body, kernel::Channel::client, timeout_);
}

call_control::Accepted CallControl::makeCall(const std::string& server, const call_control::MakeCall& make) const {
  return command(server, "call-control/1.makeCall", make);
}

call_control::Accepted CallControl::answerCall(const std::string& server, const call_control::CallCommand& what) const {
  return command(server, "call-control/1.answerCall", what);
}

call_control::Accepted CallControl::holdCall(const std::string& server, const call_control::CallCommand& what) const {
  return command(server, "call-control/1.holdCall", what);
}

call_control::Accepted CallControl::retrieveCall(const std::string& server,
                                                 const call_control::CallCommand& what) const {
  return command(server, "call-control/1.retrieveCall", what);
}

call_control::Accepted CallControl::clearConnection(const std::string& server,
                                                    const call_control::CallCommand& what) const {
  return command(server, "call-control/1.clearConnection", what);
}

call_control::Accepted CallControl::deflectCall(const std::string& server,
                                                const call_control::DeflectCall& what) const {
  return command(server, "call-control/1.deflectCall", what);
}

call_control::Accepted CallControl::transferCall(const std::string& server,
                                                 const call_control::TransferCall& what) const {
  return command(server, "call-control/1.transferCall", what);
}

call_control::Accepted CallControl::singleStepTransferCall(const std::string& server,
                                                           const call_control::SingleStepTransferCall& what) const {
  return command(server, "call-control/1.singleStepTransferCall", what);
}

}  // namespace jackfield::capabilities
