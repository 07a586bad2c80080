// SPDX-License-Identifier: Apache-2.0
// Plans and their use as two documents of the store; the conversions of all servers ready in memory.
#include "services/dial_plans.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include <jackfield/json.hpp>

#include "capabilities/plugin_port.hpp"
#include "kernel/base/log.hpp"
#include "services/audit.hpp"
#include "store/configuration_store.hpp"

namespace jackfield::services {
namespace {

using model::DialPlan;
using model::Permission;
using model::Principal;
using model::Problem;
using Kind = Problem::Kind;

constexpr const char* plans_document = "dialPlans";
constexpr const char* use_document = "numbering";
constexpr std::size_t most_plans = 200;
constexpr std::size_t most_numbers = 100;

const kernel::Log& log() {
  static const kernel::Log log("services.dialPlans");
  return log;
}

Problem unknown(const std::string& handle) {
  return {Kind::notFound, "dialPlan.unknown", "dial plan: there is none with the handle " + handle.substr(0, 80)};
}

DialPlan prepared(DialPlan plan) {
  if (auto faults = model::faultsOf(plan, "/plan"); !faults.empty()) {
    const std::string first = model::sentenceOf(faults.front());
    throw Problem(Kind::invalid, "dialPlan.invalid", first, std::move(faults));
  }
  model::renumber(plan);
  return plan;
}

struct StoredPlan {
  DialPlan plan;
  std::uint64_t revision = 1;
};
BOOST_DESCRIBE_STRUCT(StoredPlan, (), (plan, revision))

bool isUri(const std::string& number) {
  return number.find(':') != std::string::npos;
}

}  // namespace

NumberConversion::NumberConversion(DialPlan plan, const Numbering& numbering)
    : plan_(std::move(plan)), ars_{numbering.remove_ars, numbering.ars_overlaps_with_extension}, converter_(plan_) {}

std::string NumberConversion::convert(model::Direction direction, const std::string& number) const {
  auto result = converter_.convert(direction, number);
  if (!result.stopped.empty()) {
    std::string rules;
    for (const int rule : result.stopped) rules += (rules.empty() ? "" : ", ") + std::to_string(rule);
    log().warning("dialPlan.stopped", {{"plan", plan_.handle}, {"table", nameOf(direction)}, {"rules", rules}});
  }
  return std::move(result.output);
}

std::string NumberConversion::dialable(const std::string& number) const {
  return isUri(number) ? number : convert(model::Direction::dialable, number);
}

std::string NumberConversion::displayed(const std::string& number, bool dialled) const {
  if (number.empty() || isUri(number)) return number;
  return convert(model::Direction::display, dialled ? model::withoutArs(number, plan_, ars_) : number);
}

struct DialPlans::Impl {
  Impl(store::ConfigurationStore& in, const capabilities::PluginPort& of, Audit& trail)
      : store(in), plugins(of), audit(trail) {
    if (const auto document = store.document(plans_document))
      for (auto& stored : fromJson<std::vector<StoredPlan>>(*document, Unknown::ignore))
        plans[stored.plan.handle] = std::move(stored);
    if (const auto document = store.document(use_document))
      use = fromJson<std::map<std::string, Numbering>>(*document, Unknown::ignore);
    prepare();
  }

  store::ConfigurationStore& store;
  const capabilities::PluginPort& plugins;
  Audit& audit;
  std::mutex changes;               // one at a time, while the disk works
  mutable std::shared_mutex mutex;  // of what follows; written under both
  std::map<std::string, StoredPlan> plans;
  std::map<std::string, Numbering> use;  // by server
  std::map<std::string, std::shared_ptr<const NumberConversion>> conversions;

  void prepare() {
    conversions.clear();
    for (const auto& [server, numbering] : use)
      if (const auto found = plans.find(numbering.dial_plan); found != plans.end())
        conversions[server] = std::make_shared<NumberConversion>(found->second.plan, numbering);
  }

