// SPDX-License-Identifier: Apache-2.0
// The second step of the hand-shake: the library and its entry.
#ifndef JACKFIELD_KERNEL_HOLDER_LIBRARY_HPP
#define JACKFIELD_KERNEL_HOLDER_LIBRARY_HPP

#include <filesystem>

#include <jackfield/abi/entry.h>

#include "manifest.hpp"

namespace jackfield::kernel {

// Maps the library of a plugin folder, once in this process and for ever, and checks its entry. Throws Error with a
// code and a sentence of its own for each fault: plugin.library.missing, .outside, .writable, .load, .symbol, .magic,
// plugin.abi.newer, plugin.abi.older, plugin.abi.minor, plugin.entry.size, plugin.entry.create. Any thread.
// Rationale for "for ever": inline and template statics (STB_GNU_UNIQUE) and thread-local destructors keep a library
// mapped anyway; a second load would find the old one's remains.
const jf_plugin_entry& loadLibrary(const std::filesystem::path& folder, const Manifest& manifest);

}  // namespace jackfield::kernel

#endif
