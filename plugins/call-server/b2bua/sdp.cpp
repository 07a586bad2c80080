// SPDX-License-Identifier: Apache-2.0
// Line work on session descriptions.
#include "sdp.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include <strings.h>

namespace jackfield::calls::sdp {
namespace {

// Lines with their ends, so that what is not touched stays as it came.
std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto size = end == std::string_view::npos ? text.size() : end + 1;
    out.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

std::string_view bare(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

bool isDirection(std::string_view line) {
  const auto b = bare(line);
  return b == "a=sendrecv" || b == "a=sendonly" || b == "a=recvonly" || b == "a=inactive";
}

bool isOn(std::string_view media_line) {
  auto rest =
      media_line.substr(media_line.find(' ') == std::string_view::npos ? media_line.size() : media_line.find(' ') + 1);
  return !rest.starts_with("0 ");
}

std::string_view originLine(std::string_view text) {
  for (const auto line : lines(text)) {
    if (line.starts_with("o=")) return line;
  }
  return {};
}

std::string withOriginLine(std::string_view text, std::string_view origin) {
  std::string out;
  out.reserve(text.size() + 32);
  for (const auto line : lines(text)) {
    if (line.starts_with("o="))
      out.append(bare(origin)).append(line.substr(bare(line).size()));
    else
      out += line;
  }
  return out;
}

// "o=user id version IN IP4 host": the version, and the line with another one.
std::uint64_t versionOf(std::string_view origin) {
  auto at = origin.find(' ');
  if (at != std::string_view::npos) at = origin.find(' ', at + 1);
  std::uint64_t version = 0;
  if (at != std::string_view::npos) std::from_chars(origin.data() + at + 1, origin.data() + origin.size(), version);
  return version;
}

std::string withVersion(std::string_view origin, std::uint64_t version) {
  const auto first = origin.find(' ');
  const auto second = first == std::string_view::npos ? first : origin.find(' ', first + 1);
  const auto third = second == std::string_view::npos ? second : origin.find(' ', second + 1);
  if (third == std::string_view::npos) return std::string(origin);
  return std::string(origin.substr(0, second + 1)) + std::to_string(version) + std::string(origin.substr(third));
}

std::string withoutOriginAndDirection(std::string_view text) {
  std::string out;
  for (const auto line : lines(text)) {
    if (!line.starts_with("o=") && !isDirection(line)) out.append(bare(line)) += '\n';
  }
  return out;
}

}  // namespace

bool isSdp(std::string_view content_type) {
  constexpr std::string_view wanted = "application/sdp";
  return content_type.size() >= wanted.size() && strncasecmp(content_type.data(), wanted.data(), wanted.size()) == 0;
}

bool holds(std::string_view description) {
  std::string_view session_direction, direction, session_address, address;
  bool any = false, on = false, held = true, in_media = false;
  const auto close = [&] {
    if (!in_media || !on) return;
    any = true;
    const auto d = direction.empty() ? session_direction : direction;
    const auto c = address.empty() ? session_address : address;
    held = held && (d == "a=sendonly" || d == "a=inactive" || c == "c=IN IP4 0.0.0.0");
  };
  for (const auto line : lines(description)) {
    const auto b = bare(line);
    if (b.starts_with("m=")) {
      close();
      in_media = true;
      on = isOn(b);
      direction = address = {};
    } else if (isDirection(line)) {
      (in_media ? direction : session_direction) = b;
    } else if (b.starts_with("c=")) {
      (in_media ? address : session_address) = b;
    }
  }
  close();
  return any && held;
}

std::string withDirection(std::string_view description, Direction direction) {
  const std::string_view wanted = direction == Direction::sendrecv ? "a=sendrecv" : "a=inactive";
  std::string out;
  out.reserve(description.size() + 32);
  std::string_view end = "\r\n";
  bool pending = false;  // the medium that we are in still lacks its direction
  const auto close = [&] {
    if (pending && out.back() != '\n') out.append(end);  // some phones leave out the last line's end
    if (pending) out.append(wanted).append(end);
    pending = false;
  };
  for (const auto line : lines(description)) {
    if (line.ends_with('\n')) end = line.ends_with("\r\n") ? "\r\n" : "\n";
    if (line.starts_with("m=")) {
      close();
      pending = isOn(bare(line));
    } else if (isDirection(line)) {
      if (pending) out.append(wanted).append(line.substr(bare(line).size()));
      pending = false;
      continue;  // of the session, or of a medium that is off: said by each medium itself
    }
    out += line;
  }
  close();
  return out;
}

bool sameMedia(std::string_view left, std::string_view right) {
  return withoutOriginAndDirection(left) == withoutOriginAndDirection(right);
}

std::string inactiveOffer(std::string_view address, std::uint64_t session) {
  const std::string host(address.substr(0, address.rfind(':')));
  const std::string family = host.find(':') == std::string::npos ? "IP4 " : "IP6 ";
  std::string plain = host;
  if (!plain.empty() && plain.front() == '[') plain = plain.substr(1, plain.size() - 2);
  return "v=0\r\no=jackfield " + std::to_string(session) + " 1 IN " + family + plain + "\r\ns=-\r\nc=IN " + family +
         plain +
         "\r\nt=0 0\r\nm=audio 9 RTP/AVP 9 8 0 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\n"
         "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=inactive\r\n";
}

std::string inOrderOf(std::string_view description, std::string_view before) {
  // A medium: its m= line and all that follows it up to the next one.
  const auto split = [](std::string_view text) {
    std::pair<std::string, std::vector<std::string>> out;
    for (const auto line : lines(text)) {
      if (line.starts_with("m=")) out.second.emplace_back();
      (out.second.empty() ? out.first : out.second.back()) += line;
    }
    return out;
  };
  const auto kind = [](const std::string& medium) { return medium.substr(0, medium.find(' ')); };
  auto [out, media] = split(description);
  for (const auto& old : split(before).second) {
    const auto same =
        std::find_if(media.begin(), media.end(), [&](const auto& medium) { return kind(medium) == kind(old); });
    if (same != media.end()) {
      out += *same;
      media.erase(same);
    } else {
      const auto port = old.find(' ') + 1;
      const auto rest = old.find(' ', port);
      const auto end = old.find('\n');
      if (port != 0 && rest < end) out += old.substr(0, port) + "0" + old.substr(rest, end - rest + 1);
    }
  }
  for (const auto& medium : media) out += medium;
  return out;
}

std::string Origin::pass(std::string_view description) {
  if (restamps_) return own(description);
  return last_ = std::string(description);
}

std::string Origin::own(std::string_view description) {
  restamps_ = true;
  const std::string_view before = originLine(last_);
  if (before.empty()) return last_ = std::string(description);
  const std::string ordered = inOrderOf(description, last_);
  std::string same = withOriginLine(ordered, before);
  if (same != last_) same = withOriginLine(ordered, withVersion(bare(before), versionOf(before) + 1));
  return last_ = std::move(same);
}

void Origin::restore(std::string last, bool restamps) {
  last_ = std::move(last);
  restamps_ = restamps;
}

}  // namespace jackfield::calls::sdp
