// SPDX-License-Identifier: Apache-2.0
// What Jackfield itself says of users beside the directory, and who has which extension. In memory; callers lock.
#ifndef JACKFIELD_STORE_USER_BOOK_HPP
#define JACKFIELD_STORE_USER_BOOK_HPP

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "store/people.hpp"
#include "store/people_view.hpp"

namespace jackfield::store {

class UserBook {
 public:
  struct Settings {
    std::optional<std::string> telephony_server;
    std::optional<std::string> extension;
    bool enabled = true;
  };

  // Directories and settings from the database, extensions from the view.
  void load(Poco::Data::Session&, std::shared_ptr<const PeopleView>);

  const PeopleView& view() const { return *view_; }
  std::shared_ptr<const PeopleView> sharedView() const { return view_; }
  Settings settings(std::string_view id) const;
  void change(std::uint32_t rank, const Settings&);

  // The record, of the person only what the view has.
  UserRecord record(std::uint32_t rank) const;
  std::string telephonyServer(std::uint32_t rank) const;
  std::string defaultServer(std::uint32_t rank) const;  // of the directory
  std::string extension(std::uint32_t rank) const;
  // Everybody with this extension there, the owner first.
  std::vector<std::uint32_t> withExtension(const std::string& server, const std::string& extension) const;
  std::vector<std::uint32_t> withExtension(const std::string& extension) const;  // on any server
  // Ranks whose extension was set here and begins with these digits.
  std::vector<std::uint32_t> setHere(const std::string& begin) const;
  std::vector<ExtensionConflict> conflicts() const;
  std::uint64_t usersOf(const std::string& server) const;

 private:
  struct Directory {
    std::string handle;
    std::string telephony_server;
  };
  static std::string key(const std::string& server, const std::string& extension);
  bool before(std::uint32_t a, std::uint32_t b) const;
  void enter(std::uint32_t rank);
  void leave(std::uint32_t rank);

  std::shared_ptr<const PeopleView> view_;
  std::map<std::uint32_t, Directory> directories_;
  std::map<std::string, Settings, std::less<>> settings_;
  // Both with the owner first.
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_extension_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> anywhere_;
};

}  // namespace jackfield::store

#endif
