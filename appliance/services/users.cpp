// SPDX-License-Identifier: Apache-2.0
// Users: telephony assignments within the limit of administered users.
#include "services/users.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include <jackfield/json.hpp>

#include "kernel/base/log.hpp"
#include "model/problem.hpp"
#include "services/audit.hpp"
#include "services/context.hpp"
#include "services/counters.hpp"
#include "services/paging.hpp"
#include "services/servers.hpp"

namespace jackfield::services {
namespace {

using model::Permission;
using model::Principal;
using model::Problem;
using Kind = Problem::Kind;

constexpr std::size_t longest_extension = 64;

const kernel::Log& log() {
  static const kernel::Log log("services.users");
  return log;
}

bool isExtension(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("+*#._-").find(c) != std::string_view::npos;
  };
  return text.size() <= longest_extension && std::all_of(text.begin(), text.end(), allowed);
}

bool sameLogin(const std::string& one, const std::string& other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::string auditText(const store::UserRecord& user) {
  return boost::json::serialize(boost::json::object{
      {"telephonyServer", user.telephony_server}, {"extension", user.extension}, {"enabled", user.enabled}});
}

}  // namespace

struct Users::Impl {
  Impl(const Context& ground, const Servers& of) : context(ground), servers(of) {}

  const Context context;
  const Servers& servers;
  std::mutex changes;        // one change at a time, so that the limit holds; taken by no event path
  mutable std::mutex mutex;  // of on_change
  std::vector<std::function<void()>> on_change;

  store::UserRecord stored(const std::string& id) const {
    if (auto user = context.people.user(id)) return *std::move(user);
    throw Problem(Kind::notFound, "user.unknown",
                  "user: there is none of this id; users come from the directory with the next synchronisation");
  }

  void check(const UserPatch& patch) const {
    if (patch.extension && !isExtension(*patch.extension)) {
      const std::string rule = "at most 64 letters, digits, '+', '*', '#', '.', '_' or '-'";
      throw Problem(Kind::invalid, "user.extension", "extension: " + patch.extension->substr(0, 80) + " is not " + rule,
                    {{"/extension", patch.extension->substr(0, 80), rule}});
    }
    if (!patch.telephony_server || patch.telephony_server->empty()) return;
    const auto all = servers.handlesOf("telephony");
    if (std::find(all.begin(), all.end(), *patch.telephony_server) != all.end()) return;
    throw Problem(
        Kind::invalid, "user.server",
        "telephonyServer: " + patch.telephony_server->substr(0, 80) + " is not the handle of a telephony server",
        {{"/telephonyServer", patch.telephony_server->substr(0, 80), "the handle of a telephony server"}});
  }

  std::uint64_t administered() const {
    std::uint64_t count = 0;
    for (const auto& handle : servers.handlesOf("telephony")) count += context.people.usersOf(handle);
    return count;
  }

  // CAP-003, with what CAP-013 asks of a refusal.
  void requireRoom(const Principal& principal, const store::UserRecord& before, const UserPatch& patch) {
    const bool newcomer = before.telephony_server.empty() && patch.telephony_server && !patch.telephony_server->empty();
    if (!newcomer || administered() < context.limits.administered_users) return;
    context.counters.capacity_refusals.add();
    context.audit.record(principal, "user.capacity", before.person.login);
    const std::string limit = std::to_string(context.limits.administered_users);
    log().warning("capacity.administeredUsers", {{"limit", limit}, {"user", before.person.login}});
    throw Problem(Kind::tooMany, "capacity.administeredUsers",
                  "There are " + limit + " users with a telephony server already, as many as this server allows.");
  }

  bool assign(const store::UserRecord& user, const std::string& telephony_server) {
    try {
      context.people.change(user.person.id, {telephony_server, std::nullopt, std::nullopt});
      return true;
    } catch (const Problem& problem) {
      // Two people with one extension: the administrator has to say whose it is.
      log().warning("user.unassigned", {{"user", user.person.login}, {"reason", problem.what()}});
      return false;
    }
  }

