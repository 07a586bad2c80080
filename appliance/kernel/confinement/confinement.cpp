// SPDX-License-Identifier: Apache-2.0
// The measures in their order: what needs rights comes before they are dropped, the filter of system calls last.
#include "confinement.hpp"

#include <functional>
#include <stdexcept>
#include <system_error>

#include <cap-ng.h>
#include <dlfcn.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "private_root.hpp"
#include "system_calls.hpp"

namespace jackfield::kernel {

namespace {

// The runtimes of the sanitizers read /proc, trace their own threads and map terabytes. One comes with our own build,
// or is loaded first by who checks a plugin (jackfield-sdk check --sanitize); the plugin has no say in it.
bool sanitized() {
  for (const auto* name : {"__asan_init", "__tsan_init"})
    if (::dlsym(RTLD_DEFAULT, name)) return true;
  return false;
}

void limit(int resource, rlim_t most, const char* what) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &now) != 0)
    throw std::system_error(errno, std::generic_category(), what);
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most) most = now.rlim_max;
  const rlimit wanted{most, most};
  if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted) != 0)
    throw std::system_error(errno, std::generic_category(), what);
}

void limitResources(const Needs& needs) {
  limit(RLIMIT_CORE, 0, "core files");  // they would hold passwords
  limit(RLIMIT_NOFILE, needs.descriptors, "descriptors");
  limit(RLIMIT_DATA, rlim_t{needs.memory_mb} << 20, "memory");
}

void dropPrivileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    throw std::system_error(errno, std::generic_category(), "no new privileges");
  // The bounding set needs no change: what it bounds is what a program could bring, and none can any more.
  ::capng_clear(CAPNG_SELECT_CAPS);
  if (::capng_apply(CAPNG_SELECT_CAPS) != 0) throw std::runtime_error("the capabilities cannot be dropped");
}

Measure measure(const char* name, const std::function<void()>& take) {
  try {
    take();
    return {name, true, ""};
  } catch (const std::exception& error) {
    return {name, false, error.what()};
  }
}

Measure left(const char* name) {
  return {name, false, "it would stop the sanitizer that is in the process"};
}

}  // namespace

std::vector<Measure> confine(const Cell& cell) {
  const bool offline = cell.needs.network == "none";
  std::vector<Measure> out;
  if (sanitized()) {
    for (const auto* name : {"resources", "files", "systemCalls"}) out.push_back(left(name));
    if (offline) out.push_back(left("network"));
    out.push_back(measure("privileges", dropPrivileges));
    return out;
  }
  out.push_back(measure("resources", [&] { limitResources(cell.needs); }));
  const auto namespaces = measure("network", [&] { enterNamespaces(offline); });
  out.push_back(measure("files", [&] {
    if (!namespaces.holds) throw std::runtime_error(namespaces.reason);
    auto paths = cell.readable;
    paths.push_back(cell.folder);
    enterPrivateRoot(paths);
  }));
  out.push_back(measure("privileges", dropPrivileges));
  out.push_back(measure("systemCalls", [&] { filterSystemCalls(offline); }));
  // Either is enough; a namespace also keeps the abstract sockets of others away.
  if (offline) out.push_back(namespaces.holds ? namespaces : Measure{"network", out.back().holds, out.back().reason});
  return out;
}

}  // namespace jackfield::kernel
