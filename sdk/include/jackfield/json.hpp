// SPDX-License-Identifier: Apache-2.0
// JSON to and from described C++ types. A struct is described once with BOOST_DESCRIBE_STRUCT; its members appear in
// JSON in camelCase (display_name is "displayName"), enumerators under their own names, times as the integers they
// hold. What is absent keeps the struct's default; an empty std::optional is not written. Wrong types, numbers out of
// range and unknown members throw Error with a JSON pointer, the value and the rule. No global state: any thread.
#ifndef JACKFIELD_JSON_HPP
#define JACKFIELD_JSON_HPP

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11.hpp>

#include <jackfield/error.hpp>
#include <jackfield/text.hpp>

namespace jackfield {

// What fromJson does with a member that the struct does not have: an administrator's input is refused, a document
// from a newer peer is read as far as we know it.
enum class Unknown { refuse, ignore };

// JSON that is handed on and not looked into: written as its text, without a tree of values between. The text is JSON.
struct JsonText {
  std::string text = "null";
  bool isNull() const { return text == "null"; }
};

namespace detail {

template <class T>
inline constexpr bool isVector = false;
template <class T>
inline constexpr bool isVector<std::vector<T>> = true;
template <class T>
inline constexpr bool isOptional = false;
template <class T>
inline constexpr bool isOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool isMap = false;
template <class T>
inline constexpr bool isMap<std::map<std::string, T>> = true;

template <class T>
concept DescribedStruct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;
template <class T>
concept RawJson =
    std::same_as<T, boost::json::value> || std::same_as<T, boost::json::object> || std::same_as<T, boost::json::array>;

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

struct CamelName {
  std::array<char, 64> text{};
  std::size_t size = 0;
  constexpr std::string_view view() const { return {text.data(), size}; }
};

constexpr CamelName camelCase(std::string_view snake) {
  CamelName out;
  bool upper = false;
  for (char c : snake) {
    if (c == '_') {
      upper = true;
      continue;
    }
    out.text[out.size++] = upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

template <class D>
inline constexpr CamelName memberName = camelCase(D::name);

// Values in messages are cut, so that a hostile document cannot fill a log.
inline std::string shown(const boost::json::value& v) {
  std::string text = boost::json::serialize(v);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

// Where a value stands, as links up to the document. The JSON pointer is put together only for a refusal: thousands of
// documents a second are read that are right.
struct Place {
  const Place* parent = nullptr;
  std::string_view name;
  std::size_t index = 0;  // in an array, when there is no name

  Place member(std::string_view of) const { return {this, of, 0}; }
  Place item(std::size_t of) const { return {this, {}, of}; }
  std::string pointer() const {
    if (!parent) return {};
    return parent->pointer() + "/" + (name.data() ? std::string(name) : std::to_string(index));
  }
};

[[noreturn]] inline void refuse(const boost::json::value& v, const Place& place, const std::string& rule) {
  const std::string at = place.pointer();
  throw Error(Status::invalid, "value.invalid", (at.empty() ? "document" : at) + ": " + shown(v) + " " + rule, at,
              shown(v));
}

template <class T>
void read(T& out, const boost::json::value& v, const Place& at, Unknown unknown);

template <class T>
void readInteger(T& out, const boost::json::value& v, const Place& at) {
  boost::system::error_code failed;
  const T number = v.to_number<T>(failed);
  if (failed || !(v.is_int64() || v.is_uint64()))
    refuse(v, at,
           "is not a whole number from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
               std::to_string(std::numeric_limits<T>::max()));
  out = number;
}

template <DescribedEnum T>
void readEnum(T& out, const boost::json::value& v, const Place& at) {
  using Enumerators = boost::describe::describe_enumerators<T>;
  bool found = false;
  boost::mp11::mp_for_each<Enumerators>([&](auto d) {
    if (!found && v.is_string() && v.get_string() == d.name) {
      out = d.value;
      found = true;
    }
  });
  if (found) return;
  std::string allowed;
  boost::mp11::mp_for_each<Enumerators>(
      [&](auto d) { allowed += (allowed.empty() ? "" : ", ") + std::string(d.name); });
  refuse(v, at, "is not one of: " + allowed);
}

template <DescribedStruct T>
void readStruct(T& out, const boost::json::value& v, const Place& at, Unknown unknown) {
  if (!v.is_object()) refuse(v, at, "is not an object");
  const auto& object = v.get_object();
  std::size_t known = 0;
  boost::mp11::mp_for_each<Members<T>>([&](auto d) {
    constexpr auto name = memberName<decltype(d)>.view();
    const auto* member = object.if_contains({name.data(), name.size()});
    if (!member) return;
    ++known;
    read(out.*d.pointer, *member, at.member(name), unknown);
  });
  if (unknown == Unknown::ignore || known == object.size()) return;
  for (const auto& member : object) {  // no structured binding: clang 14 cannot capture it
    bool has = false;
    std::string names;
    boost::mp11::mp_for_each<Members<T>>([&](auto d) {
      constexpr auto name = memberName<decltype(d)>.view();
      has = has || std::string_view(member.key()) == name;
      names += (names.empty() ? "" : ", ") + std::string(name);
    });
    if (!has) refuse(member.value(), at.member(member.key()), "stands under an unknown name; known are: " + names);
  }
}

template <class T>
void read(T& out, const boost::json::value& v, const Place& at, Unknown unknown) {
  if constexpr (std::same_as<T, boost::json::value>) {
    out = v;
  } else if constexpr (std::same_as<T, boost::json::object>) {
    if (!v.is_object()) refuse(v, at, "is not an object");
    out = v.get_object();
  } else if constexpr (std::same_as<T, boost::json::array>) {
    if (!v.is_array()) refuse(v, at, "is not an array");
    out = v.get_array();
  } else if constexpr (std::same_as<T, JsonText>) {
    out.text = boost::json::serialize(v);
  } else if constexpr (std::same_as<T, bool>) {
    if (!v.is_bool()) refuse(v, at, "is not true or false");
    out = v.get_bool();
  } else if constexpr (std::integral<T>) {
    readInteger(out, v, at);
  } else if constexpr (std::floating_point<T>) {
    if (!v.is_number()) refuse(v, at, "is not a number");
    out = v.to_number<T>();
  } else if constexpr (std::same_as<T, std::string>) {
    if (!v.is_string()) refuse(v, at, "is not a text");
    out.assign(v.get_string().data(), v.get_string().size());
  } else if constexpr (isOptional<T>) {
    if (v.is_null())
      out.reset();
    else
      read(out.emplace(), v, at, unknown);
  } else if constexpr (isVector<T>) {
    if (!v.is_array()) refuse(v, at, "is not an array");
    out.clear();
    out.reserve(v.get_array().size());
    for (const auto& item : v.get_array()) {
      const Place place = at.item(out.size());
      read(out.emplace_back(), item, place, unknown);
    }
  } else if constexpr (isMap<T>) {
    if (!v.is_object()) refuse(v, at, "is not an object");
    out.clear();
    for (const auto& [key, item] : v.get_object()) read(out[std::string(key)], item, at.member(key), unknown);
  } else if constexpr (DescribedEnum<T>) {
    readEnum(out, v, at);
  } else {
    static_assert(DescribedStruct<T>, "describe the type with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM");
    readStruct(out, v, at, unknown);
  }
}

}  // namespace detail

// The name of a described enumerator, as it stands in JSON.
template <detail::DescribedEnum T>
std::string nameOf(T value) {
  const char* name = boost::describe::enum_to_string(value, "");
  return name;
}

// Throws Error(invalid, "value.invalid") that names pointer, value and rule.
template <class T>
T fromJson(const boost::json::value& v, Unknown unknown = Unknown::refuse) {
  T out{};
  detail::read(out, v, {}, unknown);
  return out;
}

// Parses and maps. Throws Error(invalid, "json.malformed") with the offset when the text is not JSON.
inline boost::json::value parseJson(std::string_view text) {
  boost::json::stream_parser parser;
  boost::system::error_code failed;
  const std::size_t used = parser.write_some(text.data(), text.size(), failed);
  if (!failed && used == text.size()) parser.finish(failed);
  if (failed || used != text.size())
    throw Error(Status::invalid, "json.malformed",
                "not JSON: " + (failed ? failed.message() : std::string("text after the end")) + " at octet " +
                    std::to_string(used));
  return parser.release();
}

template <class T>
boost::json::value toJson(const T& in) {
  if constexpr (detail::RawJson<T>) {
    return in;
  } else if constexpr (std::same_as<T, JsonText>) {
    return parseJson(in.text);
  } else if constexpr (std::same_as<T, std::string>) {
    return boost::json::string(in);
  } else if constexpr (std::is_arithmetic_v<T>) {
    return in;
  } else if constexpr (detail::isOptional<T>) {
    return in ? toJson(*in) : boost::json::value(nullptr);
  } else if constexpr (detail::isVector<T>) {
    boost::json::array out;
    out.reserve(in.size());
    for (const auto& item : in) out.push_back(toJson(item));
    return out;
  } else if constexpr (detail::isMap<T>) {
    boost::json::object out;
    for (const auto& [key, item] : in) out[key] = toJson(item);
    return out;
  } else if constexpr (detail::DescribedEnum<T>) {
    return boost::json::string(nameOf(in));
  } else {
    static_assert(detail::DescribedStruct<T>, "describe the type with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM");
    boost::json::object out;
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto d) {
      constexpr auto name = detail::memberName<decltype(d)>.view();
      const auto& member = in.*d.pointer;
      if constexpr (detail::isOptional<std::remove_cvref_t<decltype(member)>>) {
        if (!member) return;
      }
      out[boost::json::string_view(name.data(), name.size())] = toJson(member);
    });
    return out;
  }
}

namespace detail {

// How many octets from `at` on stand for themselves in a JSON string for certain.
inline std::size_t plainRun(std::string_view s, std::size_t at) {
  const std::size_t begin = at;
  for (; at + 8 <= s.size(); at += 8) {
    const std::uint64_t eight = eightOctets(s, at);
    const std::uint64_t quotes = eight ^ ('"' * in_each_octet);
    const std::uint64_t slashes = eight ^ ('\\' * in_each_octet);
    // x - n borrows through the top bit of an octet below n: a control character, or what was the character sought.
    const std::uint64_t found = ((eight - 0x20 * in_each_octet) & ~eight) | ((quotes - in_each_octet) & ~quotes) |
                                ((slashes - in_each_octet) & ~slashes);
    if (found & top_bits) break;
  }
  return at - begin;
}

// A JSON string. Runs of plain characters are copied whole, because names and numbers hardly ever need an escape.
inline void writeText(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out.push_back('"');
  std::size_t plain = 0;
  for (std::size_t i = plainRun(text, 0); i < text.size(); i += 1 + plainRun(text, i + 1)) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\b':
        out.append("\\b");
        break;
      case '\f':
        out.append("\\f");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default:
        out.append("\\u00");
        out.push_back(hex[c >> 4]);
        out.push_back(hex[c & 15]);
    }
  }
  out.append(text, plain, std::string_view::npos);
  out.push_back('"');
}

}  // namespace detail

