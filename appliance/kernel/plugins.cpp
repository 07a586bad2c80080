// SPDX-License-Identifier: Apache-2.0
// The plugin manager: a catalogue, a map of instances, and Test.
#include "plugins.hpp"

#include <future>
#include <map>
#include <mutex>
#include <utility>

#include <jackfield/json.hpp>

#include "catalogue.hpp"
#include "instance.hpp"

namespace jackfield::kernel {

namespace {

namespace json = boost::json;

std::string settingsText(const std::vector<SettingError>& errors) {
  std::string text;
  for (const auto& error : errors) {
    text += (text.empty() ? "" : "; ") + (error.pointer.empty() ? std::string("settings") : error.pointer) + ": ";
    text += error.value + (error.value.empty() ? "" : " ") + error.rule;
  }
  return text;
}

// Test's instance has no receiver: what it says is for nobody, and nothing is stored for it.
class NoEvents final : public PluginEvents {
  void onEvent(const std::string&, std::string_view, std::string_view) override {}
  void onState(const InstanceStatus&) override {}
  void onRequest(const std::string&, std::string_view, std::string_view, std::function<void(Reply)> reply) override {
    reply({Status::ok, R"({"records":{}})", {}, false});
  }
};

}  // namespace

Error Reply::error() const {
  std::string code = "plugin.answer.malformed", text = "the plugin failed without a reason", field, value;
  try {
    const json::value document = parseJson(body);
    const auto& problem = document.as_object();
    const auto read = [&](const char* name, std::string& out) {
      const auto* member = problem.if_contains(name);
      if (member && member->is_string()) out = std::string(member->get_string());
    };
    read("code", code);
    read("text", text);
    read("field", field);
    read("value", value);
  } catch (const std::exception&) {
    // No problem document: the general sentence stands.
  }
  return Error(status, code, text, field, value);
}

Reply Reply::failed(const Error& error) {
  json::object problem{{"code", error.code()}, {"text", error.what()}};
  if (!error.field().empty()) problem["field"] = error.field();
  if (!error.value().empty()) problem["value"] = error.value();
  return {error.status(), json::serialize(problem), {}, false};
}

SettingsError::SettingsError(std::vector<SettingError> errors)
    : Error(Status::invalid, "plugin.settings.invalid", settingsText(errors), errors.empty() ? "" : errors[0].pointer,
            errors.empty() ? "" : errors[0].value),
      errors_(std::move(errors)) {}

class PluginManager::Impl {
 public:
  Impl(std::filesystem::path folder, std::filesystem::path program, Hosting hosting, PluginEvents& events,
       PluginOptions options)
      : options_(std::move(options)),
        offer_{options_.capabilities, options_.services},
        program_(std::move(program)),
        hosting_(hosting),
        events_(events),
        catalogue_(folder, offer_) {}
  ~Impl() { shutdown(); }

  const Catalogue& catalogue() const { return catalogue_; }

  void add(InstanceSpec spec) {
    spec.settings = catalogue_.withDefaults(spec.server_type, spec.settings);
    catalogue_.validate(spec.server_type, spec.settings);
    const std::lock_guard lock(mutex_);
    if (down_) throw Error(Status::state, "plugin.manager.down", "Jackfield is shutting down");
    if (instances_.contains(spec.handle))
      throw Error(Status::state, "plugin.handle.taken", "there is a server " + spec.handle + " already", "/handle",
                  spec.handle);
    const std::string handle = spec.handle;
    instances_[handle] = make(std::move(spec), events_);
  }

  std::shared_ptr<Instance> find(const std::string& handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = instances_.find(handle);
    if (found == instances_.end())
      throw Error(Status::notFound, "plugin.handle.unknown", "there is no server " + handle, {}, handle);
    return found->second;
  }

  void configure(const std::string& handle, json::object settings) {
    const auto instance = find(handle);
    settings = catalogue_.withDefaults(instance->serverType(), settings);
    catalogue_.validate(instance->serverType(), settings);
    instance->configure(std::move(settings));
  }

