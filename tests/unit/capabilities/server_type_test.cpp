// SPDX-License-Identifier: Apache-2.0
// Reading server types out of manifests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/json.hpp>

#include "capabilities/plugin_port.hpp"

namespace jackfield::capabilities {
namespace {

TEST(ServerTypeTest, SecretsAreFoundAtAnyDepth) {
  const auto entry = parseJson(R"({"type":"t","kind":"directory","label":"T","capability":"directory/1","settings":{
    "properties":{"user":{"properties":{"password":{"x-secret":true},"host":{}}},
                  "contacts":{"items":{"properties":{"password":{"x-secret":true}}}},
                  "plain":{"x-secret":false}}}})");
  const auto type = serverTypeOf("p", entry.get_object());
  EXPECT_EQ(type.kind, "directory");
  EXPECT_EQ(type.plugin, "p");
  EXPECT_THAT(type.secrets, testing::ElementsAre("/contacts/*/password", "/user/password"));
  const auto pointers = type.secretPointers();
  EXPECT_TRUE(pointers.contains("/user/password"));
  EXPECT_TRUE(pointers.contains("/contacts/0/password"));
  EXPECT_TRUE(pointers.contains("/contacts/63/password"));
  EXPECT_EQ(pointers.size(), 65U);
}

TEST(ServerTypeTest, ManifestWithoutSettingsHasNoSecrets) {
  EXPECT_TRUE(serverTypeOf("p", parseJson(R"({"type":"t"})").get_object()).secrets.empty());
  EXPECT_TRUE(serverTypeOf("p", parseJson(R"({"type":1,"settings":[]})").get_object()).type.empty());
}

}  // namespace
}  // namespace jackfield::capabilities
