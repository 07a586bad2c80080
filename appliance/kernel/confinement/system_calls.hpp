// SPDX-License-Identifier: Apache-2.0
// The system calls that a plugin's process may make.
#ifndef JACKFIELD_KERNEL_CONFINEMENT_SYSTEM_CALLS_HPP
#define JACKFIELD_KERNEL_CONFINEMENT_SYSTEM_CALLS_HPP

namespace jackfield::kernel {

// From now on, for all threads to come. What would make a process, touch another one or change what holds this one back
// fails with EPERM; what is not on the list fails with ENOSYS, as on an older kernel, so that libraries fall back.
// `offline`: no sockets but local ones. Throws std::system_error.
void filterSystemCalls(bool offline);

}  // namespace jackfield::kernel

#endif