  void tellFull(const Principal& principal, std::uint64_t left_out) {
    context.counters.capacity_refusals.add();
    context.audit.record(principal, "user.capacity", std::to_string(left_out));
    log().warning("capacity.administeredUsers.left",
                  {{"limit", std::to_string(context.limits.administered_users)}, {"count", std::to_string(left_out)}});
  }

  void tellChange() {
    std::vector<std::function<void()>> listeners;
    {
      const std::lock_guard lock(mutex);
      listeners = on_change;
    }
    for (const auto& listener : listeners) listener();
  }
};

Users::Users(const Context& context, const Servers& servers) : impl_(std::make_unique<Impl>(context, servers)) {}
Users::~Users() = default;

store::UserPage Users::list(const Principal& principal, const std::string& text, std::size_t limit,
                            std::size_t offset) const {
  principal.require(Permission::viewSystem);
  requireSearch(text);
  requireLimit(limit);
  return impl_->context.people.users(text, limit, offset);
}

store::UserRecord Users::get(const Principal& principal, const std::string& id) const {
  principal.require(Permission::viewSystem);
  return impl_->stored(id);
}

store::UserRecord Users::change(const Principal& principal, const std::string& id, const UserPatch& patch) {
  impl_->context.audit.require(principal, Permission::changeSystem, "user.change", id);
  store::UserRecord after;
  {
    const std::lock_guard one_change(impl_->changes);
    const auto before = impl_->stored(id);
    impl_->check(patch);
    impl_->requireRoom(principal, before, patch);
    after = impl_->context.people.change(id, {patch.telephony_server, patch.extension, patch.enabled});
    impl_->context.audit.record(principal, "user.change", before.person.login, auditText(before), auditText(after));
  }
  impl_->tellChange();
  return after;
}

std::uint64_t Users::assignAll(const Principal& principal, const std::string& telephony_server) {
  std::vector<store::UserRecord> waiting;
  each([&](const auto& user) {
    if (user.enabled && user.telephony_server.empty() && !user.extension.empty()) waiting.push_back(user);
  });
  if (waiting.empty()) return 0;
  std::uint64_t given = 0;
  {
    const std::lock_guard one_change(impl_->changes);
    const UserPatch patch{telephony_server, std::nullopt, std::nullopt};
    impl_->check(patch);
    std::uint64_t room = impl_->administered();
    room = impl_->context.limits.administered_users - std::min(room, impl_->context.limits.administered_users);
    for (const auto& user : waiting) given += given < room && impl_->assign(user, telephony_server) ? 1 : 0;
    if (waiting.size() > room) impl_->tellFull(principal, waiting.size() - room);
  }
  impl_->context.audit.record(principal, "user.assign", telephony_server, {}, std::to_string(given));
  impl_->tellChange();
  return given;
}

std::optional<store::UserRecord> Users::byLogin(const std::string& login) const {
  for (std::size_t offset = 0;; offset += most_entries) {
    auto page = impl_->context.people.users(login.substr(0, longest_search), most_entries, offset);
    for (auto& user : page.entries)
      if (sameLogin(user.person.login, login)) return std::move(user);
    if (page.entries.size() < most_entries) return std::nullopt;
  }
}

void Users::each(const std::function<void(const store::UserRecord&)>& visit) const {
  for (std::size_t offset = 0;; offset += most_entries) {
    const auto page = impl_->context.people.users({}, most_entries, offset);
    for (const auto& user : page.entries) visit(user);
    if (page.entries.size() < most_entries) return;
  }
}

std::uint64_t Users::administered() const {
  return impl_->administered();
}

void Users::onChange(std::function<void()> listener) {
  const std::lock_guard lock(impl_->mutex);
  impl_->on_change.push_back(std::move(listener));
}

}  // namespace jackfield::services
