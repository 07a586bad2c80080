// SPDX-License-Identifier: Apache-2.0
// Finding a domain in a directory server's settings, and changing it there.
#include "services/directory_domains.hpp"

#include <algorithm>

#include "model/problem.hpp"
#include "services/audit.hpp"
#include "services/context.hpp"
#include "services/servers.hpp"

namespace jackfield::services {
namespace {

namespace json = boost::json;
using model::Permission;
using model::Principal;
using model::Problem;
using Kind = Problem::Kind;

constexpr const char* backup = "backups/before-password-change.db";

// A domain of some settings: where it stands and what it is for.
struct Place {
  std::string pointer;  // "/user", "/resource", "/contacts/0"
  std::vector<std::string> types;
};

std::string textOf(const json::object& object, const char* name) {
  const auto* found = object.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

// The user domain holds the groups too unless a resource domain does, and is always the first contact domain
// (LDAP-005, LDAP-010).
std::vector<Place> placesIn(const json::object& settings) {
  std::vector<Place> out;
  const bool split = settings.contains("resource");
  if (settings.contains("user"))
    out.push_back({"/user", split ? std::vector<std::string>{"user", "contact"}
                                  : std::vector<std::string>{"user", "resource", "contact"}});
  if (split) out.push_back({"/resource", {"resource"}});
  const auto* contacts = settings.if_contains("contacts");
  if (contacts && contacts->is_array())
    for (std::size_t i = 0; i < contacts->get_array().size(); ++i)
      out.push_back({"/contacts/" + std::to_string(i), {"contact"}});
  return out;
}

json::object& domainAt(json::object& settings, const std::string& pointer) {
  if (!pointer.starts_with("/contacts/")) return settings.at(pointer.substr(1)).as_object();
  return settings.at("contacts").as_array().at(std::stoul(pointer.substr(10))).as_object();
}

std::vector<std::string> addressesOf(const json::object& domain) {
  std::vector<std::string> out;
  const auto* servers = domain.if_contains("servers");
  if (!servers || !servers->is_array()) return out;
  for (const auto& server : servers->get_array()) {
    if (!server.is_object()) continue;
    const auto* port = server.get_object().if_contains("port");
    const bool own = port && port->is_int64() && port->get_int64() != 0;
    const std::string security = textOf(server.get_object(), "security");
    const std::string standard = security.empty() || security == "ldaps" ? "636" : "389";
    out.push_back(textOf(server.get_object(), "host") + ":" + (own ? json::serialize(*port) : standard));
  }
  return out;
}

// As the caller sees it: the domain alone is his document.
Problem ofDomain(const Problem& problem, const std::string& pointer) {
  auto fields = problem.fields();
  const std::string inside = "/settings" + pointer;
  for (auto& field : fields)
    if (field.pointer.starts_with(inside + "/"))
      field.pointer = (field.pointer == inside + "/domain" ? "" : "/settings") + field.pointer.substr(inside.size());
  return Problem(problem.kind(), problem.code(), problem.what(), std::move(fields));
}

}  // namespace

struct DirectoryDomains::Impl {
  Impl(const Context& ground, Servers& of) : context(ground), servers(of) {}

  const Context context;
  Servers& servers;

  store::ServerRecord record(const std::string& server) const {
    const auto known = servers.handlesOf("directory");
    if (std::find(known.begin(), known.end(), server) != known.end())
      if (auto found = context.configuration.server(server)) return *std::move(found);
    throw Problem(Kind::notFound, "sync.server",
                  "server: " + server.substr(0, 80) + " is not the handle of a directory server");
  }

  std::string serverOf(const std::optional<std::string>& given) const {
    if (given) return *given;
    const auto known = servers.handlesOf("directory");
    if (known.size() == 1) return known.front();
    throw Problem(Kind::conflict, "sync.which",
                  known.empty() ? "There is no directory server; configure one first."
                                : "There are several directory servers; name one in \"server\".");
  }

  static std::optional<Place> find(json::object& settings, const std::string& domain) {
    for (const auto& place : placesIn(settings))
      if (textOf(domainAt(settings, place.pointer), "domain") == domain) return place;
    return std::nullopt;
  }
  static Place known(json::object& settings, const std::string& server, const std::string& domain) {
    if (auto place = find(settings, domain)) return *std::move(place);
    throw Problem(Kind::notFound, "domain.unknown",
                  "domain: " + server + " has none of the name " + domain.substr(0, 80));
  }
  static void requireNew(json::object& settings, const std::string& domain) {
    if (!find(settings, domain)) return;
    throw Problem(Kind::conflict, "domain.exists", domain + ": this directory has a domain of this name already",
                  {{"/domain", domain, "unique within its directory"}});
  }

  DomainView view(const store::ServerRecord& of, const Place& place) const {
    auto settings = servers.masked(of.type, of.settings);
    auto domain = domainAt(settings, place.pointer);
    DomainView out{of.handle,           textOf(domain, "domain"), place.types,
                   addressesOf(domain), std::move(domain),        of.restart_required};
    out.settings.erase("domain");
    return out;
  }

