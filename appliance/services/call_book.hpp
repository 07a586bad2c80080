// SPDX-License-Identifier: Apache-2.0
// The live calls in memory: by server and id, by the users who take part, and the calls that ended a moment ago.
#ifndef JACKFIELD_SERVICES_CALL_BOOK_HPP
#define JACKFIELD_SERVICES_CALL_BOOK_HPP

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "services/call_documents.hpp"

namespace jackfield::services {

struct LiveCallEntry {
  std::string server;
  call_control::Call call;            // as the driver told it
  CallView view;                      // as people see it
  std::vector<std::string> audience;  // the users who take part, each once
};

// Any thread; one mutex, nothing is called while it is held. Entries are shared and never change.
class CallBook {
 public:
  using Entry = std::shared_ptr<const LiveCallEntry>;

  Entry find(const std::string& server, const std::string& call) const;
  Entry ofUser(const std::string& user, const std::string& call) const;
  std::vector<Entry> ofUser(const std::string& user) const;
  std::vector<Entry> ofServer(const std::string& server) const;
  std::size_t size() const;

  void put(const Entry&);
  // Takes the call out and remembers it as ended, so that a late or repeated event does not bring it back.
  void end(const std::string& server, const std::string& call);
  bool ended(const std::string& server, const std::string& call) const;

 private:
  using Key = std::pair<std::string, std::string>;  // server, call
  void unlink(const LiveCallEntry&);

  mutable std::mutex mutex_;
  std::map<Key, Entry> calls_;
  std::unordered_map<std::string, std::set<Key>> of_user_;
  std::set<Key> ended_;
  std::deque<Key> ended_in_order_;
};

}  // namespace jackfield::services

#endif
