// SPDX-License-Identifier: Apache-2.0
// What Test says about settings, right ones and wrong ones.
#include "examination.hpp"

#include "peer.hpp"

namespace jackfield::tests {

using server::Severity;

namespace {

struct Report {
  std::vector<server::Finding> findings;
  const server::Finding* find(const std::string& code) const {
    for (const auto& finding : findings)
      if (finding.code == code) return &finding;
    return nullptr;
  }
  std::size_t errors() const {
    return static_cast<std::size_t>(std::count_if(
        findings.begin(), findings.end(), [](const server::Finding& f) { return f.severity == Severity::error; }));
  }
  std::string text() const {
    std::string out;
    for (const auto& f : findings) out += f.item + ": " + f.code + ": " + f.text + "\n";
    return out;
  }
};

Report reportOn(const directory::Settings& settings) {
  return {directory::examine(settings, {}).findings};
}

const Slapd& company() {
  static const Slapd slapd;
  return slapd;
}

}  // namespace

TEST(DirectoryTest, FindsEveryItemInOrder) {
  const Report report = reportOn(company().settings());
  EXPECT_EQ(report.errors(), 0u) << report.text();
  for (const char* code : {"directory.reached", "directory.tls.checked", "directory.bind.accepted",
                           "directory.baseDn.found", "directory.filter.finds", "directory.mapping.usable"})
    EXPECT_TRUE(report.find(code)) << code << "\n" << report.text();
  std::size_t groups = 0;
  for (const auto& finding : report.findings) groups += finding.code == "directory.group.read" ? 1 : 0;
  EXPECT_EQ(groups, 3u);
}

TEST(DirectoryTest, WarnsOfClearText) {
  const Report report = reportOn(company().settings(directory::Security::none));
  ASSERT_TRUE(report.find("directory.tls.off")) << report.text();
  EXPECT_EQ(report.find("directory.tls.off")->severity, Severity::warning);
}

TEST(DirectoryTest, NamesTheItemThatFails) {
  auto settings = company().settings();
  settings.user.servers[0].port = freePort();
  EXPECT_EQ(reportOn(settings).find("directory.unreachable")->item, "user domain: reachability");

  settings = company().settings();
  settings.user.password = "secret-and-wrong";
  Report report = reportOn(settings);
  ASSERT_TRUE(report.find("directory.bind.refused")) << report.text();
  EXPECT_EQ(report.find("directory.bind.refused")->item, "user domain: bind");
  EXPECT_EQ(report.text().find("secret-and-wrong"), std::string::npos);

  settings = company().settings();
  settings.user.base_dn = "ou=absent,dc=brightwater,dc=test";
  report = reportOn(settings);
  ASSERT_TRUE(report.find("directory.baseDn.missing")) << report.text();
  EXPECT_EQ(report.find("directory.baseDn.missing")->item, "user domain: base DN");

  settings = company().settings();
  settings.groups.auditor = "cn=absent,ou=groups,dc=brightwater,dc=test";
  report = reportOn(settings);
  ASSERT_TRUE(report.find("directory.group.missing")) << report.text();
  EXPECT_EQ(report.find("directory.group.missing")->item, "security groups: auditor");
  EXPECT_EQ(report.errors(), 1u);
}

TEST(DirectoryTest, NamesTheTlsFaultAndThatTheServerWasReached) {
  const Slapd expired({}, {"SLAPD_CERT=expired"});
  const Report report = reportOn(expired.settings());
  ASSERT_TRUE(report.find("directory.tls.expired")) << report.text();
  EXPECT_EQ(report.find("directory.tls.expired")->item, "user domain: TLS");
  EXPECT_TRUE(report.find("directory.reached"));
}

TEST(DirectoryTest, WarnsWhenNoAdministratorMatchesTheFilter) {
  auto settings = company().settings();
  settings.contact_filter = "(&(objectClass=inetOrgPerson)(sn=A*))";
  const Report report = reportOn(settings);
  ASSERT_TRUE(report.find("directory.administrators.filtered")) << report.text();
  EXPECT_EQ(report.find("directory.administrators.filtered")->severity, Severity::warning);
  settings.contact_filter = "(&(objectClass=inetOrgPerson)(sn=M*))";
  EXPECT_FALSE(reportOn(settings).find("directory.administrators.filtered"));
}

TEST(DirectoryTest, SaysThatTheFilterFindsNobody) {
  auto settings = company().settings();
  settings.contact_filter = "(sn=nobody at all)";
  const Report report = reportOn(settings);
  ASSERT_TRUE(report.find("directory.filter.empty")) << report.text();
  EXPECT_EQ(report.find("directory.filter.empty")->severity, Severity::error);
}

TEST(DirectoryTest, SaysThatTheMappingFitsNoEntry) {
  auto settings = company().settings();
  settings.directory_type = directory::DirectoryType::sunOne;  // nsUniqueId, which slapd lacks
  EXPECT_TRUE(reportOn(settings).find("directory.mapping.unusable"));
  settings = company().settings();
  settings.attributes.login = "employeeNumber";
  EXPECT_TRUE(reportOn(settings).find("directory.mapping.login"));
}

TEST(DirectoryTest, WarnsThatAdamHasNoPresence) {
  auto settings = company().settings();
  settings.directory_type = directory::DirectoryType::adam;
  EXPECT_TRUE(reportOn(settings).find("directory.adam.presence"));
}

}  // namespace jackfield::tests
