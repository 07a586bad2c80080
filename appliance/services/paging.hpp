// SPDX-License-Identifier: Apache-2.0
// The bounds that every list shares.
#ifndef JACKFIELD_SERVICES_PAGING_HPP
#define JACKFIELD_SERVICES_PAGING_HPP

#include <cstddef>
#include <string>

#include "model/problem.hpp"

namespace jackfield::services {

inline constexpr std::size_t most_entries = 200;
inline constexpr std::size_t longest_search = 200;  // characters (octets of UTF-8)

inline void requireLimit(std::size_t limit) {
  if (limit >= 1 && limit <= most_entries) return;
  throw model::Problem(model::Problem::Kind::invalid, "list.limit",
                       "limit: " + std::to_string(limit) + " is not from 1 to " + std::to_string(most_entries),
                       {{"/limit", std::to_string(limit), "from 1 to " + std::to_string(most_entries)}});
}

inline void requireSearch(const std::string& text) {
  if (text.size() <= longest_search) return;
  throw model::Problem(
      model::Problem::Kind::invalid, "list.search",
      "search: " + std::to_string(text.size()) + " characters are more than " + std::to_string(longest_search) +
          "; search for fewer words",
      {{"/search", text.substr(0, 40) + "...", "at most " + std::to_string(longest_search) + " characters"}});
}

}  // namespace jackfield::services

#endif
