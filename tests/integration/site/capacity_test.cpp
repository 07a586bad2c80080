// SPDX-License-Identifier: Apache-2.0
// The largest corporate directory that there may be (CAP-004, CAP-005, CAP-033), from slapd to the lists of the API.
// Label `full`.
#include <gtest/gtest.h>

#include "support/directory_site.hpp"

namespace jackfield::tests {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr int people = 100'000;
constexpr int groups = 20'000;

// Three groups are the generator's own.
std::string largeDirectory(const std::filesystem::path& folder) {
  const auto file = folder / "large.ldif";
  const std::string more = "awk 'BEGIN { for (i = 4; i <= " + std::to_string(groups) +
                           "; i++) print \"dn: cn=g\" i \",ou=groups,dc=bench,dc=test\\nobjectClass: groupOfNames\\n"
                           "cn: g\" i \"\\nmember: uid=p\" i \",ou=people,dc=bench,dc=test\\n\" }'";
  const std::string count = std::to_string(people);
  run({"sh", "-c",
       "(" + std::string(JACKFIELD_PEERS) + "/slapd/generate " + count + " " + count + "; " + more + ") > " +
           file.string()},
      folder / "generate.log");
  return file.string();
}

std::string titles(int from, int to) {
  std::string out;
  for (int i = from; i < to; ++i)
    out += "dn: uid=p" + std::to_string(i) +
           ",ou=people,dc=bench,dc=test\nchangetype: modify\nreplace: title\ntitle: Director\n\n";
  return out;
}

TEST(DirectoryCapacity, HundredThousandUsersAndTwentyThousandGroups) {
  const TemporaryFolder folder("capacity");
  DirectorySite site({JACKFIELD_PROGRAMS, JACKFIELD_PEERS, largeDirectory(folder.path()), "ldaps", "ownProcess"});
  site.configure(site.configuration());
  const auto api = site.setup();
  const auto full = site.synchronise(api, {{"mode", "full"}}, 300s);
  ASSERT_EQ(full.at("state"), "done") << json::serialize(full.at("text"));
  EXPECT_EQ(full.at("added"), people);
  const auto took = full.at("ended").to_number<double>() - full.at("started").to_number<double>();
  EXPECT_GT(people / (took / 1000), 166.7) << "entries a second, for a full synchronisation in 10 minutes";

  const auto last = api.get("/admin/users?limit=100&offset=" + std::to_string(people - 100)).body;
  EXPECT_EQ(last.at("total"), people);
  EXPECT_EQ(last.at("entries").as_array().size(), 100U);
  EXPECT_EQ(api.get("/admin/users?limit=10&search=p77777@bench.test").body.at("total"), 1);

  site.slapd().modify(titles(1, 1001));
  const auto increment = site.synchronise(api, {{"mode", "incremental"}}, 120s);
  EXPECT_EQ(increment.at("mode"), "incremental");
  EXPECT_EQ(increment.at("changed"), 1000);
  EXPECT_EQ(increment.at("removed"), 0);

  site.slapd().modify(
      "dn: cn=onemore,ou=groups,dc=bench,dc=test\nchangetype: add\nobjectClass: groupOfNames\ncn: onemore\n"
      "member: uid=p1,ou=people,dc=bench,dc=test\n");
  const auto refused = site.synchronise(api, {{"mode", "incremental"}}, 120s);
  EXPECT_EQ(refused.at("state"), "failed");
  EXPECT_NE(std::string(refused.at("text").as_string()).find("20000 groups"), std::string::npos);
}

}  // namespace
}  // namespace jackfield::tests
