// SPDX-License-Identifier: Apache-2.0
// Effective telephony server and extension of each user, and the one owner of each extension.
#include "store/user_book.hpp"

#include <algorithm>

#include "store/sqlite_session.hpp"

namespace jackfield::store {

std::string UserBook::key(const std::string& server, const std::string& extension) {
  return server + '\n' + extension;
}

void UserBook::load(Poco::Data::Session& session, std::shared_ptr<const PeopleView> view) {
  view_ = std::move(view);
  directories_.clear();
  Prepared directories(session, "SELECT number, handle, telephony_server FROM directories");
  while (directories.next())
    directories_[static_cast<std::uint32_t>(directories.integer(0))] = {std::string(directories.text(1)),
                                                                        std::string(directories.text(2))};
  settings_.clear();
  Prepared users(session,
                 "SELECT id, telephony_server IS NOT NULL, telephony_server, extension IS NOT NULL, extension, enabled "
                 "FROM users");
  while (users.next()) {
    Settings settings;
    if (users.integer(1) != 0) settings.telephony_server = users.text(2);
    if (users.integer(3) != 0) settings.extension = users.text(4);
    settings.enabled = users.integer(5) != 0;
    settings_.emplace(users.text(0), std::move(settings));
  }
  by_extension_.clear();
  anywhere_.clear();
  for (std::uint32_t rank = 0; rank < view_->size(); ++rank)
    if (view_->isUser(rank)) enter(rank);
}

UserBook::Settings UserBook::settings(std::string_view id) const {
  const auto found = settings_.find(id);
  return found == settings_.end() ? Settings() : found->second;
}

void UserBook::change(std::uint32_t rank, const Settings& settings) {
  leave(rank);
  settings_[std::string(view_->entry(rank).id)] = settings;
  enter(rank);
}

std::string UserBook::defaultServer(std::uint32_t rank) const {
  return directories_.at(view_->entry(rank).directory).telephony_server;
}

std::string UserBook::telephonyServer(std::uint32_t rank) const {
  const auto entry = view_->entry(rank);
  const auto own = settings(entry.id).telephony_server;
  return own ? *own : defaultServer(rank);
}

std::string UserBook::extension(std::uint32_t rank) const {
  const auto entry = view_->entry(rank);
  const auto own = settings(entry.id).extension;
  return own ? *own : std::string(entry.extension);
}

UserRecord UserBook::record(std::uint32_t rank) const {
  const auto entry = view_->entry(rank);
  UserRecord out;
  out.person.id = entry.id;
  out.person.name = entry.name;
  out.person.login = entry.login;
  out.person.extension = entry.extension;
  out.directory = directories_.at(entry.directory).handle;
  out.telephony_server = telephonyServer(rank);
  out.extension = extension(rank);
  out.enabled = settings(entry.id).enabled;
  return out;
}

bool UserBook::before(std::uint32_t a, std::uint32_t b) const {
  const auto first = view_->entry(a).id;
  const auto second = view_->entry(b).id;
  const auto x = settings(first);
  const auto y = settings(second);
  if (x.extension.has_value() != y.extension.has_value()) return x.extension.has_value();
  if (x.enabled != y.enabled) return x.enabled;
  return first < second;
}

void UserBook::enter(std::uint32_t rank) {
  const auto number = extension(rank);
  if (number.empty()) return;
  const auto insert = [&](std::vector<std::uint32_t>& ranks) {
    ranks.insert(std::lower_bound(ranks.begin(), ranks.end(), rank,
                                  [this](std::uint32_t a, std::uint32_t b) { return before(a, b); }),
                 rank);
  };
  insert(anywhere_[number]);
  if (const auto server = telephonyServer(rank); !server.empty()) insert(by_extension_[key(server, number)]);
}

void UserBook::leave(std::uint32_t rank) {
  const auto number = extension(rank);
  const auto erase = [rank](auto& map, const std::string& name) {
    const auto found = map.find(name);
    if (found == map.end()) return;
    std::erase(found->second, rank);
    if (found->second.empty()) map.erase(found);
  };
  erase(anywhere_, number);
  erase(by_extension_, key(telephonyServer(rank), number));
}

std::vector<std::uint32_t> UserBook::withExtension(const std::string& server, const std::string& number) const {
  const auto found = by_extension_.find(key(server, number));
  return found == by_extension_.end() ? std::vector<std::uint32_t>() : found->second;
}

std::vector<std::uint32_t> UserBook::withExtension(const std::string& number) const {
  const auto found = anywhere_.find(number);
  return found == anywhere_.end() ? std::vector<std::uint32_t>() : found->second;
}

std::vector<std::uint32_t> UserBook::setHere(const std::string& begin) const {
  std::vector<std::uint32_t> out;
  for (const auto& [id, settings] : settings_) {
    if (!settings.extension || settings.extension->compare(0, begin.size(), begin) != 0) continue;
    if (const auto rank = view_->byId(id); rank && view_->isUser(*rank)) out.push_back(*rank);
  }
  return out;
}

std::vector<ExtensionConflict> UserBook::conflicts() const {
  std::vector<ExtensionConflict> out;
  for (const auto& [name, ranks] : by_extension_) {
    if (ranks.size() < 2) continue;
    const auto end = name.find('\n');
    ExtensionConflict conflict{name.substr(0, end), name.substr(end + 1), std::string(view_->entry(ranks[0]).id), {}};
    for (auto rank = ranks.begin() + 1; rank != ranks.end(); ++rank)
      conflict.others.emplace_back(view_->entry(*rank).id);
    out.push_back(std::move(conflict));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::tie(a.telephony_server, a.extension) < std::tie(b.telephony_server, b.extension);
  });
  return out;
}

std::uint64_t UserBook::usersOf(const std::string& server) const {
  std::uint64_t count = 0;
  for (std::uint32_t rank = 0; rank < view_->size(); ++rank)
    if (view_->isUser(rank) && telephonyServer(rank) == server) ++count;
  return count;
}

}  // namespace jackfield::store