  void remove(const std::string& handle) {
    const auto instance = find(handle);
    instance->want(Instance::Want::gone);
    if (!instance->join())
      throw Error(Status::state, "plugin.remove.inside", "a server cannot be removed inside its own callback");
    const std::lock_guard lock(mutex_);
    instances_.erase(handle);
  }

  std::vector<std::shared_ptr<Instance>> all() const {
    std::vector<std::shared_ptr<Instance>> out;
    const std::lock_guard lock(mutex_);
    for (const auto& [handle, instance] : instances_) out.push_back(instance);
    return out;
  }

  server::TestResult test(InstanceSpec spec, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    Reply reply;
    withTemporary(std::move(spec), [&](Instance& instance) {
      if (auto problem = instance.waitOpen(deadline)) {
        reply = std::move(*problem);
        return;
      }
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      reply = ask(instance, "server/1.test", "{}", Channel::admin, std::max(left, std::chrono::milliseconds(1)));
    });
    return resultOf(reply);
  }

  std::optional<Error> refusal(InstanceSpec spec, std::chrono::milliseconds timeout) {
    std::optional<Reply> problem;
    withTemporary(std::move(spec),
                  [&](Instance& instance) { problem = instance.waitOpen(std::chrono::steady_clock::now() + timeout); });
    if (!problem || problem->status != Status::invalid) return std::nullopt;
    return problem->error();
  }

  static Reply ask(Instance& instance, std::string name, std::string body, Channel channel,
                   std::chrono::milliseconds timeout) {
    // Shared with the handler: it may be called once more than we wait for, by a late part.
    struct Answer {
      std::mutex mutex;
      Reply reply;
      std::promise<void> done;
    };
    const auto answer = std::make_shared<Answer>();
    instance.request(std::move(name), std::move(body), channel, timeout, [answer](Reply reply) {
      if (reply.more) return;
      answer->reply = std::move(reply);
      answer->done.set_value();
    });
    answer->done.get_future().wait();
    return std::move(answer->reply);
  }

  void shutdown() {
    {
      const std::lock_guard lock(mutex_);
      down_ = true;
    }
    const auto instances = all();
    for (const auto& instance : instances) instance->want(Instance::Want::gone);
    for (const auto& instance : instances) instance->join();
  }

 private:
  std::shared_ptr<Instance> make(InstanceSpec spec, PluginEvents& events) {
    const auto& known = catalogue_.find(spec.server_type);
    const Hosting hosting = known.manifest.process == "own" ? Hosting::ownProcess : spec.hosting.value_or(hosting_);
    InstanceContext context{events, options_, deadlines_, program_,
                            [this](const Manifest& manifest) { return sharedThread(manifest); }};
    auto instance = std::make_shared<Instance>(std::move(context), std::move(spec), known.manifest,
                                               LinkPlace{known.folder, offer_}, hosting);
    instance->begin();
    return instance;
  }

  // Runs `use` on an instance that is created and configured, and destroyed again; it is in no list.
  template <class Use>
  void withTemporary(InstanceSpec spec, const Use& use) {
    spec.settings = catalogue_.withDefaults(spec.server_type, spec.settings);
    catalogue_.validate(spec.server_type, spec.settings);
    NoEvents nobody;
    std::shared_ptr<Instance> instance;
    {
      const std::lock_guard lock(mutex_);
      if (down_) throw Error(Status::state, "plugin.manager.down", "Jackfield is shutting down");
      instance = make(std::move(spec), nobody);
    }
    instance->want(Instance::Want::open);
    use(*instance);
    instance->want(Instance::Want::gone);
    instance->join();
  }

  std::shared_ptr<InstanceThread> sharedThread(const Manifest& manifest) {
    if (manifest.threads != "shared") return nullptr;
    const std::lock_guard lock(threads_mutex_);
    auto& thread = threads_[manifest.id];
    if (!thread) thread = InstanceThread::begin(manifest.id);
    return thread;
  }

