// SPDX-License-Identifier: Apache-2.0
// The fake plugins and the site that tests stand on.
#include "support.hpp"

namespace jackfield::services::tests {

using call_control::Call;
using call_control::Connection;
using call_control::ConnectionState;

kernel::Reply failed(Status status, const std::string& code, const std::string& text) {
  kernel::Reply reply;
  reply.status = status;
  reply.body = boost::json::serialize(boost::json::object{{"code", code}, {"text", text}});
  return reply;
}

namespace {

const char* const ldap_schema = R"({"type":"object","properties":{
  "host":{"type":"string"},"password":{"type":"string","x-secret":true},
  "directoryType":{"type":"string","default":"openLdap","x-fixed":true},
  "user":{"type":"object","properties":{
    "domain":{"type":"string","x-fixed":true},"password":{"type":"string","x-secret":true}}},
  "resource":{"type":"object","properties":{
    "domain":{"type":"string","x-fixed":true},"password":{"type":"string","x-secret":true}}},
  "attributes":{"type":"object","x-fixed":"/resource"},
  "groups":{"type":"object","x-fixed":true},
  "contacts":{"type":"array","items":{"type":"object","properties":{
    "domain":{"type":"string"},"password":{"type":"string","x-secret":true}}}}}})";

boost::json::object entry(const char* type, const char* kind, const char* capability, const char* schema) {
  return {{"type", type}, {"kind", kind}, {"label", type}, {"capability", capability}, {"settings", parseJson(schema)}};
}

}  // namespace

void FakePlugins::answer(const std::string& name, Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_[name] = std::move(answer);
}
void FakePlugins::stream(const std::string& name, Parts parts) {
  const std::lock_guard lock(mutex_);
  streams_[name] = std::move(parts);
}

void FakePlugins::state(const std::string& handle, kernel::LifeState life, server::LinkState link,
                        const std::string& reason, std::uint64_t restarts) {
  kernel::InstanceStatus status;
  {
    const std::lock_guard lock(mutex_);
    auto& known = instances_[handle];
    known.handle = handle;
    known.state = life;
    known.link = {link, reason};
    known.restarts = restarts;
    status = known;
  }
  events_.onState(status);
}

std::vector<std::string> FakePlugins::done() const {
  const std::lock_guard lock(mutex_);
  return done_;
}
boost::json::object FakePlugins::settingsOf(const std::string& handle) const {
  const std::lock_guard lock(mutex_);
  const auto found = settings_.find(handle);
  return found == settings_.end() ? boost::json::object() : found->second;
}
std::vector<std::pair<std::string, std::string>> FakePlugins::asked(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [asked, handle, body] : asked_)
    if (asked == name) out.emplace_back(handle, body);
  return out;
}
void FakePlugins::note(const std::string& what, const std::string& handle) {
  const std::lock_guard lock(mutex_);
  done_.push_back(what + " " + handle);
}

std::vector<kernel::PluginInfo> FakePlugins::plugins() const {
  kernel::PluginInfo info;
  info.id = "fake";
  info.version = "1.0.0";
  info.name = "Fake";
  return {info};
}
std::vector<capabilities::ServerType> FakePlugins::serverTypes() const {
  std::vector<capabilities::ServerType> out{
      capabilities::serverTypeOf("fake", entry("ldap", "directory", "directory/1", ldap_schema)),
      capabilities::serverTypeOf("fake", entry("sip", "telephony", "call-control/1", ldap_schema))};
  for (const auto& kind : kinds_)
    out.push_back(
        capabilities::serverTypeOf("fake", entry(kind.c_str(), kind.c_str(), (kind + "/1").c_str(), ldap_schema)));
  return out;
}
std::vector<model::FieldError> FakePlugins::validate(const std::string&, const boost::json::object& settings) const {
  std::vector<model::FieldError> wrong;
  const auto* host = settings.if_contains("host");
  if (!host || !host->is_string() || host->get_string().empty()) wrong.push_back({"/host", "", "a host name"});
  const auto* port = settings.if_contains("port");
  if (port && (!port->is_int64() || port->get_int64() > 65535))
    wrong.push_back({"/port", boost::json::serialize(*port), "from 0 to 65535"});
  return wrong;
}

