// SPDX-License-Identifier: Apache-2.0
// sdk/schemas/ and the described structs say the same, member by member.
#include <fstream>
#include <iterator>
#include <memory>
#include <typeinfo>

#include <cxxabi.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/call_control.hpp>
#include <jackfield/directory.hpp>
#include <jackfield/json.hpp>
#include <jackfield/server.hpp>

#include "kernel/holder/schema.hpp"

namespace {

namespace json = boost::json;
namespace cc = jackfield::call_control;
namespace dir = jackfield::directory;
namespace server = jackfield::server;

json::object schemaFile(const std::string& name) {
  std::ifstream in(SCHEMA_FOLDER "/" + name + ".json");
  return jackfield::parseJson(std::string(std::istreambuf_iterator<char>(in), {})).as_object();
}

template <class T>
std::string definitionName() {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> full(abi::__cxa_demangle(typeid(T).name(), nullptr, nullptr, &status),
                                                    std::free);
  std::string name(full.get());
  name = name.substr(name.rfind(':') + 1);
  name[0] = static_cast<char>(std::tolower(name[0]));
  return name;
}

// What the schema of a type must be; structs and enumerations go into `definitions`.
template <class T>
json::value expected(json::object& definitions) {
  namespace detail = jackfield::detail;
  if constexpr (std::same_as<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (std::same_as<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::same_as<T, json::value> || std::same_as<T, jackfield::JsonText>) {
    return json::object();
  } else if constexpr (std::integral<T>) {
    return {{"type", "integer"}};
  } else if constexpr (detail::isVector<T>) {
    return {{"type", "array"}, {"items", expected<typename T::value_type>(definitions)}};
  } else if constexpr (detail::isMap<T>) {
    return {{"type", "object"}, {"additionalProperties", expected<typename T::mapped_type>(definitions)}};
  } else if constexpr (detail::DescribedEnum<T>) {
    json::array names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) { names.push_back(d.name); });
    definitions[definitionName<T>()] = {{"type", "string"}, {"enum", names}};
    return {{"$ref", "#/definitions/" + definitionName<T>()}};
  } else {
    json::object members;
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto d) {
      using Member = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
      members[std::string(detail::memberName<decltype(d)>.view())] = expected<Member>(definitions);
    });
    definitions[definitionName<T>()] = {{"type", "object"}, {"additionalProperties", false}, {"properties", members}};
    return {{"$ref", "#/definitions/" + definitionName<T>()}};
  }
}

template <class... T>
void expectSame(const std::string& file) {
  json::object wanted;
  (expected<T>(wanted), ...);
  json::object found = schemaFile(file).at("definitions").as_object();
  for (auto& [name, definition] : found) {
    EXPECT_TRUE(definition.as_object().contains("description")) << name;
    definition.as_object().erase("description");
  }
  EXPECT_EQ(json::value(found), json::value(wanted)) << file;
}

TEST(SdkSchemas, DescribeTheStructsOfEachCapability) {
  expectSame<cc::EventMessage, cc::Resync, cc::MakeCall, cc::CallCommand, cc::SingleStepTransferCall, cc::DeflectCall,
             cc::TransferCall, cc::Accepted>("call-control-1");
  expectSame<dir::Authenticate, dir::Authenticated, dir::Sync, dir::SyncPart>("directory-1");
  expectSame<server::State, server::TestResult, server::Load, server::Records>("server-1");
}

// The schema of a message's body or reply, as a validator takes it.
jackfield::kernel::Schema schemaOf(const std::string& file, const std::string& message, const std::string& what) {
  const json::object document = schemaFile(file);
  json::object schema = document.at("x-messages").at(message).at(what).as_object();
  schema["definitions"] = document.at("definitions");
  return jackfield::kernel::Schema(json::value(schema));
}

TEST(SdkSchemas, AcceptWhatTheSdkWritesAndRefuseWhatItDoesNot) {
  cc::EventMessage message;
  message.events.resize(1);
  message.events[0].call.connections.resize(2);
  message.events[0].call.connections[0].refused["hold"] = cc::Refusal::notAnswered;
  message.keep["call/1"] = {};
  const auto schema = schemaOf("call-control-1", "call-control/1.event", "body");
  auto document = jackfield::toJson(message);
  EXPECT_TRUE(schema.check(document).empty());
  document.as_object()["events"].as_array()[0].as_object()["event"] = "exploded";
  ASSERT_EQ(schema.check(document).size(), 1u);
  EXPECT_EQ(schema.check(document)[0].pointer, "/events/0/event");

  dir::SyncPart part;
  part.entries.resize(1);
  part.entries[0].numbers.resize(1);
  part.skipped.resize(1);
  EXPECT_TRUE(schemaOf("directory-1", "directory/1.sync", "reply").check(jackfield::toJson(part)).empty());

  server::TestResult result;
  result.findings.resize(1);
  EXPECT_TRUE(schemaOf("server-1", "server/1.test", "reply").check(jackfield::toJson(result)).empty());
}

TEST(SdkSchemas, ManifestSchemaAcceptsOnlyItsOwnKeywords) {
  const jackfield::kernel::Schema schema{json::value(schemaFile("manifest"))};
  const auto errors = schema.check({{"id", "Bad Id"}, {"verson", "1.0.0"}});
  std::vector<std::string> rules;
  for (const auto& e : errors) rules.push_back(e.pointer + " " + e.rule);
  EXPECT_THAT(rules, testing::Contains("/verson is not known; did you mean \"version\"?"));
  EXPECT_THAT(rules, testing::Contains("/id does not have the form ^[a-z][a-z0-9-]{0,63}$"));
  EXPECT_THAT(rules, testing::Contains("/serverTypes is missing"));
}

}  // namespace
