// SPDX-License-Identifier: Apache-2.0
// Build tool: turns openapi.yaml into a source file that holds the same document as JSON.
// embed_openapi IN.yaml OUT.cpp OUT.json
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

#include <boost/json.hpp>
#include <yaml-cpp/yaml.h>

namespace {

namespace json = boost::json;

json::value scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  // "!": it stands in quotes and is a text whatever it looks like.
  if (node.Tag() == "!") return json::string(text);
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  std::int64_t number = 0;
  if (text.find_first_not_of("-0123456789") == std::string::npos && YAML::convert<std::int64_t>::decode(node, number))
    return number;
  return json::string(text);
}

json::value convert(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return scalar(node);
    case YAML::NodeType::Sequence: {
      json::array out;
      for (const auto& item : node) out.push_back(convert(item));
      return out;
    }
    case YAML::NodeType::Map: {
      json::object out;
      for (const auto& member : node) out[member.first.Scalar()] = convert(member.second);
      return out;
    }
    default:
      return nullptr;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: embed_openapi IN.yaml OUT.cpp OUT.json\n";
    return 2;
  }
  try {
    const std::string text = json::serialize(convert(YAML::LoadFile(argv[1])));
    std::ofstream(argv[3]) << text << '\n';
    std::ofstream out(argv[2]);
    out << "// Generated from openapi.yaml.\n#include \"gateway/http/openapi.hpp\"\n"
        << "namespace jackfield::gateway {\nstd::string_view openApiText() {\n  return R\"openapi(" << text
        << ")openapi\";\n}\n}  // namespace jackfield::gateway\n";
    return out.flush() ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << argv[1] << ": " << e.what() << '\n';
    return 1;
  }
}
