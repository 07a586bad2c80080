// SPDX-License-Identifier: Apache-2.0
// The first key of a new appliance: while no directory knows who is an administrator, the file setup-token in the data
// folder (mode 0600) lets whoever can read it configure one. It goes when an administrator has signed in.
#ifndef JACKFIELD_SERVICES_SETUP_TOKEN_HPP
#define JACKFIELD_SERVICES_SETUP_TOKEN_HPP

#include <filesystem>
#include <mutex>
#include <string>

namespace jackfield::services {

// Any thread.
class SetupToken {
 public:
  // Takes over a file that an earlier run left.
  explicit SetupToken(std::filesystem::path file);

  // Writes the file unless it is there. Throws Problem(internal, "setup.token") when it cannot.
  void provide();
  void remove();
  bool is(const std::string& token) const;

 private:
  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::string token_;  // empty: there is none
};

}  // namespace jackfield::services

#endif
