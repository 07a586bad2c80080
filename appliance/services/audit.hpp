// SPDX-License-Identifier: Apache-2.0
// Who changed what, and who was refused (SEC-010, SEC-011, SEC-019). Secrets never reach it.
#ifndef JACKFIELD_SERVICES_AUDIT_HPP
#define JACKFIELD_SERVICES_AUDIT_HPP

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/describe.hpp>

#include "model/principal.hpp"
#include "services/limits.hpp"
#include "store/configuration_store.hpp"

namespace jackfield::services {

struct AuditView {
  std::vector<store::AuditRecord> entries;  // newest first
  std::uint64_t next = 0;                   // give it as `before`; 0: no more
};
BOOST_DESCRIBE_STRUCT(AuditView, (), (entries, next))

class Audit {
 public:
  Audit(store::ConfigurationStore&, Clock);
  AuditView list(const model::Principal&, std::uint64_t before, std::size_t limit) const;  // viewSystem

  // Durable when it returns. `before` and `after` are JSON documents without secrets, or empty.
  void record(const model::Principal&, const std::string& action, const std::string& object,
              const std::string& before = {}, const std::string& after = {});
  // An action, refused for lack of rights: recorded, then thrown (SEC-019: an auditor's attempts to write).
  void require(const model::Principal&, model::Permission, const std::string& action, const std::string& object);
  // Hears of every such refusal, on the thread of who was refused. Set once, before anybody is served.
  void onRefused(std::function<void(const model::Principal&)> listener) { on_refused_ = std::move(listener); }

 private:
  store::ConfigurationStore& store_;
  Clock clock_;
  std::function<void(const model::Principal&)> on_refused_;
};

}  // namespace jackfield::services

#endif
