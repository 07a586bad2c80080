// SPDX-License-Identifier: Apache-2.0
// The configuration as one document. Applying it: read and judge the whole document, list what differs, then do it
// step by step through the same use cases that the console calls, taking every step back when one fails.
#include "services/site_configuration.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>

#include <jackfield/json.hpp>

#include "kernel/base/log.hpp"
#include "model/problem.hpp"
#include "services/alarms.hpp"
#include "services/audit.hpp"
#include "services/context.hpp"
#include "services/dial_plans.hpp"
#include "services/directory_schedule.hpp"
#include "services/secret_reference.hpp"
#include "services/servers.hpp"
#include "services/site_defaults.hpp"
#include "services/users.hpp"

namespace jackfield::services {
namespace {

using model::FieldError;
using model::Permission;
using model::Principal;
using model::Problem;
using Kind = Problem::Kind;

struct ConfiguredServer {
  std::string handle;
  std::string type;
  std::optional<std::string> description;
  std::optional<bool> enabled;
  boost::json::object settings;
  std::optional<model::SyncSchedule> schedule;  // directory servers only
  std::optional<Numbering> numbering;           // servers that deal with numbers only
};
BOOST_DESCRIBE_STRUCT(ConfiguredServer, (), (handle, type, description, enabled, settings, schedule, numbering))

struct ConfiguredUser {
  std::string login;
  std::optional<std::string> telephony_server;
  std::optional<std::string> extension;
  std::optional<bool> enabled;
};
BOOST_DESCRIBE_STRUCT(ConfiguredUser, (), (login, telephony_server, extension, enabled))

struct Document {
  int version = 0;
  std::vector<ConfiguredServer> servers;
  std::vector<model::DialPlan> dial_plans;
  std::vector<ConfiguredUser> users;
  std::optional<Defaults> defaults;
};
BOOST_DESCRIBE_STRUCT(Document, (), (version, servers, dial_plans, users, defaults))

const kernel::Log& log() {
  static const kernel::Log log("services.configuration");
  return log;
}

// One change that was found: how it is shown, done and taken back.
struct Step {
  ConfigurationChange change;
  std::function<void(const Principal&)> perform;
  std::function<void(const Principal&)> takeBack;
};

Document read(const boost::json::value& document) {
  try {
    auto out = fromJson<Document>(document);
    if (out.version == 1) return out;
    throw Error(Status::invalid, "configuration.invalid", "/version: " + std::to_string(out.version) + " is not 1",
                "/version", std::to_string(out.version));
  } catch (const Error& error) {
    throw Problem(Kind::invalid, "configuration.invalid", error.what(), {{error.field(), error.value(), error.what()}});
  }
}

// The members that differ, never their values.
void compare(const boost::json::object& before, const boost::json::object& after, const std::string& pointer,
             std::vector<std::string>& what) {
  for (const auto& [name, value] : after) {
    const auto* old = before.if_contains(name);
    if (!old || *old != value) what.push_back(pointer + "/" + std::string(name));
  }
  for (const auto& [name, value] : before)
    if (!after.contains(name)) what.push_back(pointer + "/" + std::string(name));
}

template <class T>
void compare(const std::optional<T>& wanted, const T& now, const char* pointer, std::vector<std::string>& what) {
  if (wanted && *wanted != now) what.emplace_back(pointer);
}

}  // namespace

struct SiteConfiguration::Impl {
  Impl(const Context& ground, Servers& of_servers, Users& of_users, DirectorySchedule& of_schedules,
       DialPlans& of_plans)
      : context(ground),
        servers(of_servers),
        users(of_users),
        schedules(of_schedules),
        dial_plans(of_plans),
        defaults(ground.configuration) {}

  const Context context;
  Servers& servers;
  Users& users;
  DirectorySchedule& schedules;
  DialPlans& dial_plans;
  SiteDefaults defaults;
  std::mutex applying;  // one document at a time; taken by no event path

  std::optional<store::ServerRecord> stored(const std::string& handle) const {
    for (auto& record : servers.records())
      if (record.handle == handle) return std::move(record);
    return std::nullopt;
  }

  // The input that brings the server to what the document says.
  ServerInput inputOf(const ConfiguredServer& wanted, const std::optional<store::ServerRecord>& before,
                      const std::string& pointer, std::vector<FieldError>& wrong) const {
    boost::json::value settings = wanted.settings;
    resolveSecrets(settings, pointer + "/settings", context.secrets_folder, wrong);
    ServerInput input;
    input.handle = wanted.handle;
    input.type = wanted.type;
    input.description = wanted.description.value_or(before ? before->description : std::string());
    input.enabled = wanted.enabled.value_or(before ? before->enabled : true);
    input.settings = std::move(settings.get_object());
    input.revision = before ? before->revision : 0;
    return input;
  }

