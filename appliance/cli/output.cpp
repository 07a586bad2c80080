// SPDX-License-Identifier: Apache-2.0
// Tables, CSV and indented JSON.
#include "cli/output.hpp"

#include <algorithm>
#include <ostream>

#include <Poco/DateTimeFormatter.h>
#include <Poco/LocalDateTime.h>
#include <Poco/Timestamp.h>

namespace jackfield::cli {

namespace {

const boost::json::value* at(const boost::json::value& document, const std::string& pointer) {
  boost::system::error_code missing;
  return document.find_pointer(pointer, missing);
}

std::string textOf(const boost::json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (!value.is_array()) return boost::json::serialize(value);
  std::string text;
  for (const auto& item : value.get_array()) text += (text.empty() ? "" : ", ") + textOf(item);
  return text;
}

// Names come from directories and far phones: no control character reaches the terminal.
std::string forTerminal(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

// A spreadsheet takes a cell that begins so for a formula and would run what a stranger wrote.
bool looksLikeFormula(const std::string& cell) {
  return !cell.empty() && std::string_view("=+-@").find(cell[0]) != std::string_view::npos &&
         cell.find_first_not_of("+-.0123456789 ") != std::string::npos;
}

std::string csvCell(std::string cell) {
  if (looksLikeFormula(cell)) cell.insert(0, "'");
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

using Rows = std::vector<std::vector<std::string>>;

void printTable(std::ostream& out, const std::vector<Column>& columns, const Rows& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    widths.push_back(width(columns[i].title));
    for (const auto& row : rows) widths[i] = std::max(widths[i], width(row[i]));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text += cells[i];
      if (i + 1 < cells.size()) text += std::string(widths[i] - width(cells[i]) + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << "\n";
  };
  std::vector<std::string> titles;
  for (const auto& c : columns) titles.push_back(c.title);
  line(titles);
  for (const auto& row : rows) line(row);
}

void printCsv(std::ostream& out, const std::vector<Column>& columns, const Rows& rows) {
  const auto line = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) out << (i ? "," : "") << csvCell(cells[i]);
    out << "\r\n";
  };
  std::vector<std::string> titles;
  for (const auto& c : columns) titles.push_back(c.title);
  line(titles);
  for (const auto& row : rows) line(row);
}

void writeJson(std::ostream& out, const boost::json::value& value, const std::string& indent) {
  const std::string deeper = indent + "  ";
  if (value.is_object() && !value.get_object().empty()) {
    const char* before = "{\n";
    for (const auto& member : value.get_object()) {
      out << before << deeper << boost::json::serialize(boost::json::string(member.key())) << ": ";
      writeJson(out, member.value(), deeper);
      before = ",\n";
    }
    out << "\n" << indent << "}";
  } else if (value.is_array() && !value.get_array().empty()) {
    const char* before = "[\n";
    for (const auto& item : value.get_array()) {
      out << before << deeper;
      writeJson(out, item, deeper);
      before = ",\n";
    }
    out << "\n" << indent << "]";
  } else {
    out << boost::json::serialize(value);
  }
}

std::vector<std::string> cellsOf(const boost::json::value& row, const std::vector<Column>& columns, Format format) {
  std::vector<std::string> cells;
  for (const auto& c : columns) cells.push_back(format == Format::table ? forTerminal(c.text(row)) : c.text(row));
  return cells;
}

}  // namespace

std::string textAt(const boost::json::value& document, const std::string& pointer) {
  const auto* value = at(document, pointer);
  return value ? textOf(*value) : std::string();
}

std::string localTime(std::int64_t milliseconds) {
  if (milliseconds == 0) return {};
  return Poco::DateTimeFormatter::format(Poco::LocalDateTime(Poco::DateTime(Poco::Timestamp(milliseconds * 1000))),
                                         "%Y-%m-%d %H:%M:%S");
}

Column column(const std::string& title, const std::string& pointer) {
  return {title, [pointer](const boost::json::value& row) { return textAt(row, pointer); }};
}

Column timeColumn(const std::string& title, const std::string& pointer) {
  return {title, [pointer](const boost::json::value& row) {
            const auto* value = at(row, pointer);
            return value && value->is_int64() ? localTime(value->get_int64()) : std::string();
          }};
}

void printJson(std::ostream& out, const boost::json::value& document) {
  writeJson(out, document, "");
  out << "\n";
}

void print(std::ostream& out, Format format, const boost::json::value& document, const std::string& list,
           const std::vector<Column>& columns) {
  if (format == Format::json) return printJson(out, document);
  Rows rows;
  if (list.empty()) {
    rows.push_back(cellsOf(document, columns, format));
  } else if (const auto* found = at(document, list); found && found->is_array()) {
    for (const auto& row : found->get_array()) rows.push_back(cellsOf(row, columns, format));
  }
  if (format == Format::csv) return printCsv(out, columns, rows);
  printTable(out, columns, rows);
}

void printOne(std::ostream& out, Format format, const boost::json::value& document,
              const std::vector<Column>& columns) {
  if (format != Format::table) return print(out, format, document, "", columns);
  std::size_t widest = 0;
  for (const auto& c : columns) widest = std::max(widest, width(c.title));
  for (const auto& c : columns)
    out << c.title << ":" << std::string(widest - width(c.title) + 1, ' ') << forTerminal(c.text(document)) << "\n";
}

}  // namespace jackfield::cli
