// SPDX-License-Identifier: Apache-2.0
// Matching paths segment by segment.
#include "gateway/http/router.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <Poco/URI.h>

namespace jackfield::gateway {
namespace {

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> out;
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    out.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

bool variable(const std::string& segment) {
  return segment.starts_with('{');
}

// Values of the variables, or nothing when the path is another one.
std::optional<Operation::Values> match(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  Operation::Values values;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!variable(pattern[i])) {
      if (pattern[i] != path[i]) return std::nullopt;
      continue;
    }
    std::string decoded;
    Poco::URI::decode(path[i], decoded);
    values.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), std::move(decoded));
  }
  return values;
}

std::size_t variables(const std::vector<std::string>& segments) {
  return static_cast<std::size_t>(std::count_if(segments.begin(), segments.end(), variable));
}

}  // namespace

Router::Router(const OpenApi& openapi, std::vector<Route> routes) {
  for (auto& route : routes) {
    const Operation* operation = openapi.find(route.operation);
    if (!operation || operation->method != route.method || operation->path != route.path)
      throw std::runtime_error("openapi.yaml does not have " + route.operation + ": " + route.method + " " +
                               route.path);
    auto segments = split(route.path);
    entries_.push_back({std::move(route), operation, std::move(segments)});
  }
  // /servers/test before /servers/{handle}.
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return variables(a.segments) < variables(b.segments); });
}

Router::Match Router::find(const std::string& method, const std::string& raw_path) const {
  Match found;
  const std::string wanted = method == "HEAD" ? "GET" : method;
  const auto path = split(raw_path);
  for (const auto& entry : entries_) {
    auto values = match(entry.segments, path);
    if (!values) continue;
    found.allowed += (found.allowed.empty() ? "" : ", ") + entry.route.method;
    if (found.operation || entry.route.method != wanted) continue;
    found.operation = entry.operation;
    found.route = &entry.route;
    found.values = std::move(*values);
  }
  return found;
}

}  // namespace jackfield::gateway
