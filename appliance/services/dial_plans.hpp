// SPDX-License-Identifier: Apache-2.0
// Dial plans and which server uses which: what is dialled, shown and logged goes through the plan of its call server
// (DIAL-001 to DIAL-029, DIAL-090 to DIAL-111, SRV-036).
#ifndef JACKFIELD_SERVICES_DIAL_PLANS_HPP
#define JACKFIELD_SERVICES_DIAL_PLANS_HPP

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "model/dial_plan/examination.hpp"
#include "model/principal.hpp"

namespace jackfield::capabilities {
class PluginPort;
}
namespace jackfield::store {
class ConfigurationStore;
}

namespace jackfield::services {

class Audit;

// What a server does with numbers. The two of ARS are for what the call server gives back of a dialled number.
struct Numbering {
  std::string dial_plan;  // a handle; empty: numbers stay as they are
  bool remove_ars = true;
  bool ars_overlaps_with_extension = false;  // needs remove_ars
  bool operator==(const Numbering&) const = default;
};
BOOST_DESCRIBE_STRUCT(Numbering, (), (dial_plan, remove_ars, ars_overlaps_with_extension))

struct DialPlanView {
  model::DialPlan plan;
  std::uint64_t revision = 0;
  std::vector<std::string> servers;  // that use it: to be synchronised after a change, left without it by its removal
};
BOOST_DESCRIBE_STRUCT(DialPlanView, (), (plan, revision, servers))

struct DialPlanInput {
  model::DialPlan plan;
  std::uint64_t revision = 0;  // that was read; 0 for a new one
};
BOOST_DESCRIBE_STRUCT(DialPlanInput, (), (plan, revision))

struct ExaminationInput {
  model::DialPlan plan;              // saved or not
  std::vector<std::string> numbers;  // to be converted by all three tables, 100 at most
};
BOOST_DESCRIBE_STRUCT(ExaminationInput, (), (plan, numbers))

// The numbers of one server, as its plan converts them. Immutable: any thread.
class NumberConversion {
 public:
  NumberConversion(model::DialPlan, const Numbering&);
  // What a person typed or picked, for the call server; a URI stays.
  std::string dialable(const std::string& number) const;
  // What the call server signalled, for people. `dialled`: of the destination of a call, which may begin with ARS.
  std::string displayed(const std::string& number, bool dialled) const;

 private:
  std::string convert(model::Direction, const std::string& number) const;
  const model::DialPlan plan_;
  const model::ArsRemoval ars_;
  const model::Converter converter_;
};

// Any thread.
class DialPlans {
 public:
  DialPlans(store::ConfigurationStore&, const capabilities::PluginPort&, Audit&);
  ~DialPlans();

  // viewSystem. notFound "dialPlan.unknown".
  std::vector<DialPlanView> list(const model::Principal&) const;
  DialPlanView get(const model::Principal&, const std::string& handle) const;
  model::Examination examine(const model::Principal&, const ExaminationInput&) const;

  // changeSystem. invalid "dialPlan.invalid" with every wrong field; conflict "dialPlan.exists", "dialPlan.revision";
  // tooMany "dialPlan.tooMany". Rules are given new positions (DIAL-026).
  DialPlanView create(const model::Principal&, const DialPlanInput&);
  DialPlanView replace(const model::Principal&, const std::string& handle, const DialPlanInput&);
  // Servers that used it are left without one (DIAL-028).
  void remove(const model::Principal&, const std::string& handle);

  // Of servers that deal with numbers: telephony, voice messaging, conferencing. notFound "server.unknown"; invalid
  // "dialPlan.numbering" with every wrong field.
  Numbering numbering(const model::Principal&, const std::string& server) const;
  Numbering setNumbering(const model::Principal&, const std::string& server, const Numbering&);

  // For the services beside this one, without rights.
  std::shared_ptr<const NumberConversion> of(const std::string& server) const;  // null: it has no plan
  std::vector<model::DialPlan> plans() const;
  Numbering numberingOf(const std::string& server) const;
  static bool dealsWithNumbers(const std::string& kind);
  // Every rule that it breaks, when there are the plans `coming` too.
  std::vector<model::FieldError> faultsOf(const Numbering&, const std::vector<model::DialPlan>& coming = {}) const;
  void forget(const std::string& server);  // it was removed

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