  // Test never fails as such: what went wrong is a finding.
  static server::TestResult resultOf(const Reply& reply) {
    server::TestResult result;
    Error error = reply.error();
    if (reply.status == Status::ok) {
      try {
        return fromJson<server::TestResult>(parseJson(reply.body), Unknown::ignore);
      } catch (const Error& malformed) {
        error = Error(Status::internal, "plugin.answer.malformed", malformed.what());
      }
    }
    result.findings.push_back({server::Severity::error, error.code(),
                               error.field().empty() ? std::string("plugin") : error.field(), error.what()});
    return result;
  }

  const PluginOptions options_;
  const HostOffer offer_;
  const std::filesystem::path program_;
  const Hosting hosting_;
  PluginEvents& events_;
  const Catalogue catalogue_;
  std::mutex threads_mutex_;
  std::map<std::string, std::shared_ptr<InstanceThread>> threads_;
  Deadlines deadlines_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Instance>> instances_;
  bool down_ = false;
};

PluginManager::PluginManager(std::filesystem::path plugin_folder, std::filesystem::path plugin_host_program,
                             Hosting default_hosting, PluginEvents& events, PluginOptions options)
    : impl_(std::make_unique<Impl>(std::move(plugin_folder), std::move(plugin_host_program), default_hosting, events,
                                   std::move(options))) {}
PluginManager::~PluginManager() = default;

std::vector<PluginInfo> PluginManager::plugins() const {
  return impl_->catalogue().plugins();
}
std::vector<json::object> PluginManager::serverTypes() const {
  return impl_->catalogue().serverTypes();
}
json::object PluginManager::serverType(std::string_view type) const {
  return toJson(*impl_->catalogue().find(type).type).as_object();
}
void PluginManager::validate(std::string_view type, const json::object& settings) const {
  impl_->catalogue().validate(type, settings);
}
json::object PluginManager::withDefaults(std::string_view type, const json::object& settings) const {
  return impl_->catalogue().withDefaults(type, settings);
}

void PluginManager::add(InstanceSpec spec) {
  impl_->add(std::move(spec));
}
void PluginManager::start(const std::string& handle) {
  impl_->find(handle)->want(Instance::Want::run);
}
void PluginManager::suspend(const std::string& handle) {
  impl_->find(handle)->want(Instance::Want::stop);
}
void PluginManager::resume(const std::string& handle) {
  impl_->find(handle)->want(Instance::Want::run);
}
void PluginManager::restart(const std::string& handle) {
  impl_->find(handle)->restart();
}
void PluginManager::configure(const std::string& handle, json::object settings) {
  impl_->configure(handle, std::move(settings));
}
void PluginManager::remove(const std::string& handle) {
  impl_->remove(handle);
}

std::vector<InstanceStatus> PluginManager::instances() const {
  std::vector<InstanceStatus> out;
  for (const auto& instance : impl_->all()) out.push_back(instance->status());
  return out;
}
InstanceStatus PluginManager::instance(const std::string& handle) const {
  return impl_->find(handle)->status();
}

std::uint64_t PluginManager::request(const std::string& handle, std::string name, std::string body, Channel channel,
                                     std::chrono::milliseconds timeout, std::function<void(Reply)> handler) {
  std::shared_ptr<Instance> instance;
  try {
    instance = impl_->find(handle);
  } catch (const Error& error) {
    handler(Reply::failed(error));
    return 0;
  }
  return instance->request(std::move(name), std::move(body), channel, timeout, std::move(handler));
}
void PluginManager::cancel(const std::string& handle, std::uint64_t id) {
  impl_->find(handle)->cancel(id);
}
Reply PluginManager::call(const std::string& handle, std::string name, std::string body, Channel channel,
                          std::chrono::milliseconds timeout) {
  try {
    return Impl::ask(*impl_->find(handle), std::move(name), std::move(body), channel, timeout);
  } catch (const Error& error) {
    return Reply::failed(error);
  }
}

std::optional<Error> PluginManager::refusal(InstanceSpec unsaved, std::chrono::milliseconds timeout) const {
  return impl_->refusal(std::move(unsaved), timeout);
}
server::TestResult PluginManager::test(InstanceSpec unsaved, std::chrono::milliseconds timeout) {
  return impl_->test(std::move(unsaved), timeout);
}
void PluginManager::shutdown() {
  impl_->shutdown();
}

}  // namespace jackfield::kernel