  // Saves the server with these settings; secrets that are null in them stay.
  DomainView save(const Principal& principal, const store::ServerRecord& before, json::object settings,
                  const Place& place) {
    ServerInput input{before.handle,  before.type,         before.description,
                      before.enabled, std::move(settings), before.revision};
    try {
      servers.replace(principal, before.handle, input);
    } catch (const Problem& problem) {
      throw ofDomain(problem, place.pointer);
    }
    return view(record(before.handle), place);
  }

  // The directory with this domain alone, so that what *Test* finds is about it.
  void requireAccepted(const Principal& principal, const store::ServerRecord& of, json::object settings,
                       const Place& place) {
    auto domain = domainAt(settings, place.pointer);
    settings["user"] = std::move(domain);
    settings.erase("resource");
    settings.erase("contacts");
    const auto result = servers.test(principal, {{}, of.type, {}, true, std::move(settings), 0});
    for (const auto& finding : result.findings)
      if (finding.severity == server::Severity::error && finding.code == "directory.bind.refused")
        throw Problem(Kind::invalid, "domain.password", finding.text + " Nothing was changed.",
                      {{"/password", "", "the password that the directory has for the service account"}});
  }
};

DirectoryDomains::DirectoryDomains(const Context& context, Servers& servers)
    : impl_(std::make_unique<Impl>(context, servers)) {}
DirectoryDomains::~DirectoryDomains() = default;

std::vector<DomainView> DirectoryDomains::list(const Principal& principal) const {
  principal.require(Permission::viewSystem);
  std::vector<DomainView> out;
  for (const auto& server : impl_->servers.handlesOf("directory")) {
    const auto record = impl_->record(server);
    for (const auto& place : placesIn(record.settings)) out.push_back(impl_->view(record, place));
  }
  return out;
}

DomainView DirectoryDomains::addContact(const Principal& principal, const ContactDomainInput& input) {
  impl_->context.audit.require(principal, Permission::changeSystem, "domain.add", input.domain);
  const auto before = impl_->record(impl_->serverOf(input.server));
  auto settings = before.settings;
  Impl::requireNew(settings, input.domain);
  auto domain = input.settings;
  domain["domain"] = input.domain;
  auto& contacts = settings["contacts"];
  if (!contacts.is_array()) contacts = json::array();
  contacts.get_array().push_back(std::move(domain));
  const Place place{"/contacts/" + std::to_string(contacts.get_array().size() - 1), {"contact"}};
  return impl_->save(principal, before, std::move(settings), place);
}

DomainView DirectoryDomains::change(const Principal& principal, const std::string& server, const std::string& domain,
                                    const DomainChange& wanted) {
  impl_->context.audit.require(principal, Permission::changeSystem, "domain.change", domain);
  const auto before = impl_->record(server);
  auto settings = before.settings;
  const auto place = Impl::known(settings, server, domain);
  if (wanted.domain && *wanted.domain != domain) Impl::requireNew(settings, *wanted.domain);
  auto& at = domainAt(settings, place.pointer);
  for (const auto& [name, value] : wanted.settings)
    if (!value.is_null()) at[name] = value;
  at["domain"] = wanted.domain.value_or(domain);
  return impl_->save(principal, before, std::move(settings), place);
}

void DirectoryDomains::removeContact(const Principal& principal, const std::string& server, const std::string& domain) {
  impl_->context.audit.require(principal, Permission::changeSystem, "domain.remove", domain);
  const auto before = impl_->record(server);
  auto settings = before.settings;
  const auto place = Impl::known(settings, server, domain);
  if (!place.pointer.starts_with("/contacts/"))
    throw Problem(Kind::conflict, "domain.fixed",
                  domain + ": the user and the resource domain stay as long as their directory server does");
  auto& contacts = settings.at("contacts").as_array();
  contacts.erase(contacts.begin() + static_cast<std::ptrdiff_t>(std::stoul(place.pointer.substr(10))));
  impl_->servers.replace(principal, server,
                         {server, before.type, before.description, before.enabled, settings, before.revision});
}

DomainView DirectoryDomains::changePassword(const Principal& principal, const std::string& server,
                                            const std::string& domain, const std::string& password) {
  auto& me = *impl_;
  me.context.audit.require(principal, Permission::changeSystem, "domain.password", domain);
  const auto before = me.record(server);
  auto settings = before.settings;
  const auto place = Impl::known(settings, server, domain);
  domainAt(settings, place.pointer)["password"] = password;
  me.requireAccepted(principal, before, settings, place);
  me.context.configuration.copyTo(me.context.data_folder / backup);
  if (!before.enabled) return me.save(principal, before, std::move(settings), place);
  const bool was_suspended = me.servers.get(principal, server).state == "suspended";
  if (!was_suspended) me.servers.suspend(principal, server);
  try {
    me.save(principal, before, std::move(settings), place);
  } catch (const Problem&) {
    if (!was_suspended) me.servers.resume(principal, server);
    throw;
  }
  if (!was_suspended) me.servers.resume(principal, server);
  return me.view(me.record(server), place);
}

}  // namespace jackfield::services