void FakePlugins::add(const std::string& handle, const std::string& type, const boost::json::object& settings) {
  const std::lock_guard lock(mutex_);
  auto& status = instances_[handle];
  status.handle = handle;
  status.server_type = type;
  settings_[handle] = settings;
  done_.push_back("add " + handle);
}
void FakePlugins::start(const std::string& handle) {
  note("start", handle);
  state(handle, kernel::LifeState::running, server::LinkState::connected);
}
void FakePlugins::suspend(const std::string& handle) {
  note("suspend", handle);
  state(handle, kernel::LifeState::stopped, server::LinkState::disconnected);
}
void FakePlugins::resume(const std::string& handle) {
  note("resume", handle);
  state(handle, kernel::LifeState::running, server::LinkState::connected);
}
void FakePlugins::restart(const std::string& handle) {
  note("restart", handle);
  state(handle, kernel::LifeState::running, server::LinkState::connected);
}
void FakePlugins::configure(const std::string& handle, const boost::json::object& settings) {
  {
    const std::lock_guard lock(mutex_);
    settings_[handle] = settings;
  }
  note("configure", handle);
}
void FakePlugins::remove(const std::string& handle) {
  note("remove", handle);
  const std::lock_guard lock(mutex_);
  instances_.erase(handle);
  settings_.erase(handle);
}
void FakePlugins::memory(const std::string& handle, std::uint64_t used_mb, std::uint64_t limit_mb) {
  const std::lock_guard lock(mutex_);
  instances_.at(handle).memory_mb = used_mb;
  instances_.at(handle).memory_limit_mb = limit_mb;
}

std::vector<kernel::InstanceStatus> FakePlugins::instances() const {
  const std::lock_guard lock(mutex_);
  std::vector<kernel::InstanceStatus> out;
  for (const auto& [handle, status] : instances_) out.push_back(status);
  return out;
}

std::uint64_t FakePlugins::request(const std::string& handle, const std::string& name, std::string body,
                                   kernel::Channel, std::chrono::milliseconds,
                                   std::function<void(kernel::Reply)> handler) {
  const std::lock_guard lock(mutex_);
  asked_.emplace_back(name, handle, body);
  const auto parts = streams_[name];
  threads_.emplace_back([parts, body, handler] {
    if (parts) return parts(body, handler);
    handler(failed(Status::unsupported, "fake.unsupported", "no script"));
  });
  return asked_.size();
}
void FakePlugins::cancel(const std::string& handle, std::uint64_t) {
  note("cancel", handle);
}

kernel::Reply FakePlugins::call(const std::string& handle, const std::string& name, std::string body, kernel::Channel,
                                std::chrono::milliseconds) {
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    asked_.emplace_back(name, handle, body);
    answer = answers_[name];
  }
  return answer ? answer(handle, body) : failed(Status::unsupported, "fake.unsupported", "no script");
}

server::TestResult FakePlugins::test(const std::string& handle, const std::string&, const boost::json::object& settings,
                                     std::chrono::milliseconds) {
  note("test", handle + " " + boost::json::serialize(settings));
  Answer scripted;
  {
    const std::lock_guard lock(mutex_);
    scripted = answers_["server/1.test"];
  }
  if (scripted) return fromJson<server::TestResult>(parseJson(scripted(handle, {}).body));
  return {{{server::Severity::error, "fake.unreachable", "reachability", "nobody answers"}}};
}
void FakePlugins::shutdown() {
  join();
}
void FakePlugins::join() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    threads.swap(threads_);
  }
  for (auto& thread : threads) thread.join();
}

bool Reader::send(const std::shared_ptr<const std::string>& frame) {
  const std::lock_guard lock(mutex_);
  if (frames_.size() >= limit_) return false;
  frames_.push_back(frame);
  return true;
}
void Reader::close(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  closed_ = reason;
}
std::vector<boost::json::object> Reader::frames() const {
  const std::lock_guard lock(mutex_);
  std::vector<boost::json::object> out;
  for (const auto& frame : frames_) out.push_back(parseJson(*frame).get_object());
  return out;
}
std::vector<std::string> Reader::types() const {
  std::vector<std::string> out;
  for (const auto& frame : frames())
    if (frame.at("type") != "hello") out.emplace_back(frame.at("type").get_string());
  return out;
}
std::string Reader::lastCursor() const {
  return std::string(frames().back().at("cursor").get_string());
}
std::string Reader::closedFor() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}
bool Reader::has(std::size_t events) const {
  const std::lock_guard lock(mutex_);
  return frames_.size() >= events + 1;
}