  static ServerInput inputOf(const store::ServerRecord& record) {
    return {record.handle, record.type, record.description, record.enabled, record.settings, 0};
  }

  void replaceServer(const Principal& principal, ServerInput input) {
    const auto now = stored(input.handle);
    input.revision = now ? now->revision : 0;
    const auto view = servers.replace(principal, input.handle, input);
    if (view.enabled && view.restart_required) servers.restart(principal, input.handle);
  }

  void removeServer(const Principal& principal, const ServerInput& created) {
    auto disabled = created;
    disabled.enabled = false;
    replaceServer(principal, disabled);
    servers.remove(principal, created.handle);
  }

  Step creation(const ServerInput& input) {
    Step step;
    step.change = {"create", "server/" + input.handle, {}};
    step.perform = [this, input](const Principal& principal) { servers.create(principal, input); };
    step.takeBack = [this, input](const Principal& principal) { removeServer(principal, input); };
    return step;
  }

  std::optional<Step> serverStep(const ConfiguredServer& wanted, const std::string& pointer,
                                 std::vector<FieldError>& wrong) {
    const auto before = stored(wanted.handle);
    const auto input = inputOf(wanted, before, pointer, wrong);
    try {
      servers.check(input);
    } catch (const Problem& problem) {
      if (problem.fields().empty()) wrong.push_back({pointer, wanted.handle, problem.what()});
      for (const auto& field : problem.fields()) wrong.push_back({pointer + field.pointer, field.value, field.rule});
      return std::nullopt;
    }
    if (!before) return creation(input);
    if (before->type != wanted.type) {
      wrong.push_back({pointer + "/type", wanted.type, "stays " + before->type + "; remove the server first"});
      return std::nullopt;
    }
    Step step;
    step.change = {"change", "server/" + wanted.handle, {}};
    if (input.description != before->description) step.change.what.emplace_back("/description");
    if (input.enabled != before->enabled) step.change.what.emplace_back("/enabled");
    compare(before->settings, servers.withSecrets(input), "/settings", step.change.what);
    if (step.change.what.empty()) return std::nullopt;
    step.perform = [this, input](const Principal& principal) { replaceServer(principal, input); };
    step.takeBack = [this, old = inputOf(*before)](const Principal& principal) { replaceServer(principal, old); };
    return step;
  }

  std::optional<Step> scheduleStep(const ConfiguredServer& wanted, const std::string& pointer,
                                   std::vector<FieldError>& wrong) {
    if (!wanted.schedule) return std::nullopt;
    if (servers.kindOf(wanted.type) != "directory") {
      wrong.push_back({pointer + "/schedule", wanted.type, "for directory servers only"});
      return std::nullopt;
    }
    for (auto& fault : faultsOf(*wanted.schedule, pointer + "/schedule")) wrong.push_back(std::move(fault));
    const auto before = schedules.of(wanted.handle);
    Step step;
    step.change = {"change", "schedule/" + wanted.handle, {}};
    compare(toJson(before).as_object(), toJson(*wanted.schedule).as_object(), "", step.change.what);
    if (step.change.what.empty()) return std::nullopt;
    const auto to = [this, server = wanted.handle](const model::SyncSchedule& schedule) {
      return [this, server, schedule](const Principal& principal) { schedules.set(principal, server, schedule); };
    };
    step.perform = to(*wanted.schedule);
    step.takeBack = to(before);
    return step;
  }

  void replacePlan(const Principal& principal, const model::DialPlan& plan) {
    dial_plans.replace(principal, plan.handle, {plan, dial_plans.get(principal, plan.handle).revision});
  }

  std::optional<Step> planStep(model::DialPlan wanted, const std::string& pointer, std::vector<FieldError>& wrong) {
    auto faults = faultsOf(wanted, pointer);
    if (!faults.empty()) {
      for (auto& fault : faults) wrong.push_back(std::move(fault));
      return std::nullopt;
    }
    model::renumber(wanted);
    const auto known = dial_plans.plans();
    const auto before =
        std::find_if(known.begin(), known.end(), [&](const auto& plan) { return plan.handle == wanted.handle; });
    Step step;
    if (before == known.end()) {
      step.change = {"create", "dialPlan/" + wanted.handle, {}};
      step.perform = [this, wanted](const Principal& principal) { dial_plans.create(principal, {wanted, 0}); };
      step.takeBack = [this, wanted](const Principal& principal) { dial_plans.remove(principal, wanted.handle); };
      return step;
    }
    step.change = {"change", "dialPlan/" + wanted.handle, {}};
    compare(toJson(*before).as_object(), toJson(wanted).as_object(), "", step.change.what);
    if (step.change.what.empty()) return std::nullopt;
    step.perform = [this, wanted](const Principal& principal) { replacePlan(principal, wanted); };
    step.takeBack = [this, old = *before](const Principal& principal) { replacePlan(principal, old); };
    return step;
  }

