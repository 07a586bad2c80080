// SPDX-License-Identifier: Apache-2.0
// DNs compare by what they name, GUIDs by Microsoft's order of octets.
#include <gtest/gtest.h>

#include "guid.hpp"
#include "ldap/connection.hpp"

namespace jackfield::directory {

TEST(DirectoryDn, SpellingsOfOneDnAreEqual) {
  const std::string plain = ldap::canonicalDn("uid=alice,ou=people,dc=example,dc=test");
  for (const char* other : {"UID=Alice,OU=People,DC=Example,DC=Test", "uid=alice, ou=people, dc=example, dc=test",
                            "uid = alice,ou=people,dc=example,dc=test", "uid=al\\69ce,ou=people,dc=example,dc=test"})
    EXPECT_EQ(ldap::canonicalDn(other), plain) << other;
  EXPECT_EQ(ldap::canonicalDn("cn=Archer\\, Alice,dc=x"), ldap::canonicalDn("CN=Archer\\2C Alice,DC=x"));
  EXPECT_NE(ldap::canonicalDn("cn=a\\,b,dc=x"), ldap::canonicalDn("cn=a,b=c,dc=x"));
}

TEST(DirectoryDn, TellsADnFromOtherText) {
  EXPECT_TRUE(ldap::isDn("dc=example,dc=test"));
  EXPECT_FALSE(ldap::isDn(""));
  EXPECT_FALSE(ldap::isDn("example.test"));
  EXPECT_FALSE(ldap::isDn("dc=example,,dc=test"));
}

TEST(DirectoryGuid, MicrosoftOrderOfOctets) {
  const std::string octets("\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
  EXPECT_EQ(idText(octets, IdForm::microsoftGuid), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(idText(octets, IdForm::plainGuid), "33221100-5544-7766-8899-aabbccddeeff");
}

TEST(DirectoryGuid, RefusesWhatIsNone) {
  EXPECT_EQ(idText("short", IdForm::microsoftGuid), "");
  EXPECT_EQ(idText("", IdForm::text), "");
  EXPECT_EQ(idText("a b", IdForm::text), "");
  EXPECT_EQ(idText(std::string(65, 'a'), IdForm::text), "");
  EXPECT_EQ(idText("08CA25B8-79DA-1041-8ED3-4F14DC0DDB87", IdForm::text), "08ca25b8-79da-1041-8ed3-4f14dc0ddb87");
}

}  // namespace jackfield::directory
