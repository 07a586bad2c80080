// SPDX-License-Identifier: Apache-2.0
// The schemas of sdk/schemas/ that the kernel needs, compiled in.
#ifndef JACKFIELD_KERNEL_HOLDER_SCHEMAS_HPP
#define JACKFIELD_KERNEL_HOLDER_SCHEMAS_HPP

#include <string_view>

namespace jackfield::kernel {

extern const std::string_view manifest_schema;  // sdk/schemas/manifest.json

}  // namespace jackfield::kernel

#endif
