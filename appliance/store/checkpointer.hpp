// SPDX-License-Identifier: Apache-2.0
// Moves the write-ahead log into the database file on a thread of its own, so that no commit waits for it.
#ifndef JACKFIELD_STORE_CHECKPOINTER_HPP
#define JACKFIELD_STORE_CHECKPOINTER_HPP

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include <Poco/Data/Session.h>

namespace jackfield::store {

class Checkpointer {
 public:
  explicit Checkpointer(const std::filesystem::path& file);
  ~Checkpointer();
  void logHas(std::uint64_t pages);  // after each commit; never waits for the disk

 private:
  void run();
  void checkpoint(std::uint64_t pages);

  std::unique_ptr<Poco::Data::Session> session_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t pages_ = 0;
  bool due_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace jackfield::store

#endif
