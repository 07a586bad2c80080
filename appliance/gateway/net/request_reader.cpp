// SPDX-License-Identifier: Apache-2.0
// Where a request ends, and what is refused before it is read.
#include "gateway/net/request_reader.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <Poco/String.h>

namespace jackfield::gateway {
namespace {

constexpr std::string_view newline = "\r\n";
constexpr std::string_view headEnd = "\r\n\r\n";

bool same(std::string_view a, const char* b) {
  return Poco::icompare(std::string(a), b) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Where `mark` was found or can be found at the earliest, since the last octets may be its beginning.
std::size_t earliest(std::size_t found, std::size_t size, std::string_view mark) {
  return found != std::string::npos ? found : size - std::min(size, mark.size() - 1);
}

}  // namespace

RequestReader::State RequestReader::refuse(int status, const char* code) {
  refusal_ = {status, code};
  return State::refused;
}

bool RequestReader::takeExpectation() {
  return std::exchange(expects_continue_, false);
}

RequestReader::State RequestReader::feed(std::string_view octets) {
  buffer_.append(octets);
  return look();
}

RequestReader::State RequestReader::nextRequest() {
  buffer_.erase(0, head_size_ + body_size_);
  if (buffer_.empty() && buffer_.capacity() > limits_.head) buffer_ = {};
  scanned_ = head_size_ = body_size_ = 0;
  expects_continue_ = false;
  return look();
}

RequestReader::State RequestReader::look() {
  if (head_size_ == 0) {
    const std::size_t end = buffer_.find(headEnd, scanned_ < 3 ? 0 : scanned_ - 3);
    scanned_ = buffer_.size();
    const std::size_t line = buffer_.find(newline);
    // Room for the method and the version beside the URL.
    if (earliest(line, buffer_.size(), newline) > limits_.url + 32) return refuse(414, "http.url");
    if (earliest(end, buffer_.size(), headEnd) > limits_.head) return refuse(431, "http.head");
    if (end == std::string::npos) return State::more;
    head_size_ = end + headEnd.size();
    if (const State state = readHead(); state != State::more) return state;
  }
  return buffer_.size() - head_size_ >= body_size_ ? State::whole : State::more;
}

RequestReader::State RequestReader::readHead() {
  std::string_view lines = head();
  lines.remove_prefix(lines.find(newline) + newline.size());
  std::optional<std::size_t> length;
  bool coded = false;
  while (lines.size() > newline.size()) {
    const std::size_t end = lines.find(newline);
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + newline.size());
    const std::size_t colon = line.find(':');
    // Folded lines, nameless ones and white space before the colon are how requests are smuggled.
    if (colon == std::string_view::npos || colon == 0 || trimmed(line.substr(0, colon)).size() != colon)
      return refuse(400, "http.malformed");
    const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
    if (same(name, "Transfer-Encoding")) coded = true;
    if (same(name, "Expect") && same(value, "100-continue")) expects_continue_ = true;
    if (!same(name, "Content-Length")) continue;
    const auto size = number(value);
    if (!size || (length && *length != *size)) return refuse(400, "http.malformed");
    length = size;
  }
  if (coded) return length ? refuse(400, "http.malformed") : refuse(411, "http.length");
  body_size_ = length.value_or(0);
  if (body_size_ > limits_.body) return refuse(413, "http.body");
  return State::more;
}

}  // namespace jackfield::gateway
