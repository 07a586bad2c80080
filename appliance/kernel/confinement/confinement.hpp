// SPDX-License-Identifier: Apache-2.0
// What holds a plugin's process back. jackfield-plugin-host does it to itself, once it knows which plugin it is to
// serve with which settings, and before any code of the plugin is in it. A measure that the kernel or the site does not
// grant is left out and told: a plugin that works with less protection is better than a call server that does not work,
// and the administrator sees which it is.
#ifndef JACKFIELD_KERNEL_CONFINEMENT_CONFINEMENT_HPP
#define JACKFIELD_KERNEL_CONFINEMENT_CONFINEMENT_HPP

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/holder/manifest.hpp"
#include "kernel/measure.hpp"

namespace jackfield::kernel {

// What a plugin's process is left with.
struct Cell {
  std::filesystem::path folder;  // the plugin's
  // Files and folders that its settings name; what is missing is passed over.
  std::vector<std::filesystem::path> readable;
  Needs needs;
};

// Once, in a process that has one thread. "network" is among them where the plugin asks for none.
std::vector<Measure> confine(const Cell&);

}  // namespace jackfield::kernel

#endif
