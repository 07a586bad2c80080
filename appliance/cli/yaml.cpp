// SPDX-License-Identifier: Apache-2.0
// Conversion by yaml-cpp.
#include "cli/yaml.hpp"

#include <charconv>
#include <regex>

#include <yaml-cpp/yaml.h>

#include <jackfield/text.hpp>

#include "cli/failure.hpp"

namespace jackfield::cli {

namespace {

// A key before its value on one line has at most 1,024 characters (YAML 1.2.2, section 7.4.2), its quotes and escapes
// counted, which make up to four of one octet.
constexpr std::size_t longestPlainKey = (1024 - 2) / 4;
constexpr std::size_t mostValues = 500000;  // aliases can unfold a small file without end

boost::json::value plainScalar(const std::string& text) {
  static const std::regex integer("-?(0|[1-9][0-9]{0,17})");
  static const std::regex real(R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)");
  if (text.empty() || text == "~" || text == "null") return nullptr;
  if (text == "true" || text == "false") return text == "true";
  if (text.size() > 40) return boost::json::string(text);
  if (std::regex_match(text, integer)) return std::stoll(text);
  double number = 0;  // what no double can hold (1e999) stays a text
  if (std::regex_match(text, real) && std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc())
    return number;
  return boost::json::string(text);
}

class Reader {
 public:
  explicit Reader(std::string origin) : origin_(std::move(origin)) {}

  boost::json::value read(const YAML::Node& node) {
    if (++values_ > mostValues) fail(node, "unfolds to more than " + std::to_string(mostValues) + " values");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return node.Tag() == "!" ? boost::json::value(boost::json::string(node.Scalar())) : plainScalar(node.Scalar());
      case YAML::NodeType::Sequence:
        return readList(node);
      case YAML::NodeType::Map:
        return readMap(node);
      default:
        return nullptr;
    }
  }

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) const {
    const std::string place =
        mark.is_null() ? "" : ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    throw Failure(ExitCode::usage, origin_ + place + ": " + what);
  }
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const { fail(node.Mark(), what); }

 private:
  boost::json::value readList(const YAML::Node& node) {
    boost::json::array list;
    for (const auto& item : node) list.push_back(read(item));
    return list;
  }

  boost::json::value readMap(const YAML::Node& node) {
    boost::json::object object;
    for (const auto& member : node) {
      if (!member.first.IsScalar()) fail(member.first, "a key must be a text");
      const std::string key = member.first.Scalar();
      if (object.contains(key)) fail(member.first, "the key " + key + " stands twice");
      object[key] = read(member.second);
    }
    return object;
  }

  std::string origin_;
  std::size_t values_ = 0;
};

void write(YAML::Emitter& out, const boost::json::value& value) {
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& member : value.get_object()) {
      if (member.key().size() > longestPlainKey) out << YAML::LongKey;
      out << YAML::Key << std::string(member.key()) << YAML::Value;
      write(out, member.value());
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    out << YAML::BeginSeq;
    for (const auto& item : value.get_array()) write(out, item);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    const std::string text(value.get_string());
    // Quoted where another reader of YAML might take it for something else: 0123, yes, 1e3.
    static const std::regex harmless("[A-Za-z][A-Za-z0-9 _./-]{2,}");
    if (std::regex_match(text, harmless) && plainScalar(text).is_string() && text != "yes" && text.back() != ' ')
      out << text;
    else
      out << YAML::DoubleQuoted << text;
  } else if (value.is_null()) {
    out << YAML::Null;
  } else {
    out << boost::json::serialize(value);
  }
}

}  // namespace

boost::json::value fromYaml(const std::string& text, const std::string& origin) {
  // A NUL would make the library guess at another encoding.
  if (!detail::isUtf8(text) || text.find('\0') != std::string::npos)
    throw Failure(ExitCode::usage, origin + ": is not UTF-8; save the file in that encoding");
  Reader reader(origin);
  try {
    return reader.read(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    reader.fail(error.mark, error.msg);
  }
}

std::string toYaml(const boost::json::value& document) {
  YAML::Emitter out;
  write(out, document);
  return std::string(out.c_str()) + "\n";
}

}  // namespace jackfield::cli
