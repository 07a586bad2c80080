// SPDX-License-Identifier: Apache-2.0
// Walks settings with their JSON pointers; the pointer and the server's handle bind a sealed secret to its place.
#include "store/sealed_settings.hpp"

#include "model/problem.hpp"

namespace jackfield::store {

namespace json = boost::json;

namespace {

constexpr const char* mark = "$sealed";

std::string escaped(std::string_view name) {
  std::string out = "/";
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

// Handles that differ in capital letters alone are the same.
std::string place(const std::string& handle, const std::string& pointer) {
  std::string out = handle;
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out + '\n' + pointer;
}

bool isSealed(const json::value& value) {
  return value.is_object() && value.get_object().size() == 1 && value.get_object().contains(mark);
}

struct Sealer {
  const std::set<std::string>& secrets;
  const std::string& handle;
  const SecretBox& box;

  bool secret(const std::string& pointer) const {
    return secrets.contains(pointer) || secrets.contains(pointer.substr(1));
  }

  void walk(json::value& value, const std::string& pointer) const {
    if (!pointer.empty() && secret(pointer) && !value.is_null()) {
      value = json::object{{mark, box.seal(json::serialize(value), place(handle, pointer))}};
    } else if (isSealed(value)) {
      throw model::Problem(model::Problem::Kind::invalid, "secrets.reserved",
                           "settings" + pointer + ": the member name \"$sealed\" is reserved; choose another",
                           {{"/settings" + pointer, mark, "is reserved"}});
    } else if (value.is_object()) {
      for (auto& [name, member] : value.get_object()) walk(member, pointer + escaped(name));
    } else if (value.is_array()) {
      std::size_t index = 0;
      for (auto& item : value.get_array()) walk(item, pointer + "/" + std::to_string(index++));
    }
  }
};

struct Opener {
  const std::string& handle;
  const SecretBox& box;
  std::vector<std::string>& lost;

  // False: the member cannot be opened and has to go.
  bool walk(json::value& value, const std::string& pointer) const {
    if (isSealed(value)) {
      const auto& text = value.get_object().at(mark);
      const auto clear =
          text.is_string() ? box.open(std::string(text.get_string()), place(handle, pointer)) : std::nullopt;
      if (!clear) {
        lost.push_back(pointer);
        return false;
      }
      value = json::parse(*clear);
    } else if (value.is_object()) {
      auto& object = value.get_object();
      for (auto member = object.begin(); member != object.end();)
        member = walk(member->value(), pointer + escaped(member->key())) ? member + 1 : object.erase(member);
    } else if (value.is_array()) {
      std::size_t index = 0;
      for (auto& item : value.get_array())
        if (!walk(item, pointer + "/" + std::to_string(index++))) item = nullptr;
    }
    return true;
  }
};

}  // namespace

json::object sealed(const json::object& settings, const std::set<std::string>& secrets, const std::string& handle,
                    const SecretBox& box) {
  json::value copy = settings;
  Sealer{secrets, handle, box}.walk(copy, "");
  return std::move(copy.get_object());
}

json::object unsealed(const json::object& settings, const std::string& handle, const SecretBox& box,
                      std::vector<std::string>& lost) {
  json::value copy = settings;
  Opener{handle, box, lost}.walk(copy, "");
  return std::move(copy.get_object());
}

}  // namespace jackfield::store
