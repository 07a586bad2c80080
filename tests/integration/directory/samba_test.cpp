// SPDX-License-Identifier: Apache-2.0
// Active Directory, as a Samba domain controller plays it: names, GUIDs, ranges, USNs. Its ports are fixed, so label
#include <fstream>

// `full` and one process at a time.
#include "examination.hpp"
#include "peer.hpp"
#include "sign_in.hpp"

namespace jackfield::tests {

using directory::authenticate;

namespace {

constexpr int crowd = 3000;

class Samba {
 public:
  Samba() : folder_("samba") {
    try {
      run({peers() + "start", data()}, folder_.path() / "start.log", std::chrono::seconds(180));
      run({peers() + "populate", data(), std::to_string(crowd)}, folder_.path() / "populate.log",
          std::chrono::seconds(240));
    } catch (...) {
      stop();
      throw;
    }
  }
  ~Samba() { stop(); }

  void modify(const std::string& ldif) const {
    const auto file = folder_.path() / "change.ldif";
    std::ofstream(file) << ldif;
    run({"env", "LDAPTLS_CACERT=" + data() + "/ca.pem", "ldapmodify", "-x", "-H", "ldaps://127.0.0.1:636", "-D",
         "Administrator@AD.LAB.TEST", "-w", "Passw0rd!x", "-f", file.string()},
        folder_.path() / "modify.log");
  }

  directory::Settings settings() const {
    directory::Settings s;
    s.directory_type = directory::DirectoryType::activeDirectory;
    s.ca_file = data() + "/ca.pem";
    s.user.domain = "ad.lab.test";
    s.user.servers = {{"127.0.0.1", 636, directory::Security::ldaps}};
    s.user.login_id = "jackfield@ad.lab.test";
    s.user.password = "Passw0rd!service";
    s.user.range_size = 200;
    s.user.page_size = 500;
    s.groups.administrator = "CN=jackfield-administrators,OU=people,DC=ad,DC=lab,DC=test";
    s.groups.auditor = "CN=jackfield-auditors,OU=people,DC=ad,DC=lab,DC=test";
    s.groups.user = "CN=jackfield-users,OU=people,DC=ad,DC=lab,DC=test";
    return s;
  }