  std::optional<Step> numberingStep(const ConfiguredServer& wanted, const std::string& pointer,
                                    const std::vector<model::DialPlan>& coming, std::vector<FieldError>& wrong) {
    if (!wanted.numbering) return std::nullopt;
    if (!DialPlans::dealsWithNumbers(servers.kindOf(wanted.type))) {
      wrong.push_back({pointer + "/numbering", wanted.type, "for servers that deal with numbers only"});
      return std::nullopt;
    }
    for (auto& fault : dial_plans.faultsOf(*wanted.numbering, coming))
      wrong.push_back({pointer + "/numbering" + fault.pointer, std::move(fault.value), std::move(fault.rule)});
    const auto before = dial_plans.numberingOf(wanted.handle);
    Step step;
    step.change = {"change", "numbering/" + wanted.handle, {}};
    compare(toJson(before).as_object(), toJson(*wanted.numbering).as_object(), "", step.change.what);
    if (step.change.what.empty()) return std::nullopt;
    const auto to = [this, server = wanted.handle](const Numbering& numbering) {
      return [this, server, numbering](const Principal& principal) {
        dial_plans.setNumbering(principal, server, numbering);
      };
    };
    step.perform = to(*wanted.numbering);
    step.takeBack = to(before);
    return step;
  }

  std::optional<Step> userStep(const ConfiguredUser& wanted, const std::string& pointer,
                               const std::vector<ConfiguredServer>& coming, std::vector<FieldError>& wrong) {
    const auto before = users.byLogin(wanted.login);
    if (!before) {
      wrong.push_back({pointer + "/login", wanted.login, "a user of the directory; synchronise it first"});
      return std::nullopt;
    }
    checkServer(wanted.telephony_server, pointer, coming, wrong);
    Step step;
    step.change = {"change", "user/" + wanted.login, {}};
    compare(wanted.telephony_server, before->telephony_server, "/telephonyServer", step.change.what);
    compare(wanted.extension, before->extension, "/extension", step.change.what);
    compare(wanted.enabled, before->enabled, "/enabled", step.change.what);
    if (step.change.what.empty()) return std::nullopt;
    const UserPatch patch{wanted.telephony_server, wanted.extension, wanted.enabled};
    // What the directory says needs no assignment of its own.
    const std::string own = before->extension == before->person.extension ? std::string() : before->extension;
    const UserPatch old{before->telephony_server, own, before->enabled};
    const std::string id = before->person.id;
    step.perform = [this, id, patch](const Principal& principal) { users.change(principal, id, patch); };
    step.takeBack = [this, id, old](const Principal& principal) { users.change(principal, id, old); };
    return step;
  }

  // A telephony server that is there, or that the same document brings.
  void checkServer(const std::optional<std::string>& handle, const std::string& pointer,
                   const std::vector<ConfiguredServer>& coming, std::vector<FieldError>& wrong) const {
    if (!handle || handle->empty()) return;
    const auto known = servers.handlesOf("telephony");
    const bool there = std::find(known.begin(), known.end(), *handle) != known.end() ||
                       std::any_of(coming.begin(), coming.end(), [&](const auto& server) {
                         return server.handle == *handle && servers.kindOf(server.type) == "telephony";
                       });
    if (!there) wrong.push_back({pointer + "/telephonyServer", *handle, "the handle of a telephony server"});
  }

  std::optional<Step> defaultsStep(const std::optional<Defaults>& wanted, const std::vector<ConfiguredServer>& coming,
                                   std::vector<FieldError>& wrong) {
    if (!wanted) return std::nullopt;
    checkServer(wanted->telephony_server, "/defaults", coming, wrong);
    const auto before = defaults.get();
    if (before.telephony_server == wanted->telephony_server) return std::nullopt;
    Step step;
    step.change = {"change", "defaults", {"/telephonyServer"}};
    step.perform = [this, fresh = *wanted](const Principal& principal) {
      defaults.set(fresh);
      context.audit.record(principal, "defaults.change", fresh.telephony_server);
    };
    step.takeBack = [this, before](const Principal&) { defaults.set(before); };
    return step;
  }

