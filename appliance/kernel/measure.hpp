// SPDX-License-Identifier: Apache-2.0
// One way in which a plugin's process is held back, and whether it is.
#ifndef JACKFIELD_KERNEL_MEASURE_HPP
#define JACKFIELD_KERNEL_MEASURE_HPP

#include <string>

#include <boost/describe.hpp>

namespace jackfield::kernel {

// resources: memory and descriptors are limited, no core files.
// files: read access to the system's libraries, the plugin's folder and what its settings name; a /tmp of its own.
// network: none, where the manifest asks for none.
// privileges: no capability, and none to be had from a set-uid program.
// systemCalls: those that a plugin needs; no new process, no signal to another, no look into one.
struct Measure {
  std::string name;
  bool holds = false;
  std::string reason;  // why not; else empty
};
BOOST_DESCRIBE_STRUCT(Measure, (), (name, holds, reason))

}  // namespace jackfield::kernel

#endif
