// SPDX-License-Identifier: Apache-2.0
// Signing in with the directory's password against a real slapd.
#include "sign_in.hpp"

#include <chrono>

#include "peer.hpp"

namespace jackfield::tests {

using directory::authenticate;
using directory::Security;

namespace {

const Slapd& company() {
  static const Slapd slapd;
  return slapd;
}

Error refusalOf(const std::string& login, const std::string& password) {
  const auto settings = company().settings();
  return errorOf([&] { authenticate(settings, {login, password}, {}); });
}

}  // namespace

TEST(DirectorySignIn, AcceptsAPersonOverLdapsStartTlsAndWhereChosenInClear) {
  for (const auto security : {Security::ldaps, Security::startTls, Security::none}) {
    const auto person = authenticate(company().settings(security), {"alice", "demo-alice"}, {}).person;
    EXPECT_EQ(person.login, "alice");
    EXPECT_EQ(person.name, "Alice Archer");
    EXPECT_EQ(person.extension, "1001");
    EXPECT_EQ(person.id.size(), 36u);
  }
}

TEST(DirectorySignIn, GivesTheRolesOfTheSecurityGroupsNestedOnesToo) {
  const auto settings = company().settings();
  const auto roles = [&](const std::string& login) {
    return authenticate(settings, {login, "demo-" + login}, {}).person.roles;
  };
  EXPECT_EQ(roles("dave"), std::vector<std::string>{"user"});
  EXPECT_EQ(roles("alice"), std::vector<std::string>{"user"});  // by the group sales inside the user group
  EXPECT_EQ(roles("morgan"), (std::vector<std::string>{"user", "administrator"}));
  EXPECT_EQ(roles("taylor"), (std::vector<std::string>{"user", "auditor"}));
}

TEST(DirectorySignIn, TellsAWrongPasswordAndAnUnknownLoginInTheSameWords) {
  const Error wrong = refusalOf("alice", "demo-bob");
  const Error unknown = refusalOf("nobody", "demo-alice");
  EXPECT_EQ(wrong.status(), Status::auth);
  EXPECT_EQ(wrong.code(), "directory.credentials");
  EXPECT_EQ(unknown.status(), wrong.status());
  EXPECT_EQ(unknown.code(), wrong.code());
  EXPECT_STREQ(unknown.what(), wrong.what());
}

// slapd, as most servers, answers "success" to a bind with a name and no password.
TEST(DirectorySignIn, RefusesAnEmptyPasswordWithoutAskingTheServer) {
  auto nowhere = company().settings();
  nowhere.user.servers[0].port = 1;
  EXPECT_EQ(errorOf([&] { authenticate(nowhere, {"alice", ""}, {}); }).code(), "directory.credentials");
}

TEST(DirectorySignIn, TakesFilterCharactersInALoginForThemselves) {
  for (const char* login :
       {"*", "ali*", "alice)(uid=*", "alice)", "(alice", "\\61lice", "alice\\", "al\xff", "*)(objectClass=*"})
    EXPECT_EQ(refusalOf(login, "demo-alice").code(), "directory.credentials") << login;
}

TEST(DirectorySignIn, RefusesALoginOrPasswordOfAnySizeQuickly) {
  EXPECT_EQ(refusalOf(std::string(1'000'000, 'a'), "x").code(), "directory.credentials");
  EXPECT_EQ(refusalOf("alice", std::string(1'000'000, 'a')).code(), "directory.credentials");
  EXPECT_EQ(refusalOf(std::string("alice\0", 6), "demo-alice").code(), "directory.credentials");
  EXPECT_EQ(refusalOf("alice", std::string("demo-alice\0x", 12)).code(), "directory.credentials");
}

TEST(DirectorySignIn, SaysThatTheDirectoryFailsWhenItsServiceAccountIsRefused) {
  auto settings = company().settings();
  settings.user.password = "wrong";
  const Error error = errorOf([&] { authenticate(settings, {"alice", "demo-alice"}, {}); });
  EXPECT_EQ(error.code(), "directory.bind.refused");
  EXPECT_EQ(std::string(error.what()).find("wrong"), std::string::npos) << "the password stands in the error";
}

TEST(DirectorySignIn, RefusesALoginThatStandsForTwoEntries) {
  Slapd own;
  own.modify(
      "dn: cn=Other Alice,ou=contacts,dc=brightwater,dc=test\nchangetype: add\nobjectClass: inetOrgPerson\n"
      "cn: Other Alice\nsn: Alice\nuid: alice\nuserPassword: demo-alice\n");
  const auto settings = own.settings();
  EXPECT_EQ(errorOf([&] { authenticate(settings, {"alice", "demo-alice"}, {}); }).code(), "directory.credentials");
}

}  // namespace jackfield::tests