// Appends the JSON of `in` to `out`: the same text as serialising toJson(in), but straight from the struct, without a
// tree of values between them. For streams of thousands of documents. Text must be UTF-8, as everywhere.
template <class T>
void writeJson(std::string& out, const T& in) {
  if constexpr (std::floating_point<T>) {
    out.append(boost::json::serialize(boost::json::value(in)));
  } else if constexpr (detail::RawJson<T>) {
    out.append(boost::json::serialize(in));
  } else if constexpr (std::same_as<T, JsonText>) {
    out.append(in.text);
  } else if constexpr (std::same_as<T, std::string>) {
    detail::writeText(out, in);
  } else if constexpr (std::same_as<T, bool>) {
    out.append(in ? "true" : "false");
  } else if constexpr (std::integral<T>) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), in).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  } else if constexpr (detail::isOptional<T>) {
    if (in)
      writeJson(out, *in);
    else
      out.append("null");
  } else if constexpr (detail::isVector<T>) {
    char before = '[';
    for (const auto& item : in) {
      out.push_back(before);
      writeJson(out, item);
      before = ',';
    }
    out.append(in.empty() ? "[]" : "]");
  } else if constexpr (detail::isMap<T>) {
    char before = '{';
    for (const auto& [key, item] : in) {
      out.push_back(before);
      detail::writeText(out, key);
      out.push_back(':');
      writeJson(out, item);
      before = ',';
    }
    out.append(in.empty() ? "{}" : "}");
  } else if constexpr (detail::DescribedEnum<T>) {
    out.push_back('"');
    out.append(boost::describe::enum_to_string(in, ""));
    out.push_back('"');
  } else {
    static_assert(detail::DescribedStruct<T>, "describe the type with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM");
    char before = '{';
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto d) {
      constexpr auto name = detail::memberName<decltype(d)>.view();
      const auto& member = in.*d.pointer;
      if constexpr (detail::isOptional<std::remove_cvref_t<decltype(member)>>) {
        if (!member) return;
      }
      out.push_back(before);
      out.push_back('"');
      out.append(name);
      out.append("\":");
      writeJson(out, member);
      before = ',';
    });
    out.append(before == '{' ? "{}" : "}");
  }
}

template <class T>
std::string toJsonText(const T& in) {
  std::string out;
  writeJson(out, in);
  return out;
}

}  // namespace jackfield

#endif
