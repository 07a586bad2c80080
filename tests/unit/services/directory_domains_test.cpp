// SPDX-License-Identifier: Apache-2.0
// Domains of directories: what is listed, what can change, and what is fixed once people have come.
#include "support.hpp"

namespace jackfield::services::tests {
namespace {

namespace json = boost::json;

class DirectoryDomainsTest : public Site {
 protected:
  void addDirectoryWith(const std::string& settings) {
    auto all = parseJson(settings).as_object();
    all["host"] = "ldap.test";
    services().servers().create(admin, {"hq-ldap", "ldap", "", true, all, 0});
  }
  DirectoryDomains& domains() { return services().directoryDomains(); }
  ServerInput changed(const std::string& settings) {
    const auto now = services().servers().get(admin, "hq-ldap");
    auto all = parseJson(settings).as_object();
    all["host"] = "ldap.test";
    return {"hq-ldap", "", "", true, all, now.revision};
  }
  std::vector<std::string> refused(const std::string& settings) {
    return pointersOf([&] { services().servers().replace(admin, "hq-ldap", changed(settings)); });
  }
  static constexpr const char* combined_ =
      R"({"user":{"domain":"users.test","password":"p","servers":[{"host":"dc1","security":"ldaps"}]}})";
  static constexpr const char* split_ =
      R"({"user":{"domain":"users.test","password":"p","servers":[{"host":"dc1","port":389,"security":"none"}]},
          "resource":{"domain":"groups.test","password":"q","servers":[{"host":"dc2","port":3269}]},
          "attributes":{"login":"uid"}})";
};

TEST_F(DirectoryDomainsTest, OneDomainMayServeAsAllThree) {
  addDirectoryWith(combined_);
  const auto list = domains().list(auditor);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].domain, "users.test");
  EXPECT_THAT(list[0].types, testing::ElementsAre("user", "resource", "contact"));
  EXPECT_THAT(list[0].addresses, testing::ElementsAre("dc1:636"));
  EXPECT_TRUE(list[0].settings.at("password").is_null()) << "secrets are not shown";
  EXPECT_EQ(codeOf([&] { domains().list(user); }), "auth.forbidden");
}

TEST_F(DirectoryDomainsTest, SplitSetUpListsBothWithTheirServers) {
  addDirectoryWith(split_);
  const auto list = domains().list(admin);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_THAT(list[0].types, testing::ElementsAre("user", "contact"));
  EXPECT_THAT(list[0].addresses, testing::ElementsAre("dc1:389"));
  EXPECT_EQ(list[1].domain, "groups.test");
  EXPECT_THAT(list[1].types, testing::ElementsAre("resource"));
  EXPECT_THAT(list[1].addresses, testing::ElementsAre("dc2:3269"));
}

TEST_F(DirectoryDomainsTest, ContactDomainIsAddedRenamedAndRemovedAndKeepsItsPassword) {
  addDirectoryWith(combined_);
  synchronise();
  const auto added = domains().addContact(
      admin, {std::nullopt, "partners.test", {{"servers", json::array{{{"host", "dc9"}}}}, {"password", "c"}}});
  EXPECT_THAT(added.types, testing::ElementsAre("contact"));
  EXPECT_TRUE(added.restart_required) << "as every change of settings (SRV-015)";
  EXPECT_EQ(codeOf([&] { domains().addContact(admin, {"hq-ldap", "partners.test", {}}); }), "domain.exists");
  EXPECT_EQ(codeOf([&] { domains().addContact(admin, {"hq-ldap", "users.test", {}}); }), "domain.exists");
  const auto renamed = domains().change(admin, "hq-ldap", "partners.test", {"friends.test", {{"description", "F"}}});
  EXPECT_EQ(renamed.domain, "friends.test");
  EXPECT_EQ(renamed.settings.at("description"), "F");
  EXPECT_THAT(renamed.types, testing::ElementsAre("contact")) << "a domain's type does not change";
  services().servers().restart(admin, "hq-ldap");
  EXPECT_EQ(plugins().settingsOf("hq-ldap").at("contacts").at(0).at("password"), "c");
  EXPECT_EQ(domains().list(admin).size(), 2U);
  EXPECT_EQ(codeOf([&] { domains().change(admin, "hq-ldap", "partners.test", {}); }), "domain.unknown");
  domains().removeContact(admin, "hq-ldap", "friends.test");
  EXPECT_EQ(domains().list(admin).size(), 1U);
  EXPECT_EQ(codeOf([&] { domains().removeContact(admin, "hq-ldap", "users.test"); }), "domain.fixed");
}

