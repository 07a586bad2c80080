// SPDX-License-Identifier: Apache-2.0
// The three forms of output: a table for people, CSV for spreadsheets (RFC 4180), JSON as the API gave it.
#ifndef JACKFIELD_CLI_OUTPUT_HPP
#define JACKFIELD_CLI_OUTPUT_HPP

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <boost/json.hpp>

namespace jackfield::cli {

enum class Format { table, json, csv };

struct Column {
  std::string title;
  std::function<std::string(const boost::json::value& row)> text;
};

// A column that shows what stands at a JSON pointer; nothing when there is nothing. Lists are joined by commas.
Column column(const std::string& title, const std::string& pointer);
// Milliseconds since 1970 as local time; empty for 0.
Column timeColumn(const std::string& title, const std::string& pointer);

// What stands at the pointer, as text.
std::string textAt(const boost::json::value& document, const std::string& pointer);
std::string localTime(std::int64_t milliseconds);

// `list`: the JSON pointer of the rows in the document; empty: the document itself is the one row.
void print(std::ostream& out, Format format, const boost::json::value& document, const std::string& list,
           const std::vector<Column>& columns);
// One object as lines "title: value"; JSON and CSV as print().
void printOne(std::ostream& out, Format format, const boost::json::value& document, const std::vector<Column>& columns);
void printJson(std::ostream& out, const boost::json::value& document);

}  // namespace jackfield::cli

#endif
