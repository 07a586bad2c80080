// SPDX-License-Identifier: Apache-2.0
// A server may show anything for a certificate.
#include "ldap/certificate.hpp"

#include <gtest/gtest.h>

namespace jackfield::directory::ldap {

TEST(DirectoryCertificate, NonsenseIsNotTrustedAndDoesNoHarm) {
  EXPECT_EQ(explainCertificate("", "h", "ca").code, "directory.tls.untrusted");
  EXPECT_EQ(explainCertificate("\x30\x82\xff\xff", "h", "ca").code, "directory.tls.untrusted");
  EXPECT_EQ(explainCertificate(std::string(100000, '\x30'), "h", "ca").code, "directory.tls.untrusted");
}

}  // namespace jackfield::directory::ldap
