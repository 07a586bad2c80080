// SPDX-License-Identifier: Apache-2.0
// Full and incremental synchronisation from a real slapd.
#include <atomic>
#include <fstream>
#include <set>

#include "peer.hpp"

namespace jackfield::tests {

using directory::NumberKind;
using ::testing::Test;

namespace {

const std::string people = ",ou=people,dc=brightwater,dc=test";

std::string generated(const TemporaryFolder& folder, int count, int users) {
  const auto file = folder.path() / "generated.ldif";
  std::ofstream(file) << run(
      {std::string(JACKFIELD_PEERS) + "/slapd/generate", std::to_string(count), std::to_string(users)},
      folder.path() / "generate.log");
  return file.string();
}

}  // namespace

TEST(DirectorySync, BringsPeopleAndContactsWithTheirNumbersAndRoles) {
  const Slapd slapd;
  const auto run = gather(slapd.settings());
  EXPECT_EQ(run.entries.size(), 15u);
  EXPECT_TRUE(run.skipped.empty());
  const auto* alice = run.find("alice");
  ASSERT_TRUE(alice);
  EXPECT_EQ(alice->dn, "uid=alice" + people);
  EXPECT_EQ(alice->given_name, "Alice");
  EXPECT_EQ(alice->surname, "Archer");
  EXPECT_EQ(alice->mail, "alice@brightwater.test");
  EXPECT_EQ(alice->title, "Head of Sales");
  EXPECT_EQ(alice->department, "Sales");
  EXPECT_EQ(alice->company, "Brightwater Instruments");
  EXPECT_EQ(alice->location, "London");
  EXPECT_EQ(alice->extension, "1001");
  ASSERT_EQ(alice->numbers.size(), 3u);
  EXPECT_EQ(alice->roles, std::vector<std::string>{"user"});
  EXPECT_EQ(run.find("morgan")->roles, (std::vector<std::string>{"user", "administrator"}));
  EXPECT_EQ(run.find("taylor")->roles, (std::vector<std::string>{"user", "auditor"}));
  std::size_t contacts = 0;
  for (const auto& person : run.entries)
    if (person.roles.empty()) {
      ++contacts;
      EXPECT_TRUE(person.login.empty());
    }
  EXPECT_EQ(contacts, 3u);
}

// The server gives at most 100 entries a page to the service account: without paging it would refuse.
TEST(DirectorySync, ReadsTwoThousandFiveHundredEntriesInPagesOfAHundred) {
  const TemporaryFolder folder("generated");
  const Slapd slapd(generated(folder, 2500, 1200), {"SLAPD_SIZELIMIT=100"});
  auto settings = slapd.settings();
  settings.user.page_size = 100;
  const auto run = gather(settings);
  EXPECT_EQ(run.entries.size(), 2500u);
  EXPECT_GE(run.parts, 5u) << "parts are of at most 500 entries";
  std::set<std::string> ids;
  std::size_t users = 0;
  for (const auto& person : run.entries) {
    ids.insert(person.id);
    users += person.roles.empty() ? 0 : 1;
  }
  EXPECT_EQ(ids.size(), 2500u);
  EXPECT_EQ(users, 1200u);
  settings.user.page_size = 200;
  EXPECT_EQ(errorOf([&] { gather(settings); }).code(), "directory.search.limit");
}

TEST(DirectorySync, LeavesOutBadEntriesEachWithItsReason) {
  Slapd slapd;
  const std::string contacts = ",ou=contacts,dc=brightwater,dc=test";
  const auto person = [&](const std::string& name, const std::string& more) {
    return "dn: cn=" + name + contacts + "\nchangetype: add\nobjectClass: inetOrgPerson\ncn: " + name +
           "\nsn: " + name + "\n" + more + "\n";
  };
  slapd.modify(
      person("Long Title", "title: " + std::string(600, 'x') + "\n") +
      person("Long Number", "mobile: " + std::string(80, '1') + "\n") +
      person("Bell", "title:: QmVsbAc=\n") +  // "Bell", BEL
      person("Good", "title: fine\n") +
      "dn: cn=jackfield-users,ou=groups,dc=brightwater,dc=test\nchangetype: modify\nadd: member\nmember: uid=gone" +
      people + "\nmember: cn=Good" + contacts + "\n");
  const auto run = gather(slapd.settings());
  EXPECT_EQ(run.reason("cn=Long Title" + contacts), "attribute title is too long");
  EXPECT_EQ(run.reason("cn=Long Number" + contacts), "attribute mobile is too long");
  EXPECT_EQ(run.reason("cn=Bell" + contacts), "attribute title is with a control character in it");
  EXPECT_EQ(run.reason("uid=gone" + people), "is named in a security group, but there is no such entry");
  EXPECT_EQ(run.reason("cn=Good" + contacts), "is in a security group but has no login name (attribute uid)");
  EXPECT_EQ(run.skipped.size(), 5u);
  EXPECT_EQ(run.entries.size(), 15u);
}

// jpegPhoto may hold any octets; mapped as a text it is what a broken directory looks like.
TEST(DirectorySync, LeavesOutTextThatIsNotUtf8) {
  Slapd slapd;
  slapd.modify("dn: uid=bob" + people + "\nchangetype: modify\nadd: jpegPhoto\njpegPhoto:: /////w==\n");
  auto settings = slapd.settings();
  settings.attributes.title = "jpegPhoto";
  const auto run = gather(settings);
  EXPECT_EQ(run.reason("uid=bob" + people), "attribute jpegPhoto is not UTF-8");
  EXPECT_FALSE(run.find("bob"));
  EXPECT_TRUE(run.find("alice"));
}

TEST(DirectorySync, MapsAttributesAsTheAdministratorSays) {
  const Slapd slapd;
  auto settings = slapd.settings();
  settings.attributes.login = "mail";
  settings.attributes.extension = "mobile";
  settings.attributes.home = "";
  const auto run = gather(settings);
  const auto* alice = run.find("alice@brightwater.test");
  ASSERT_TRUE(alice);
  EXPECT_EQ(alice->extension, "+441632960101");
  for (const auto& number : alice->numbers) EXPECT_NE(number.kind, NumberKind::home);
}

TEST(DirectorySync, FilterLimitsWhoComesButNotTheMembersOfTheSecurityGroups) {
  const Slapd slapd;
  auto settings = slapd.settings();
  settings.contact_filter = "(&(objectClass=inetOrgPerson)(sn=P*))";
  const auto run = gather(settings);
  EXPECT_TRUE(run.find("alice")) << "a member of the user group comes although the filter leaves her out";
  EXPECT_EQ(run.entries.size(), 13u);  // twelve members, and Peter Pike
}

TEST(DirectorySync, IncrementalRunBringsWhatChangedAndNothingElse) {
  Slapd slapd;
  const auto settings = slapd.settings();
  const auto first = gather(settings);
  const auto idle = gather(settings, first.cursor);
  EXPECT_LE(idle.entries.size(), 1u) << "at most the newest entry comes again";
  slapd.modify("dn: uid=carol" + people + "\nchangetype: modify\nreplace: title\ntitle: Director\n");
  const auto second = gather(settings, idle.cursor);
  ASSERT_TRUE(second.find("carol"));
  EXPECT_EQ(second.find("carol")->title, "Director");
  EXPECT_EQ(second.find("carol")->roles, std::vector<std::string>{"user"});
  EXPECT_LE(second.entries.size(), 2u);
  EXPECT_EQ(second.find("carol")->id, first.find("carol")->id);
}

TEST(DirectorySync, IncrementalRunBringsNewMembersThatTheFilterLeavesOut) {
  Slapd slapd;
  auto settings = slapd.settings();
  settings.contact_filter = "(&(objectClass=inetOrgPerson)(sn=A*))";
  slapd.modify("dn: uid=zoe" + people +
               "\nchangetype: add\nobjectClass: inetOrgPerson\nuid: zoe\ncn: Zoe\nsn: Zander\ntelephoneNumber: 1026\n");
  const auto first = gather(settings);
  EXPECT_FALSE(first.find("zoe"));
  slapd.modify(
      "dn: cn=jackfield-users,ou=groups,dc=brightwater,dc=test\nchangetype: modify\nadd: member\nmember: uid=zoe" +
      people + "\n");
  const auto second = gather(settings, first.cursor);
  ASSERT_TRUE(second.find("zoe"));
  EXPECT_EQ(second.find("zoe")->roles, std::vector<std::string>{"user"});
  slapd.modify("dn: uid=zoe" + people + "\nchangetype: modify\nreplace: title\ntitle: Trainee\n");
  const auto third = gather(settings, second.cursor);
  ASSERT_TRUE(third.find("zoe")) << "a member outside the filter who changed";
  EXPECT_EQ(third.find("zoe")->title, "Trainee");
}

TEST(DirectorySync, WhoLeavesAGroupLosesTheRoleInAnIncrementalRun) {
  Slapd slapd;
  const auto settings = slapd.settings();
  const auto first = gather(settings);
  slapd.modify("dn: cn=sales,ou=groups,dc=brightwater,dc=test\nchangetype: modify\ndelete: member\nmember: uid=bob" +
               people + "\n");
  const auto second = gather(settings, first.cursor);
  ASSERT_TRUE(second.find("bob"));
  EXPECT_TRUE(second.find("bob")->roles.empty());
}

TEST(DirectorySync, WorksWithoutAContextCsnByTheTimeOfChange) {
  Slapd slapd;
  auto settings = slapd.settings();
  settings.directory_type = directory::DirectoryType::sunOne;
  settings.attributes.mail2 = "";
  // slapd has no nsUniqueId, so every entry is skipped for it: which ones were read is what matters here.
  const auto first = gather(settings);
  EXPECT_EQ(first.skipped.size(), 15u);
  EXPECT_NE(first.cursor.find("\"time\""), std::string::npos);
  const auto second = gather(settings, first.cursor);
  EXPECT_LE(second.skipped.size(), 15u);
  slapd.modify("dn: uid=carol" + people + "\nchangetype: modify\nreplace: title\ntitle: Director\n");
  EXPECT_NE(gather(settings, second.cursor).reason("uid=carol" + people), "");
}

TEST(DirectorySync, AsksForAFullRunWhenFilterOrMappingChanged) {
  const Slapd slapd;
  auto settings = slapd.settings();
  const auto first = gather(settings);
  auto filtered = settings;
  filtered.contact_filter = "(objectClass=person)";
  const Error error = errorOf([&] { gather(filtered, first.cursor); });
  EXPECT_EQ(error.code(), "directory.sync.cursor");
  EXPECT_EQ(error.status(), Status::state);
  auto mapped = settings;
  mapped.attributes.title = "description";
  EXPECT_EQ(errorOf([&] { gather(mapped, first.cursor); }).code(), "directory.sync.cursor");
  EXPECT_EQ(errorOf([&] { gather(settings, "{\"version\":9}"); }).code(), "directory.sync.cursor");
  EXPECT_EQ(errorOf([&] { gather(settings, "garbage)(uid=*"); }).code(), "directory.sync.cursor");
  settings.user.password = "demo-service";
  EXPECT_NO_THROW(gather(settings, first.cursor));
}

TEST(DirectorySync, DoesNotFollowReferralsAndSaysSoWhenTheBaseIsOne) {
  Slapd slapd;
  slapd.modify(
      "dn: ou=elsewhere,dc=brightwater,dc=test\nchangetype: add\nobjectClass: referral\nobjectClass: extensibleObject\n"
      "ou: elsewhere\nref: ldap://127.0.0.1:1/ou=elsewhere,dc=brightwater,dc=test\n");
  auto settings = slapd.settings();
  EXPECT_EQ(gather(settings).entries.size(), 15u);
  settings.user.base_dn = "ou=elsewhere,dc=brightwater,dc=test";
  settings.resource = slapd.settings().user;
  EXPECT_EQ(errorOf([&] { gather(settings); }).code(), "directory.referral");
}

TEST(DirectorySync, FailsWhenASecurityGroupIsGoneInsteadOfTakingEverybodysRole) {
  const Slapd slapd;
  auto settings = slapd.settings();
  settings.groups.user = "cn=absent,ou=groups,dc=brightwater,dc=test";
  const Error error = errorOf([&] { gather(settings); });
  EXPECT_EQ(error.code(), "directory.group.missing");
  EXPECT_EQ(error.field(), "/groups/user");
}

TEST(DirectorySync, ServerKilledInTheMiddleGivesAClearErrorAndTheOldCursorStaysGood) {
  const TemporaryFolder folder("generated");
  Slapd slapd(generated(folder, 2500, 10), {"SLAPD_SIZELIMIT=100"});
  auto settings = slapd.settings();
  settings.user.page_size = 100;
  const auto first = gather(settings);
  std::size_t seen = 0;
  const auto sink = [&](const directory::SyncPart& part) {
    if (seen == 0) slapd.kill();
    seen += part.entries.size();
  };
  const Error error = errorOf([&] { directory::synchronise(settings, {directory::SyncMode::full, ""}, sink, {}); });
  EXPECT_EQ(error.status(), Status::unreachable) << error.what();
  EXPECT_EQ(error.code(), "directory.connection.lost");
  EXPECT_GT(seen, 0u);
  EXPECT_LT(seen, 2500u);
  slapd.start();
  EXPECT_EQ(gather(settings).entries.size(), 2500u);
  EXPECT_LE(gather(settings, first.cursor).entries.size(), 1u);
}

}  // namespace jackfield::tests
