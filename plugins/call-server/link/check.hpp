// SPDX-License-Identifier: Apache-2.0
// The *Test* action (SRV-037, INT-004, INT-060 to INT-067): what can be seen of the far end from here.
#ifndef JACKFIELD_CALL_SERVER_LINK_CHECK_HPP
#define JACKFIELD_CALL_SERVER_LINK_CHECK_HPP

#include <jackfield/server.hpp>

#include "../settings.hpp"

namespace jackfield::calls {

// Blocks for some seconds at most; creates a loop of its own, so it may run on any thread.
server::TestResult check(const Settings& settings);

// The TLS part alone: chain, dates and name of the certificate that the far end shows, and whether it takes ours.
// `folder` holds cafile.pem and agent.pem. Empty when nobody listens there. Blocks for some seconds at most.
std::vector<server::Finding> checkCertificate(const Target& target, const std::string& folder);

}  // namespace jackfield::calls

#endif
