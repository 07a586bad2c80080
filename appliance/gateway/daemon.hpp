// SPDX-License-Identifier: Apache-2.0
// The running host: configuration in, everything built in the right order, and taken down again under load.
#ifndef JACKFIELD_GATEWAY_DAEMON_HPP
#define JACKFIELD_GATEWAY_DAEMON_HPP

#include <memory>
#include <string>

#include "gateway/gateway.hpp"
#include "kernel/base/configuration.hpp"
#include "kernel/base/metrics.hpp"
#include "kernel/base/service_manager.hpp"
#include "services/services.hpp"

namespace jackfield::gateway {

class Daemon {
 public:
  // Opens log, stores and plugins and listens. Throws kernel::ConfigurationError with everything that is wrong, Error
  // or Problem with a sentence about what prevents the start.
  Daemon(kernel::Configuration configuration, const std::string& version);
  ~Daemon();

  void start();
  void reload();  // certificates
  // Clean, and over within 25 s: a host that hangs while it stops is ended with status 3. What the API has answered is
  // on disk in any case.
  void stop();

 private:
  kernel::Configuration configuration_;
  kernel::Metrics metrics_;
  std::unique_ptr<services::Services> services_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<kernel::Watchdog> watchdog_;
};

}  // namespace jackfield::gateway

#endif