 private:
  static std::string peers() { return std::string(JACKFIELD_PEERS) + "/samba/"; }
  std::string data() const { return (folder_.path() / "data").string(); }
  void stop() const { run({peers() + "stop", data()}, folder_.path() / "stop.log"); }
  TemporaryFolder folder_;
};

const Samba& samba() {
  static const Samba one;
  return one;
}

}  // namespace

TEST(DirectorySamba, AcceptsAccountUpnAndDomainNames) {
  const auto settings = samba().settings();
  for (const char* login : {"alice", "ALICE", "alice@ad.lab.test", "ADLAB\\alice", "adlab\\Alice"}) {
    const auto person = authenticate(settings, {login, "Passw0rd!alice"}, {}).person;
    EXPECT_EQ(person.login, "alice") << login;
    EXPECT_EQ(person.extension, "1001");
  }
  EXPECT_EQ(authenticate(settings, {"carol@elsewhere.test", "Passw0rd!carol"}, {}).person.login, "carol");
  EXPECT_EQ(authenticate(settings, {"carol@ad.lab.test", "Passw0rd!carol"}, {}).person.login, "carol");
}

TEST(DirectorySamba, RefusesOtherDomainsAndWrongPasswords) {
  const auto settings = samba().settings();
  const std::pair<const char*, const char*> attempts[] = {{"alice", "Passw0rd!bob"},
                                                          {"alice", ""},
                                                          {"OTHER\\alice", "Passw0rd!alice"},
                                                          {"alice@other.test", "Passw0rd!alice"},
                                                          {"*", "Passw0rd!alice"},
                                                          {"p1", "Passw0rd!p1"}};
  for (const auto& [login, password] : attempts)
    EXPECT_EQ(errorOf([&, &login = login, &password = password] {
                authenticate(settings, {login, password}, {});
              }).code(),
              "directory.credentials")
        << login;
}

TEST(DirectorySamba, GivesRolesThroughNestedGroups) {
  const auto settings = samba().settings();
  const auto roles = [&](const std::string& login) {
    return authenticate(settings, {login, "Passw0rd!" + login}, {}).person.roles;
  };
  EXPECT_EQ(roles("alice"), std::vector<std::string>{"user"});
  EXPECT_EQ(roles("morgan"), (std::vector<std::string>{"user", "administrator"}));
  EXPECT_EQ(roles("taylor"), (std::vector<std::string>{"user", "auditor"}));
}

TEST(DirectorySamba, ReadsThreeThousandMembersInRangesAndNoComputer) {
  const auto settings = samba().settings();
  const auto run = gather(settings);
  std::size_t users = 0;
  for (const auto& person : run.entries) {
    EXPECT_EQ(person.id.size(), 36u);
    EXPECT_FALSE(person.login.ends_with('$')) << person.login;
    users += person.roles.empty() ? 0 : 1;
  }
  EXPECT_EQ(users, static_cast<std::size_t>(crowd) + 5);
  ASSERT_TRUE(run.find("alice"));
  const auto signed_in = authenticate(settings, {"alice", "Passw0rd!alice"}, {}).person;
  EXPECT_EQ(run.find("alice")->id, signed_in.id);
}

TEST(DirectorySamba, IncrementalRunFollowsTheUsn) {
  const auto settings = samba().settings();
  const auto first = gather(settings);
  EXPECT_NE(first.cursor.find("\"usn\""), std::string::npos) << first.cursor;
  EXPECT_TRUE(gather(settings, first.cursor).entries.empty());
  samba().modify(
      "dn: CN=Bob Baker,OU=people,DC=ad,DC=lab,DC=test\nchangetype: modify\nreplace: title\ntitle: Director\n");
  const auto second = gather(settings, first.cursor);
  ASSERT_TRUE(second.find("bob"));
  EXPECT_EQ(second.find("bob")->title, "Director");
  EXPECT_EQ(second.find("bob")->roles, std::vector<std::string>{"user"});
  EXPECT_EQ(second.entries.size(), 1u);
}

TEST(DirectorySamba, AnotherDomainControllerAsksForAFullRun) {
  const auto settings = samba().settings();
  std::string cursor = gather(settings).cursor;
  const auto at = cursor.find("\"origin\":\"");
  ASSERT_NE(at, std::string::npos);
  cursor[at + 10] = cursor[at + 10] == '0' ? '1' : '0';
  EXPECT_EQ(errorOf([&] { gather(settings, cursor); }).code(), "directory.sync.cursor");
}

TEST(DirectorySamba, ContactDomainBringsContactsWithoutLogin) {
  auto settings = samba().settings();
  settings.contacts = {settings.user};
  settings.contacts[0].base_dn = "OU=people,DC=ad,DC=lab,DC=test";
  settings.user.base_dn = "CN=Users,DC=ad,DC=lab,DC=test";
  const auto run = gather(settings);
  std::size_t contacts = 0;
  for (const auto& person : run.entries) contacts += person.login.empty() && person.roles.empty() ? 1 : 0;
  EXPECT_EQ(contacts, static_cast<std::size_t>(crowd) + 6);
}

TEST(DirectorySamba, SplitSetUpTakesTheGroupsFromTheResourceDomain) {
  auto settings = samba().settings();
  settings.resource = settings.user;
  settings.user.base_dn = "OU=people,DC=ad,DC=lab,DC=test";
  EXPECT_EQ(authenticate(settings, {"morgan", "Passw0rd!morgan"}, {}).person.roles,
            (std::vector<std::string>{"user", "administrator"}));
  settings.resource->password = "wrong";
  EXPECT_EQ(errorOf([&] {
              authenticate(settings, {"morgan", "Passw0rd!morgan"}, {});
            }).code(),
            "directory.bind.refused");
}

TEST(DirectorySamba, TestFindsNothingWrong) {
  const auto result = directory::examine(samba().settings(), {});
  for (const auto& finding : result.findings)
    EXPECT_EQ(finding.severity, server::Severity::info) << finding.item << ": " << finding.text;
}

}  // namespace jackfield::tests