  // On disk first; then in force.
  void savePlans(std::map<std::string, StoredPlan> fresh) {
    std::vector<StoredPlan> all;
    for (const auto& [handle, stored] : fresh) all.push_back(stored);
    store.saveDocument(plans_document, toJson(all));
    const std::unique_lock lock(mutex);
    plans = std::move(fresh);
    prepare();
  }
  void saveUse(std::map<std::string, Numbering> fresh) {
    store.saveDocument(use_document, toJson(fresh));
    const std::unique_lock lock(mutex);
    use = std::move(fresh);
    prepare();
  }

  std::vector<std::string> serversOf(const std::string& handle) const {
    std::vector<std::string> out;
    for (const auto& [server, numbering] : use)
      if (numbering.dial_plan == handle) out.push_back(server);
    return out;
  }
  DialPlanView view(const std::string& handle) const {
    const std::shared_lock lock(mutex);
    const auto found = plans.find(handle);
    if (found == plans.end()) throw unknown(handle);
    return {found->second.plan, found->second.revision, serversOf(handle)};
  }

  void requireServer(const std::string& server) const {
    const auto record = store.server(server);
    const auto type = record ? plugins.serverType(record->type) : std::nullopt;
    if (!type || !dealsWithNumbers(type->kind))
      throw Problem(Kind::notFound, "server.unknown",
                    "server: " + server.substr(0, 80) + " is not the handle of a server that deals with numbers");
  }
};

DialPlans::DialPlans(store::ConfigurationStore& store, const capabilities::PluginPort& plugins, Audit& audit)
    : impl_(std::make_unique<Impl>(store, plugins, audit)) {}
DialPlans::~DialPlans() = default;

std::vector<DialPlanView> DialPlans::list(const Principal& principal) const {
  principal.require(Permission::viewSystem);
  std::vector<DialPlanView> out;
  const std::shared_lock lock(impl_->mutex);
  for (const auto& [handle, stored] : impl_->plans)
    out.push_back({stored.plan, stored.revision, impl_->serversOf(handle)});
  return out;
}

DialPlanView DialPlans::get(const Principal& principal, const std::string& handle) const {
  principal.require(Permission::viewSystem);
  return impl_->view(handle);
}

model::Examination DialPlans::examine(const Principal& principal, const ExaminationInput& input) const {
  principal.require(Permission::viewSystem);
  if (input.numbers.size() > most_numbers)
    throw Problem(Kind::invalid, "dialPlan.invalid", "numbers: there are more than 100; give fewer",
                  {{"/numbers", std::to_string(input.numbers.size()), "is more than 100 numbers"}});
  return model::examine(input.plan, input.numbers);
}

DialPlanView DialPlans::create(const Principal& principal, const DialPlanInput& input) {
  impl_->audit.require(principal, Permission::changeSystem, "dialPlan.create", input.plan.handle);
  const std::lock_guard one_change(impl_->changes);
  auto plan = prepared(input.plan);
  auto plans = impl_->plans;
  if (plans.contains(plan.handle))
    throw Problem(Kind::conflict, "dialPlan.exists",
                  plan.handle + ": another dial plan has this handle; choose another",
                  {{"/plan/handle", plan.handle, "unique among all dial plans"}});
  if (plans.size() >= most_plans)
    throw Problem(Kind::tooMany, "dialPlan.tooMany", "There are 200 dial plans already, as many as may be.");
  const std::string handle = plan.handle, after = toJsonText(plan);
  plans[handle] = {std::move(plan), 1};
  impl_->savePlans(std::move(plans));
  impl_->audit.record(principal, "dialPlan.create", handle, {}, after);
  return impl_->view(handle);
}

DialPlanView DialPlans::replace(const Principal& principal, const std::string& handle, const DialPlanInput& input) {
  impl_->audit.require(principal, Permission::changeSystem, "dialPlan.change", handle);
  const std::lock_guard one_change(impl_->changes);
  auto plans = impl_->plans;
  const auto found = plans.find(handle);
  if (found == plans.end()) throw unknown(handle);
  auto& stored = found->second;
  if (input.revision != stored.revision)
    throw Problem(Kind::conflict, "dialPlan.revision",
                  handle + ": somebody else has changed the dial plan meanwhile; read it again and repeat the change",
                  {{"/revision", std::to_string(input.revision), "is " + std::to_string(stored.revision) + " now"}});
  auto plan = input.plan;
  plan.handle = handle;
  plan = prepared(std::move(plan));
  const std::string before = toJsonText(stored.plan), after = toJsonText(plan);
  stored = {std::move(plan), stored.revision + 1};
  impl_->savePlans(std::move(plans));
  impl_->audit.record(principal, "dialPlan.change", handle, before, after);
  return impl_->view(handle);
}

void DialPlans::remove(const Principal& principal, const std::string& handle) {
  impl_->audit.require(principal, Permission::changeSystem, "dialPlan.remove", handle);
  const std::lock_guard one_change(impl_->changes);
  auto plans = impl_->plans;
  const auto found = plans.find(handle);
  if (found == plans.end()) throw unknown(handle);
  auto use = impl_->use;
  std::erase_if(use, [&](const auto& one) { return one.second.dial_plan == handle; });
  const std::string before = toJsonText(impl_->view(handle));
  if (use.size() != impl_->use.size()) impl_->saveUse(std::move(use));
  plans.erase(found);
  impl_->savePlans(std::move(plans));
  impl_->audit.record(principal, "dialPlan.remove", handle, before);
}

Numbering DialPlans::numbering(const Principal& principal, const std::string& server) const {
  principal.require(Permission::viewSystem);
  impl_->requireServer(server);
  return numberingOf(server);
}

Numbering DialPlans::setNumbering(const Principal& principal, const std::string& server, const Numbering& numbering) {
  impl_->audit.require(principal, Permission::changeSystem, "numbering.change", server);
  const std::lock_guard one_change(impl_->changes);
  impl_->requireServer(server);
  if (auto wrong = faultsOf(numbering); !wrong.empty()) {
    const std::string first = model::sentenceOf(wrong.front());
    throw Problem(Kind::invalid, "dialPlan.numbering", first, std::move(wrong));
  }
  const std::string before = toJsonText(numberingOf(server));
  auto use = impl_->use;
  use[server] = numbering;
  impl_->saveUse(std::move(use));
  impl_->audit.record(principal, "numbering.change", server, before, toJsonText(numbering));
  return numbering;
}

std::shared_ptr<const NumberConversion> DialPlans::of(const std::string& server) const {
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->conversions.find(server);
  return found == impl_->conversions.end() ? nullptr : found->second;
}

std::vector<DialPlan> DialPlans::plans() const {
  std::vector<DialPlan> out;
  const std::shared_lock lock(impl_->mutex);
  for (const auto& [handle, stored] : impl_->plans) out.push_back(stored.plan);
  return out;
}

Numbering DialPlans::numberingOf(const std::string& server) const {
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->use.find(server);
  return found == impl_->use.end() ? Numbering() : found->second;
}

bool DialPlans::dealsWithNumbers(const std::string& kind) {
  return kind == "telephony" || kind == "voiceMessaging" || kind == "conferencing";
}

std::vector<model::FieldError> DialPlans::faultsOf(const Numbering& numbering,
                                                   const std::vector<DialPlan>& coming) const {
  std::vector<model::FieldError> wrong;
  const auto named = [&](const DialPlan& plan) { return plan.handle == numbering.dial_plan; };
  const auto known = plans();
  if (!numbering.dial_plan.empty() && std::none_of(known.begin(), known.end(), named) &&
      std::none_of(coming.begin(), coming.end(), named))
    wrong.push_back({"/dialPlan", numbering.dial_plan.substr(0, 80), "the handle of a dial plan"});
  if (numbering.ars_overlaps_with_extension && !numbering.remove_ars)
    wrong.push_back({"/arsOverlapsWithExtension", "true", "possible while removeArs is false"});
  return wrong;
}

void DialPlans::forget(const std::string& server) {
  const std::lock_guard one_change(impl_->changes);
  auto use = impl_->use;
  if (use.erase(server) > 0) impl_->saveUse(std::move(use));
}

}  // namespace jackfield::services