  std::vector<Step> steps(const Document& document) {
    std::vector<Step> out;
    std::vector<FieldError> wrong;
    const auto add = [&](std::optional<Step> step) {
      if (step) out.push_back(*std::move(step));
    };
    for (std::size_t i = 0; i < document.dial_plans.size(); ++i)
      add(planStep(document.dial_plans[i], "/dialPlans/" + std::to_string(i), wrong));
    for (std::size_t i = 0; i < document.servers.size(); ++i) {
      const std::string pointer = "/servers/" + std::to_string(i);
      add(serverStep(document.servers[i], pointer, wrong));
      add(scheduleStep(document.servers[i], pointer, wrong));
      add(numberingStep(document.servers[i], pointer, document.dial_plans, wrong));
    }
    for (std::size_t i = 0; i < document.users.size(); ++i)
      add(userStep(document.users[i], "/users/" + std::to_string(i), document.servers, wrong));
    add(defaultsStep(document.defaults, document.servers, wrong));
    if (wrong.empty()) return out;
    const std::string first = model::sentenceOf(wrong.front());
    throw Problem(Kind::invalid, "configuration.invalid", first, std::move(wrong));
  }

  void perform(const Principal& principal, const std::vector<Step>& steps) {
    std::size_t done = 0;
    try {
      for (; done < steps.size(); ++done) steps[done].perform(principal);
    } catch (const Problem& problem) {
      for (; done > 0; --done) takeBack(principal, steps[done - 1]);
      throw Problem(problem.kind(), problem.code(),
                    std::string(problem.what()) + " Nothing of the document is in force.", problem.fields());
    }
  }

  void takeBack(const Principal& principal, const Step& step) const {
    try {
      step.takeBack(principal);
    } catch (const Problem& problem) {
      log().error("configuration.undo", {{"object", step.change.object}, {"reason", problem.what()}});
    }
  }
};

SiteConfiguration::SiteConfiguration(const Context& context, Servers& servers, Users& users,
                                     DirectorySchedule& schedules, DialPlans& dial_plans)
    : impl_(std::make_unique<Impl>(context, servers, users, schedules, dial_plans)) {}
SiteConfiguration::~SiteConfiguration() = default;

boost::json::object SiteConfiguration::exportAll(const Principal& principal) const {
  principal.require(Permission::viewSystem);
  boost::json::array servers;
  for (const auto& record : impl_->servers.records()) {
    boost::json::object out{{"handle", record.handle},
                            {"type", record.type},
                            {"description", record.description},
                            {"enabled", record.enabled},
                            {"settings", impl_->servers.masked(record.type, record.settings)}};
    const auto kind = impl_->servers.kindOf(record.type);
    if (kind == "directory") out["schedule"] = toJson(impl_->schedules.of(record.handle));
    if (DialPlans::dealsWithNumbers(kind)) out["numbering"] = toJson(impl_->dial_plans.numberingOf(record.handle));
    servers.push_back(std::move(out));
  }
  boost::json::array users;
  impl_->users.each([&](const store::UserRecord& user) {
    const bool own_extension = user.extension != user.person.extension;
    if (user.telephony_server.empty() && !own_extension && user.enabled) return;
    boost::json::object out{{"login", user.person.login}};
    out["telephonyServer"] = user.telephony_server;
    if (own_extension) out["extension"] = user.extension;
    out["enabled"] = user.enabled;
    users.push_back(std::move(out));
  });
  return {{"version", 1},
          {"servers", std::move(servers)},
          {"dialPlans", toJson(impl_->dial_plans.plans())},
          {"users", std::move(users)},
          {"defaults", toJson(impl_->defaults.get())}};
}

ApplyResult SiteConfiguration::apply(const Principal& principal, const boost::json::value& document, bool dry_run) {
  if (dry_run)
    principal.require(Permission::viewSystem);
  else
    impl_->context.audit.require(principal, Permission::changeSystem, "configuration.apply", "site");
  const std::lock_guard one_document(impl_->applying);
  const auto wanted = read(document);
  const auto steps = impl_->steps(wanted);
  ApplyResult result{dry_run, {}};
  for (const auto& step : steps) result.changes.push_back(step.change);
  if (dry_run) return result;
  impl_->perform(principal, steps);
  if (!steps.empty()) {
    impl_->context.audit.record(principal, "configuration.apply", "site", {}, toJsonText(result));
    assignDefaults();
  }
  return result;
}

void SiteConfiguration::assignDefaults() {
  const auto server = impl_->defaults.get().telephony_server;
  if (server.empty()) return;
  const auto known = impl_->servers.handlesOf("telephony");
  if (std::find(known.begin(), known.end(), server) == known.end()) return;
  try {
    impl_->users.assignAll(model::jackfieldItself(), server);
  } catch (const Problem& problem) {
    log().error("configuration.assign", {{"server", server}, {"reason", problem.what()}});
  }
}

}  // namespace jackfield::services
