// SPDX-License-Identifier: Apache-2.0
// Filters: what is taken, and where what is not taken is wrong.
#include "ldap/filter.hpp"

#include <gtest/gtest.h>

namespace jackfield::directory::ldap {

TEST(DirectoryFilter, TakesWhatRfc4515Takes) {
  for (const char* good : {"(cn=Babs Jensen)",
                           "(!(cn=Tim Howes))",
                           "(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))",
                           "(o=univ*of*mich*)",
                           "(seeAlso=)",
                           "(cn:caseExactMatch:=Fred Flintstone)",
                           "(cn:=Betty Rubble)",
                           "(sn:dn:2.4.6.8.10:=Barney Rubble)",
                           "(o:dn:=Ace Industry)",
                           "(:1.2.3:=Wilma Flintstone)",
                           "(:DN:2.4.6.8.10:=Dino)",
                           "(o=Parens R Us \\28for all\\29)",
                           "(cn=*\\2A*)",
                           "(bin=\\00\\00\\00\\04)",
                           "(sn=Lu\\c4\\8di\\c4\\87)",
                           "(createTimestamp>=20200101000000Z)",
                           "(sn~=x)",
                           "(! (a=b))",
                           "(2.5.4.3;lang-de;x-y=z)",
                           "(cn=*)",
                           "( & (a=b) (c=d) )",
                           "(&(objectClass=user)(objectCategory=person)(sn=p*))",
                           "(memberOf:1.2.840.113556.1.4.1941:=cn=x,dc=y)"})
    EXPECT_FALSE(checkFilter(good)) << good << ": " << checkFilter(good)->position << " " << checkFilter(good)->rule;
}

TEST(DirectoryFilter, NamesThePositionOfTheFault) {
  const auto position = [](const char* bad) {
    const auto fault = checkFilter(bad);
    return fault ? fault->position : 0;
  };
  EXPECT_EQ(position(""), 1u);
  EXPECT_EQ(position("cn=x"), 1u);
  EXPECT_EQ(position("(cn=x"), 6u);
  EXPECT_EQ(position("(cn=x))"), 7u);
  EXPECT_EQ(position("(cn)"), 4u);
  EXPECT_EQ(position("(=x)"), 2u);
  EXPECT_EQ(position("(&)"), 3u);
  EXPECT_EQ(position("(cn=a(b)"), 6u);
  EXPECT_EQ(position("(cn=\\2)"), 5u);
  EXPECT_EQ(position("(cn=\\zz)"), 5u);
  EXPECT_EQ(position("(cn>x)"), 5u);
  EXPECT_EQ(position("(cn>=a*)"), 7u);
  EXPECT_EQ(position("(!(a=b)(c=d))"), 8u);
  EXPECT_EQ(position("(:=x)"), 2u);
  EXPECT_EQ(position("(:dn:=x)"), 5u);
  EXPECT_EQ(position(" (a=x)"), 1u);
  EXPECT_EQ(position("(a=x**y)"), 6u);
  EXPECT_EQ(position("(a=x) "), 6u);
  EXPECT_EQ(position("(!(a=x) )"), 8u);
  EXPECT_EQ(position("(a_b=x)"), 3u);
  EXPECT_EQ(position("(2.5..4=x)"), 6u);
  EXPECT_EQ(position("(2.5.4.3a=x)"), 9u);
  EXPECT_EQ(position("(cn;=x)"), 5u);
  EXPECT_EQ(position("(cn:dn:a:b:=x)"), 9u);
}

TEST(DirectoryFilter, RefusesWhatIsTooLongOrTooDeep) {
  EXPECT_TRUE(checkFilter("(cn=" + std::string(5000, 'x') + ")"));
  std::string deep = "(a=b)";
  for (int i = 0; i < 40; ++i) deep = "(!" + deep + ")";
  EXPECT_TRUE(checkFilter(deep));
  EXPECT_TRUE(checkFilter(std::string(1'000'000, '(')));
}

TEST(DirectoryFilter, EscapedValueStandsForItself) {
  EXPECT_EQ(escape("a*b(c)d\\e"), "a\\2ab\\28c\\29d\\5ce");
  EXPECT_EQ(escape(std::string_view("\0", 1)), "\\00");
  EXPECT_EQ(escape("Jürgen"), "Jürgen");
  EXPECT_EQ(equals("uid", "*)(uid=*"), "(uid=\\2a\\29\\28uid=\\2a)");
  EXPECT_FALSE(checkFilter(equals("uid", "*)(uid=*\\")));
}

}  // namespace jackfield::directory::ldap
