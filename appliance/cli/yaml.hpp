// SPDX-License-Identifier: Apache-2.0
// YAML as people write it, JSON as the API speaks it.
#ifndef JACKFIELD_CLI_YAML_HPP
#define JACKFIELD_CLI_YAML_HPP

#include <string>

#include <boost/json.hpp>

namespace jackfield::cli {

// Plain scalars become null, true, false or numbers as in YAML's core schema; quoted ones stay texts, and so do those
// that begin with 0 or + (extensions and phone numbers). `origin` stands in errors. Throws Failure(usage) with line and
// column for what is not YAML, a key that stands twice, or a document that unfolds to more than 500,000 values; and for
// a text that is not UTF-8.
boost::json::value fromYaml(const std::string& text, const std::string& origin);
// Reads back to the same document.
std::string toYaml(const boost::json::value& document);

}  // namespace jackfield::cli

#endif
