// SPDX-License-Identifier: Apache-2.0
// The configuration as one document.
#include <cstdlib>

#include "support.hpp"

namespace jackfield::services::tests {
namespace {

class SiteConfigurationTest : public Site {
 protected:
  ApplyResult apply(const std::string& document, bool dry_run = false) {
    return services().configuration().apply(admin, parseJson(document), dry_run);
  }
  void secretFile(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(folder_.path() / "data" / "secrets");
    std::ofstream(folder_.path() / "data" / "secrets" / name) << text;
  }
  const std::string site_ = R"({"version":1,"servers":[
    {"handle":"hq-ldap","type":"ldap","settings":{"host":"ldap.test","password":{"secretRef":"file:bind"}}},
    {"handle":"hq-sip","type":"sip","settings":{"host":"sip.test"}}],
    "defaults":{"telephonyServer":"hq-sip"}})";
};

TEST_F(SiteConfigurationTest, DocumentIsAppliedOnceAndTheSecondTimeNothingDiffers) {
  secretFile("bind", "s3cret-bind\n");
  const auto planned = apply(site_, true);
  EXPECT_EQ(planned.changes.size(), 3U);
  EXPECT_TRUE(services().servers().list(admin).empty()) << "a dry run changes nothing";
  EXPECT_EQ(apply(site_).changes.size(), 3U);
  EXPECT_EQ(plugins().settingsOf("hq-ldap").at("password"), "s3cret-bind");
  EXPECT_TRUE(apply(site_).changes.empty());
  restart();
  EXPECT_TRUE(apply(site_).changes.empty());
}

TEST_F(SiteConfigurationTest, ChangedSettingsAreInForceAtOnce) {
  secretFile("bind", "s3cret-bind");
  apply(site_);
  const auto result = apply(R"({"version":1,"servers":[
    {"handle":"hq-ldap","type":"ldap","description":"new","settings":{"host":"other.test","password":null}}]})");
  ASSERT_EQ(result.changes.size(), 1U);
  EXPECT_THAT(result.changes[0].what, testing::UnorderedElementsAre("/description", "/settings/host"));
  EXPECT_EQ(plugins().settingsOf("hq-ldap").at("host"), "other.test");
  EXPECT_EQ(plugins().settingsOf("hq-ldap").at("password"), "s3cret-bind");
}

TEST_F(SiteConfigurationTest, EveryFaultIsNamedAtOnceAndNothingIsDone) {
  const std::string wrong = R"({"version":1,"servers":[
    {"handle":"ok","type":"ldap","settings":{"host":"x"}},
    {"handle":"bad handle","type":"ldap","settings":{"host":"","password":{"secretRef":"file:../../etc/shadow"}}},
    {"handle":"y","type":"nothing","settings":{}}],
    "users":[{"login":"nobody","extension":"1"}],"defaults":{"telephonyServer":"ok"}})";
  EXPECT_THAT(
      pointersOf([&] { apply(wrong); }),
      testing::UnorderedElementsAre("/servers/1/settings/password", "/servers/1/handle", "/servers/1/settings/host",
                                    "/servers/2/type", "/users/0/login", "/defaults/telephonyServer"));
  EXPECT_TRUE(services().servers().list(admin).empty());
  EXPECT_EQ(codeOf([&] { apply(R"({"version":2})"); }), "configuration.invalid");
  EXPECT_EQ(codeOf([&] { apply(R"({"version":1,"sevrers":[]})"); }), "configuration.invalid");
  EXPECT_EQ(codeOf([&] { apply("[]"); }), "configuration.invalid");
}

TEST_F(SiteConfigurationTest, DocumentThatFailsHalfWayIsTakenBackWhole) {
  std::string servers;
  for (int i = 0; i < 5; ++i)
    servers += (i ? "," : "") + std::string(R"({"handle":"s)") + std::to_string(i) +
               R"(","type":"sip","settings":{"host":"x"}})";
  EXPECT_EQ(codeOf([&] { apply(R"({"version":1,"servers":[)" + servers + "]}"); }), "capacity.servers");
  EXPECT_TRUE(services().servers().list(admin).empty());
}

TEST_F(SiteConfigurationTest, DefaultServerIsGivenToPeopleWhoCome) {
  secretFile("bind", "x");
  apply(site_);
  directoryHolds({person("alice", "1001"), person("bob", ""), person("carl", "1001")});
  synchronise();
  EXPECT_EQ(services().users().get(admin, "id-bob").telephony_server, "");
  EXPECT_EQ(services().users().administered(), 1U) << "of two people with one extension the first has it";
}

TEST_F(SiteConfigurationTest, ExportCanBeAppliedAgainAndHoldsNoSecret) {
  ASSERT_EQ(::setenv("JACKFIELD_TEST_SECRET", "s3cret-env", 1), 0);
  directoryHolds({person("alice", "1001")});
  apply(R"({"version":1,"servers":[
    {"handle":"hq-ldap","type":"ldap","settings":{"host":"a","password":{"secretRef":"env:JACKFIELD_TEST_SECRET"}}},
    {"handle":"hq-sip","type":"sip","enabled":false,"settings":{"host":"b"}}]})");
  EXPECT_EQ(plugins().settingsOf("hq-ldap").at("password"), "s3cret-env");
  synchronise();
  apply(R"({"version":1,"users":[{"login":"Alice","telephonyServer":"hq-sip","extension":"7001"}]})");
  EXPECT_EQ(services().users().get(admin, "id-alice").extension, "7001");
  const auto document = services().configuration().exportAll(auditor);
  EXPECT_EQ(boost::json::serialize(document).find("s3cret"), std::string::npos);
  EXPECT_TRUE(services().configuration().apply(admin, document, false).changes.empty());
}

TEST_F(SiteConfigurationTest, AuditorMayLookButNotApply) {
  const auto document = parseJson(R"({"version":1})");
  EXPECT_EQ(codeOf([&] { services().configuration().apply(auditor, document, true); }), "");
  EXPECT_EQ(codeOf([&] { services().configuration().apply(auditor, document, false); }), "auth.readonly");
  EXPECT_EQ(codeOf([&] { services().configuration().exportAll(user); }), "auth.forbidden");
}

}  // namespace
}  // namespace jackfield::services::tests
