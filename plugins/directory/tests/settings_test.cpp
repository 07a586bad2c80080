// SPDX-License-Identifier: Apache-2.0
// Settings that must be refused, with the field named; the schema and the struct say the same.
#include "settings.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <jackfield/json.hpp>

#include "domains.hpp"
#include "presets.hpp"

namespace jackfield::directory {

namespace {

Settings good() {
  Settings s;
  s.user.domain = "x.test";
  s.user.servers = {{"ldap.x.test", 636, Security::ldaps}};
  s.user.login_id = "cn=a,dc=x";
  s.user.password = "p";
  s.groups.administrator = "cn=admins,dc=x";
  s.groups.user = "cn=users,dc=x";
  return s;
}

Error refusalOf(const Settings& settings) {
  try {
    checkSettings(settings);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "was accepted";
  return Error(Status::ok, "", "");
}

boost::json::value readFile(const std::string& name) {
  std::ifstream file(std::string(JACKFIELD_DIRECTORY_FOLDER) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return parseJson(text.str());
}

void expectSameNames(const boost::json::object& schema, const boost::json::object& written, const std::string& at) {
  const auto& properties = schema.at("properties").as_object();
  for (const auto& [name, value] : written) {
    ASSERT_TRUE(properties.if_contains(name)) << at << "/" << name << " is not in plugin.json";
    const auto& property = properties.at(name).as_object();
    if (value.is_object()) expectSameNames(property, value.as_object(), at + "/" + std::string(name));
    if (value.is_array() && !value.as_array().empty() && value.as_array()[0].is_object())
      expectSameNames(property.at("items").as_object(), value.as_array()[0].as_object(), at + "/" + std::string(name));
  }
  EXPECT_EQ(properties.size(), written.size()) << at;
}

}  // namespace

TEST(DirectorySettings, GoodOnesAreAccepted) {
  EXPECT_NO_THROW(checkSettings(good()));
}

TEST(DirectorySettings, EmailAndEmail2MustNotBeTheSameAttribute) {
  Settings s = good();
  s.attributes.mail2 = "MAIL";
  EXPECT_EQ(refusalOf(s).code(), "directory.settings.mail2");
  EXPECT_EQ(refusalOf(s).field(), "/attributes/mail2");
  s.attributes.mail = "mailLocalAddress";
  EXPECT_NO_THROW(checkSettings(s));
}

TEST(DirectorySettings, BaseDnMustBeEmptyForDominoAndEDirectory) {
  for (const auto type : {DirectoryType::domino, DirectoryType::eDirectory}) {
    Settings s = good();
    s.directory_type = type;
    EXPECT_NO_THROW(checkSettings(s));
    s.user.base_dn = "o=x";
    EXPECT_EQ(refusalOf(s).field(), "/user/baseDn");
  }
  Settings s = good();
  s.user.base_dn = "not a dn";
  EXPECT_EQ(refusalOf(s).code(), "directory.settings.baseDn");
}

TEST(DirectorySettings, FilterIsForMicrosoftAndOpenLdapOnlyAndIsChecked) {
  Settings s = good();
  s.contact_filter = "(sn=a*";
  EXPECT_EQ(refusalOf(s).code(), "directory.filter.syntax");
  EXPECT_NE(std::string(refusalOf(s).what()).find("character 7"), std::string::npos) << refusalOf(s).what();
  s.contact_filter = "(sn=a*)";
  EXPECT_NO_THROW(checkSettings(s));
  for (const auto type : {DirectoryType::domino, DirectoryType::eDirectory, DirectoryType::sunOne}) {
    s.directory_type = type;
    EXPECT_EQ(refusalOf(s).code(), "directory.filter.unsupported");
  }
}

TEST(DirectorySettings, ContactAndResourceDomainsAreForActiveDirectoryAndAtMostFour) {
  Settings s = good();
  s.contacts = {good().user};
  EXPECT_EQ(refusalOf(s).code(), "directory.settings.contact");
  s.directory_type = DirectoryType::activeDirectory;
  EXPECT_NO_THROW(checkSettings(s));
  s.resource = good().user;
  EXPECT_NO_THROW(checkSettings(s));
  s.contacts.assign(5, good().user);
  EXPECT_EQ(refusalOf(s).field(), "/contacts/4/domain");
  s.contacts.clear();
  s.directory_type = DirectoryType::sunOne;
  EXPECT_EQ(refusalOf(s).code(), "directory.settings.split");
}

// LDAP-002.
TEST(DirectorySettings, PortIs636ForLdapsAndElse389) {
  const Settings s = good();
  EXPECT_EQ(endpointOf(s, {"h", 0, Security::ldaps}).port, 636);
  EXPECT_EQ(endpointOf(s, {"h", 0, Security::startTls}).port, 389);
  EXPECT_EQ(endpointOf(s, {"h", 0, Security::none}).port, 389);
  EXPECT_EQ(endpointOf(s, {"h", 3269, Security::ldaps}).port, 3269);
}

TEST(DirectorySettings, HostsThatWouldChangeTheUrlAreRefused) {
  for (const char* host : {"", "a b", "a/b", "ldap://a", "a?x", "a@b", "a%00"}) {
    Settings s = good();
    s.user.servers[0].host = host;
    EXPECT_EQ(refusalOf(s).code(), "directory.settings.host") << host;
  }
}

TEST(DirectorySettings, LoginWithoutPasswordIsRefusedAndNoSecretIsShown) {
  Settings s = good();
  s.user.password.clear();
  EXPECT_EQ(refusalOf(s).code(), "directory.settings.password");
  s = good();
  s.user.password = "geheim";
  s.groups.user = "nonsense";
  EXPECT_EQ(refusalOf(s).field(), "/groups/user");
  EXPECT_EQ(std::string(refusalOf(s).what()).find("geheim"), std::string::npos);
}

TEST(DirectorySettings, ObjectClassIsOneThatTheTypeOfDirectoryHas) {
  Settings s = good();
  s.object_class = "organizationalperson";
  EXPECT_NO_THROW(checkSettings(s));
  s.object_class = "user";
  EXPECT_EQ(refusalOf(s).code(), "directory.settings.objectClass");
  EXPECT_NE(std::string(refusalOf(s).what()).find("inetOrgPerson"), std::string::npos) << "the choices are named";
  s.directory_type = DirectoryType::activeDirectory;
  EXPECT_NO_THROW(checkSettings(s));
  s.object_class = "dominoPerson";
  EXPECT_EQ(refusalOf(s).field(), "/objectClass");
  s.directory_type = DirectoryType::domino;
  EXPECT_NO_THROW(checkSettings(s));
}

// LDAP-020: the drop-downs of the console come from plugin.json; the plugin holds to the same.
TEST(DirectorySettings, ChoicesFollowFromTypeAndObjectClass) {
  const auto manifest = readFile("plugin.json");
  const auto& properties = manifest.at_pointer("/serverTypes/0/settings/properties").as_object();
  const auto& classes = properties.at("objectClass").at("x-choices").as_object();
  const auto& attributes = properties.at("attributes").at("x-choices").as_object();
  for (const auto& name : properties.at("directoryType").at("enum").as_array()) {
    Settings s = good();
    s.directory_type = fromJson<DirectoryType>(name);
    const auto& offered = classes.at(name.as_string()).as_array();
    const auto taken = presetOf(s.directory_type).object_classes;
    ASSERT_EQ(offered.size(), taken.size()) << name;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      EXPECT_EQ(std::string_view(offered[i].as_string()), taken[i]);
      EXPECT_FALSE(attributes.at(name.as_string()).at(offered[i].as_string()).as_array().empty());
    }
    const auto& of_default = attributes.at(name.as_string()).at(offered[0].as_string()).as_array();
    const auto effective = toJson(effectiveAttributes(s));
    for (const auto& [field, attribute] : effective.as_object()) {
      if (attribute.as_string().empty()) continue;
      EXPECT_NE(std::find(of_default.begin(), of_default.end(), attribute), of_default.end())
          << name << ": " << attribute << " is mapped to " << field << " and not offered";
    }
  }
}

// LDAP-021.
TEST(DirectorySettings, LoginNameAndBothEmailsCanBeMapped) {
  const auto manifest = readFile("plugin.json");
  const auto& mapped = manifest.at_pointer("/serverTypes/0/settings/properties/attributes/properties");
  EXPECT_EQ(mapped.at("login").at("x-label"), "Login name");
  EXPECT_EQ(mapped.at("mail").at("x-label"), "E-mail");
  EXPECT_EQ(mapped.at("mail2").at("x-label"), "E-mail 2");
  Settings s = good();
  s.attributes.login = "employeeNumber";
  s.attributes.mail = "mail";
  s.attributes.mail2 = "mailAlternateAddress";
  EXPECT_NO_THROW(checkSettings(s));
  EXPECT_EQ(*effectiveAttributes(s).login, "employeeNumber");
  EXPECT_EQ(*effectiveAttributes(s).mail2, "mailAlternateAddress");
  s.attributes.login = "";
  EXPECT_EQ(refusalOf(s).field(), "/attributes/login") << "people could not sign in";
}

TEST(DirectorySettings, SchemaAndStructNameTheSameMembers) {
  Settings s = good();
  s.resource = s.user;
  s.contacts = {s.user};
  s.attributes = effectiveAttributes(s);
  const auto manifest = readFile("plugin.json");
  const auto& schema = manifest.as_object().at("serverTypes").as_array().at(0).as_object().at("settings").as_object();
  expectSameNames(schema, toJson(s).as_object(), "");
  for (const char* domain : {"user", "resource"})
    EXPECT_TRUE(schema.at("properties")
                    .as_object()
                    .at(domain)
                    .at("properties")
                    .at("password")
                    .as_object()
                    .if_contains("x-secret"));
}

}  // namespace jackfield::directory
