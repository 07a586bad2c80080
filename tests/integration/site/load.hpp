// SPDX-License-Identifier: Apache-2.0
// Calls of Alice (1001) without end: sipp is the call server that sends each to Jackfield, and the phone behind it.
#ifndef JACKFIELD_TESTS_INTEGRATION_SITE_LOAD_HPP
#define JACKFIELD_TESTS_INTEGRATION_SITE_LOAD_HPP

#include <chrono>
#include <memory>

#include "site.hpp"

namespace jackfield::tests {

class CallLoad {
 public:
  // Rings for 100 ms, talks for `talk`; goes on through restarts of the host until it is destroyed.
  CallLoad(const Site& site, int calls_a_second, std::chrono::milliseconds talk);

 private:
  std::unique_ptr<Process> called_, caller_;
};

}  // namespace jackfield::tests

#endif
