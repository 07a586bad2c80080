// SPDX-License-Identifier: Apache-2.0
// The route table: what each operation of openapi.yaml does, in a line or two. What a person may do is decided by the
// services.
#ifndef JACKFIELD_GATEWAY_API_API_HPP
#define JACKFIELD_GATEWAY_API_API_HPP

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/http/openapi.hpp"
#include "gateway/http/router.hpp"
#include "gateway/hub/hub.hpp"
#include "kernel/base/metrics.hpp"
#include "services/services.hpp"

namespace jackfield::gateway {

// How many event streams each session has. Any thread.
class StreamCount {
 public:
  explicit StreamCount(std::size_t limit) : limit_(limit) {}
  // Counted as long as it is held; null: the session has as many as it may have.
  std::shared_ptr<void> take(const std::string& session);

 private:
  struct Counts {
    std::mutex mutex;
    std::map<std::string, std::size_t> of_session;
  };
  std::size_t limit_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

// What the handlers use; all of it lives longer than the routes.
struct Api {
  services::Services& services;
  const OpenApi& openapi;
  kernel::Metrics& metrics;
  Hub& hub;
  StreamCount& streams;
  Reactor& catch_up;  // a thread for clients that read what they have missed
};

std::vector<Route> sessionRoutes(Api& api);
std::vector<Route> callRoutes(Api& api);
std::vector<Route> eventRoutes(Api& api);
std::vector<Route> serverRoutes(Api& api);
std::vector<Route> directoryRoutes(Api& api);
std::vector<Route> dialPlanRoutes(Api& api);
std::vector<Route> administrationRoutes(Api& api);
std::vector<Route> operationRoutes(Api& api);
std::vector<Route> allRoutes(Api& api);

// Of a path or query parameter that the document requires or gives a default; the validated type.
std::string text(const Request& request, std::string_view name);
std::uint64_t number(const Request& request, std::string_view name);
bool flag(const Request& request, std::string_view name);

}  // namespace jackfield::gateway

#endif
