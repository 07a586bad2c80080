// SPDX-License-Identifier: Apache-2.0
// Entries as servers send them, turned into people or refused with a reason.
#include "mapping.hpp"

#include <list>

#include <gtest/gtest.h>

namespace jackfield::directory {

namespace {

// Owns what an Entry only views.
class Built {
 public:
  explicit Built(std::string dn) : dn_(std::move(dn)) {}
  Built& with(std::string name, std::vector<std::string> values) {
    kept_.push_back({std::move(name), std::move(values), {}});
    return *this;
  }
  std::string mapInto(const Mapping& mapping, Person& person) {
    std::vector<ldap::Attribute> attributes;
    for (auto& kept : kept_) {
      kept.views.assign(kept.values.begin(), kept.values.end());
      attributes.push_back({kept.name, kept.views});
    }
    return mapping.map({dn_, attributes}, person);
  }

 private:
  struct Kept {
    std::string name;
    std::vector<std::string> values;
    std::vector<std::string_view> views;
  };
  std::string dn_;
  std::list<Kept> kept_;
};

constexpr const char* uuid = "08ca25b8-79da-1041-8ed3-4f14dc0ddb87";

Built person() {
  Built built("uid=a,dc=x");
  built.with("entryUUID", {uuid}).with("cn", {"Alice Archer"}).with("uid", {"alice"});
  return built;
}

}  // namespace

TEST(DirectoryMapping, FillsAPersonWhateverTheCaseOfAttributeNames) {
  Person out;
  Built entry("uid=a,dc=x");
  entry.with("ENTRYUUID", {"08CA25B8-79DA-1041-8ED3-4F14DC0DDB87"}).with("CN", {"Alice Archer"}).with("UID", {"alice"});
  entry.with("TelephoneNumber", {"1001", "+44 1"}).with("mobile", {"+44 2"}).with("homephone", {"+44 3"});
  EXPECT_EQ(entry.mapInto(Mapping(Settings()), out), "");
  EXPECT_EQ(out.id, uuid);
  EXPECT_EQ(out.name, "Alice Archer");
  EXPECT_EQ(out.extension, "1001");
  ASSERT_EQ(out.numbers.size(), 4u);
  EXPECT_EQ(out.numbers[1].value, "+44 1");
  EXPECT_EQ(out.numbers[2].kind, NumberKind::mobile);
  EXPECT_EQ(out.numbers[3].kind, NumberKind::home);
}

TEST(DirectoryMapping, PrefersTheDisplayNameAndMakesOneOfTheParts) {
  Person out;
  EXPECT_EQ(person().with("displayName", {"Ms Archer"}).mapInto(Mapping(Settings()), out), "");
  EXPECT_EQ(out.name, "Ms Archer");
  Built parts("uid=b,dc=x");
  parts.with("entryUUID", {uuid}).with("givenName", {"Bob"}).with("sn", {"Baker"});
  EXPECT_EQ(parts.mapInto(Mapping(Settings()), out), "");
  EXPECT_EQ(out.name, "Bob Baker");
}

TEST(DirectoryMapping, RefusesHostileEntriesWithAReason) {
  const Mapping mapping{Settings()};
  Person out;
  EXPECT_EQ(Built("uid=a,dc=x").with("cn", {"A"}).mapInto(mapping, out),
            "has no usable entryUUID, by which it would be known again");
  EXPECT_EQ(Built("uid=a,dc=x").with("entryUUID", {uuid}).mapInto(mapping, out), "has no name");
  EXPECT_EQ(person().with("title", {"\xff\xfe"}).mapInto(mapping, out), "attribute title is not UTF-8");
  EXPECT_EQ(person().with("title", {"\xed\xa0\x80"}).mapInto(mapping, out), "attribute title is not UTF-8");
  EXPECT_EQ(person().with("title", {std::string("a\0b", 3)}).mapInto(mapping, out),
            "attribute title is with a control character in it");
  EXPECT_EQ(person().with("title", {std::string(513, 'x')}).mapInto(mapping, out), "attribute title is too long");
  EXPECT_EQ(person().with("mobile", {std::string(65, '1')}).mapInto(mapping, out), "attribute mobile is too long");
  EXPECT_EQ(person().with("mobile", std::vector<std::string>(17, "1")).mapInto(mapping, out),
            "has more than 16 numbers");
  EXPECT_EQ(Built(std::string(3000, 'x')).mapInto(mapping, out), "the DN is too long");
  EXPECT_EQ(Built("uid=\xff").mapInto(mapping, out), "the DN is not UTF-8");
}

TEST(DirectoryMapping, AsksTheServerForMappedAttributesOnly) {
  Settings settings;
  settings.attributes.home = "";
  settings.attributes.mail2 = "mailAlternate";
  const Mapping mapping(settings);
  const auto& asked = mapping.attributes();
  const auto has = [&](const char* name) { return std::find(asked.begin(), asked.end(), name) != asked.end(); };
  EXPECT_TRUE(has("mailAlternate"));
  EXPECT_FALSE(has("homePhone"));
  EXPECT_FALSE(has("jpegPhoto"));
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "telephoneNumber"), 1);
}

TEST(DirectoryMapping, MicrosoftPresetReadsObjectGuid) {
  Settings settings;
  settings.directory_type = DirectoryType::activeDirectory;
  Person out;
  Built entry("CN=Alice,DC=x");
  entry.with("objectGUID", {std::string("\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16)});
  entry.with("sAMAccountName", {"alice"}).with("displayName", {"Alice"}).with("ipPhone", {"1001"});
  EXPECT_EQ(entry.mapInto(Mapping(settings), out), "");
  EXPECT_EQ(out.id, "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(out.login, "alice");
  EXPECT_EQ(out.extension, "1001");
}

TEST(DirectoryMapping, FilterDefaultsToTheObjectClassAndOverridesIt) {
  Settings settings;
  EXPECT_EQ(peopleFilter(settings), "(objectClass=inetOrgPerson)");
  settings.object_class = "person";
  EXPECT_EQ(peopleFilter(settings), "(objectClass=person)");
  settings.contact_filter = "(sn=p*)";
  EXPECT_EQ(peopleFilter(settings), "(sn=p*)");
  Settings microsoft;
  microsoft.directory_type = DirectoryType::activeDirectory;
  EXPECT_EQ(classFilter(microsoft), "(objectClass=user)");
  EXPECT_EQ(peopleFilter(microsoft), "(&(objectClass=user)(!(objectClass=computer)))");
  microsoft.directory_type = DirectoryType::adam;
  EXPECT_EQ(classFilter(microsoft), "(objectClass=person)");
}

}  // namespace jackfield::directory