Site::Site() {
  limits_.failed_sign_in = std::chrono::milliseconds(0);
  restart();
}

void Site::restart() {
  services_.reset();
  services::Setup setup;
  setup.data_folder = folder_.path() / "data";
  setup.version = "0.1.0";
  setup.limits = limits_;
  setup.clock = [this] { return now_.load(); };
  setup.plugins = [this](kernel::PluginEvents& events) {
    auto made = std::make_unique<FakePlugins>(events);
    plugins_ = made.get();
    return made;
  };
  services_ = std::make_unique<Services>(std::move(setup));
  plugins_->answer("directory/1.authenticate", [this](const auto&, const auto& body) {
    const auto asked = fromJson<directory::Authenticate>(parseJson(body));
    const std::lock_guard lock(mutex_);
    for (const auto& known : people_) {
      if (known.login != asked.login || asked.password != "right") continue;
      kernel::Reply reply;
      reply.body = toJsonText(directory::Authenticated{known});
      return reply;
    }
    return failed(Status::auth, "directory.credentials", "login or password is wrong");
  });
  plugins_->stream("directory/1.sync", [this](const auto&, const auto& reply) {
    directory::SyncPart part;
    {
      const std::lock_guard lock(mutex_);
      part.entries = people_;
    }
    part.cursor = "c1";
    kernel::Reply last;
    last.body = toJsonText(part);
    reply(last);
  });
  services_->start();
}

void Site::addDirectory(const std::string& handle) {
  services().servers().create(admin, {handle, "ldap", "", true, {{"host", "ldap.test"}}, 0});
}
void Site::addTelephony(const std::string& handle) {
  services().servers().create(admin, {handle, "sip", "", true, {{"host", "sip.test"}}, 0});
}

store::SyncRunRecord Site::synchronise(bool confirm, const std::string& expected) {
  SyncInput input;
  input.confirm_removals = confirm;
  const auto id = services().directorySync().start(admin, input).id;
  waitFor([&] { return services().directorySync().run(admin, id).state != "running"; });
  auto run = services().directorySync().run(admin, id);
  EXPECT_EQ(run.state, expected) << run.text;
  return run;
}

void Site::giveTelephony(const std::string& id, const std::string& server) {
  services().users().change(admin, id, {server, std::nullopt, std::nullopt});
}

directory::Person Site::person(const std::string& login, const std::string& extension, std::vector<std::string> roles) {
  directory::Person out;
  out.id = "id-" + login;
  out.dn = "uid=" + login + ",dc=test";
  out.login = login;
  out.name = "Name of " + login;
  out.surname = login;
  out.extension = extension;
  if (!extension.empty()) out.numbers.push_back({directory::NumberKind::office, extension});
  out.roles = std::move(roles);
  return out;
}

Connection Site::connection(const std::string& extension, call_control::Role role, ConnectionState state, bool served) {
  Connection out;
  out.device = "sip:" + extension + "@site.test";
  out.number = extension;
  out.role = role;
  out.state = state;
  out.served = served;
  out.since = 5000;
  if (state == ConnectionState::connected || state == ConnectionState::held) out.answered = 4000;
  return out;
}

Call Site::talk(const std::string& id, std::vector<Connection> connections) {
  Call out;
  out.id = id;
  out.created = 1000;
  out.connections = std::move(connections);
  return out;
}

call_control::Event Site::event(call_control::EventType type, Call call) {
  call_control::Event out;
  out.event = type;
  out.time = 5000;
  if (!call.connections.empty()) out.device = call.connections.front().device;
  out.call = std::move(call);
  return out;
}

void Site::tell(const call_control::Event& event, const std::string& server,
                std::map<std::string, boost::json::value> keep) {
  call_control::EventMessage message{{event}, {}};
  for (const auto& [key, value] : keep) message.keep[key].text = boost::json::serialize(value);
  plugins().events().onEvent(server, "call-control/1.event", toJsonText(message));
}

}  // namespace jackfield::services::tests
