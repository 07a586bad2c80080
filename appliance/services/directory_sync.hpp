// SPDX-License-Identifier: Apache-2.0
// Copying the enterprise directory: full and incremental runs, one at a time for each directory, all or nothing, with
// a guard against mass removal and a history that names every entry left out (LDAP-023, LDAP-032).
#ifndef JACKFIELD_SERVICES_DIRECTORY_SYNC_HPP
#define JACKFIELD_SERVICES_DIRECTORY_SYNC_HPP

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include <jackfield/directory.hpp>

#include "model/principal.hpp"
#include "store/configuration_store.hpp"

namespace jackfield::services {

struct Context;
class Servers;

struct SyncInput {
  std::optional<std::string> server;  // may be left out while there is exactly one directory server
  directory::SyncMode mode = directory::SyncMode::full;
  bool confirm_removals = false;  // a run that was refused for removing too many is allowed to
};
BOOST_DESCRIBE_STRUCT(SyncInput, (), (server, mode, confirm_removals))

// Any thread. A run has a thread of its own; parts come on the instance's channel thread and wait in a short queue.
class DirectorySync {
 public:
  DirectorySync(const Context&, const Servers&);
  ~DirectorySync();  // cancels what runs and waits for it

  // changeSystem. Returns the run at once, state "running"; events of type "sync" tell its progress.
  // notFound "server.unknown"; conflict "sync.running", "sync.noDirectory", "sync.which".
  store::SyncRunRecord start(const model::Principal&, const SyncInput&);
  std::vector<store::SyncRunRecord> runs(const model::Principal&, std::size_t limit = 50) const;  // monitor
  store::SyncRunRecord run(const model::Principal&, std::uint64_t id) const;  // notFound "sync.unknown"

  bool isRunning() const;  // of any directory
  // A server was removed: its run is cancelled and waited for, its entries go.
  void forget(const std::string& server);
  void onDone(std::function<void(const store::SyncRunRecord&)>);  // on the run's thread, no lock held
  void stop();                                                    // cancels what runs and waits for it

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
