// SPDX-License-Identifier: Apache-2.0
// Counting wrong passwords, by login and by address, and how long the next try has to wait. Logins that do not exist
// are counted like those that do, so that nobody learns which is which.
#ifndef JACKFIELD_SERVICES_LOCK_OUT_HPP
#define JACKFIELD_SERVICES_LOCK_OUT_HPP

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "services/limits.hpp"

namespace jackfield::services {

// Any thread.
class LockOut {
 public:
  explicit LockOut(const Limits&);

  // Counts the try as a failure beforehand, so that many at the same time gain nothing. Returns 0, or for how many
  // milliseconds login or address is locked; then nothing was counted.
  std::int64_t begin(const std::string& login, const std::string& address, std::int64_t now);
  // The password was right: the login's failures are forgotten, and this try is taken back from the address.
  void succeeded(const std::string& login, const std::string& address);
  // Nobody could say whether it was right: the try is taken back.
  void undecided(const std::string& login, const std::string& address);

  std::size_t tracked() const;

 private:
  struct Tries {
    unsigned failures = 0;
    std::int64_t locked_until = 0;
    std::int64_t last = 0;
    std::int64_t minute = 0;  // when the running minute of an address began
    unsigned in_minute = 0;
  };
  using Map = std::unordered_map<std::string, Tries>;

  Tries& of(Map&, const std::string& key, std::int64_t now);
  void count(Tries&, unsigned allowed, std::int64_t now) const;
  static void takeBack(Map&, const std::string& key);

  const Limits& limits_;
  mutable std::mutex mutex_;
  Map logins_;
  Map addresses_;
};

}  // namespace jackfield::services

#endif