TEST_F(DirectoryDomainsTest, UserAndResourceDomainAreFixedOnceSetUp) {
  addDirectoryWith(combined_);
  EXPECT_EQ(domains().change(admin, "hq-ldap", "users.test", {"people.test", {}}).domain, "people.test")
      << "before the first synchronisation a slip can be corrected";
  synchronise();
  EXPECT_THAT(pointersOf([&] {
                domains().change(admin, "hq-ldap", "people.test", {"other.test", {}});
              }),
              testing::ElementsAre("/domain"));
  EXPECT_THAT(refused(R"({"user":{"domain":"other.test"}})"), testing::ElementsAre("/settings/user/domain"));
  EXPECT_THAT(refused(R"({"user":{"domain":"people.test"},"resource":{"domain":"groups.test"}})"),
              testing::ElementsAre("/settings/resource/domain"))
      << "a resource domain cannot be added later";
  EXPECT_THAT(refused("{}"), testing::ElementsAre("/settings/user/domain")) << "nor one taken away";
  EXPECT_THAT(refused(R"({"user":{"domain":"people.test"},"directoryType":"activeDirectory"})"),
              testing::ElementsAre("/settings/directoryType"));
  EXPECT_THAT(refused(R"({"user":{"domain":"people.test"},"directoryType":"openLdap"})"), testing::IsEmpty())
      << "the default, said aloud";
  EXPECT_THAT(pointersOf([&] {
                services().configuration().apply(admin,
                                                 parseJson(R"({"version":1,"servers":[{"handle":"hq-ldap","type":"ldap",
                      "settings":{"host":"ldap.test","user":{"domain":"other.test"}}}]})"),
                                                 true);
              }),
              testing::ElementsAre("/servers/0/settings/user/domain"));
}

TEST_F(DirectoryDomainsTest, SecurityGroupsAreFixedOnceSetUpAndOnlyShown) {
  addDirectoryWith(R"({"user":{"domain":"users.test"},"groups":{"administrator":"cn=admins"}})");
  EXPECT_THAT(refused(R"({"user":{"domain":"users.test"},"groups":{"administrator":"cn=chiefs"}})"), testing::IsEmpty())
      << "before the first synchronisation a slip can be corrected";
  synchronise();
  EXPECT_THAT(refused(R"({"user":{"domain":"users.test"},"groups":{"administrator":"cn=friends"}})"),
              testing::ElementsAre("/settings/groups"));
  EXPECT_THAT(refused(R"({"user":{"domain":"users.test"}})"), testing::ElementsAre("/settings/groups"))
      << "nor taken away";
  EXPECT_EQ(services().servers().get(admin, "hq-ldap").settings.at("groups").at("administrator"), "cn=chiefs");
}

TEST_F(DirectoryDomainsTest, SplitSetUpTakesNoOtherMapping) {
  addDirectoryWith(split_);
  synchronise();
  const std::string both = R"("user":{"domain":"users.test"},"resource":{"domain":"groups.test"})";
  EXPECT_THAT(refused("{" + both + R"(,"attributes":{"login":"mail"}})"), testing::ElementsAre("/settings/attributes"));
  EXPECT_THAT(refused("{" + both + R"(,"attributes":{"login":"uid"}})"), testing::IsEmpty());
}

TEST_F(DirectoryDomainsTest, CombinedSetUpTakesAnotherMapping) {
  addDirectoryWith(combined_);
  synchronise();
  EXPECT_THAT(refused(R"({"user":{"domain":"users.test"},"attributes":{"login":"mail"}})"), testing::IsEmpty());
}

TEST_F(DirectoryDomainsTest, PasswordIsTriedThenChangedBetweenBackupStopAndStart) {
  addDirectoryWith(split_);
  synchronise();
  plugins().answer("server/1.test", [](const auto&, const auto&) {
    kernel::Reply reply;
    reply.body = toJsonText(server::TestResult{{{server::Severity::error, "directory.bind.refused", "user domain: bind",
                                                 "The directory refuses the account."}}});
    return reply;
  });
  EXPECT_EQ(codeOf([&] { domains().changePassword(admin, "hq-ldap", "groups.test", "wrong"); }), "domain.password");
  const auto backup = folder_.path() / "data" / "backups" / "before-password-change.db";
  EXPECT_FALSE(std::filesystem::exists(backup)) << "nothing was begun";
  EXPECT_EQ(plugins().settingsOf("hq-ldap").at("resource").at("password"), "q");

  plugins().answer("server/1.test", [](const auto&, const auto&) {
    kernel::Reply reply;
    reply.body = toJsonText(server::TestResult{});
    return reply;
  });
  const auto before = plugins().done().size();
  const auto shown = domains().changePassword(admin, "hq-ldap", "groups.test", "fresh");
  EXPECT_FALSE(shown.restart_required);
  EXPECT_TRUE(std::filesystem::exists(backup));
  const auto done = plugins().done();
  EXPECT_THAT(std::vector<std::string>(done.begin() + static_cast<std::ptrdiff_t>(before), done.end()),
              testing::ElementsAre(testing::StartsWith("test unsaved"), "suspend hq-ldap", "configure hq-ldap",
                                   "resume hq-ldap"));
  EXPECT_EQ(plugins().settingsOf("hq-ldap").at("resource").at("password"), "fresh");
  EXPECT_EQ(plugins().settingsOf("hq-ldap").at("user").at("password"), "p");
  EXPECT_EQ(services().servers().get(admin, "hq-ldap").state, "connected");
  EXPECT_EQ(codeOf([&] { domains().changePassword(auditor, "hq-ldap", "groups.test", "x"); }), "auth.readonly");
  for (const auto& entry : services().audit().list(admin, 0, 50).entries)
    EXPECT_EQ((entry.before + entry.after).find("fresh"), std::string::npos);
}

}  // namespace
}  // namespace jackfield::services::tests
