// SPDX-License-Identifier: Apache-2.0
// Search filters as text (RFC 4515): escaping of values and a check that says where a filter is wrong. No I/O.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_LDAP_FILTER_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_LDAP_FILTER_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace jackfield::directory::ldap {

// `value` so that it stands for itself inside a filter (RFC 4515 section 3).
std::string escape(std::string_view value);

// "(attribute=value)" with the value escaped.
std::string equals(std::string_view attribute, std::string_view value);

struct FilterFault {
  std::size_t position = 0;  // of the first wrong character, counted from 1
  std::string rule;          // what should stand there
};

// Empty when the filter is well formed. At most 4,096 octets and 32 levels, which no administrator's filter reaches.
std::optional<FilterFault> checkFilter(std::string_view filter);

}  // namespace jackfield::directory::ldap

#endif
