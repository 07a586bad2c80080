// SPDX-License-Identifier: Apache-2.0
// The plugin in the SDK's in-memory host: no process, no network.
#include "plugin.hpp"

#include <gtest/gtest.h>

#include <jackfield/testing/fake_host.hpp>

namespace sample_directory {
namespace {

using jackfield::Status;
using jackfield::testing::FakeHost;

class SampleDirectoryTest : public testing::Test {
 protected:
  SampleDirectoryTest() {
    host.configure({{"host", "directory.test"}, {"domain", "acme.test"}});
    host.start();
  }
  FakeHost host{jackfield::entryOf<SampleDirectory>(), "sample-directory"};
};

TEST_F(SampleDirectoryTest, SignsInWithTheRightPasswordAlone) {
  const auto answer = host.call<dir::Authenticated>("directory/1.authenticate", dir::Authenticate{"ann", "ann-secret"});
  EXPECT_EQ(answer.person.mail, "ann@acme.test");
  for (const char* login : {"ann", "nobody"}) {
    const auto refused = host.call("directory/1.authenticate", jackfield::toJson(dir::Authenticate{login, "wrong"}));
    EXPECT_EQ(refused.status, Status::auth);
    EXPECT_EQ(refused.error().code(), "sampleDirectory.credentials");
  }
}

TEST_F(SampleDirectoryTest, WaitsForCreditAndEndsWithTheCursor) {
  const auto id = host.deliver("directory/1.sync", jackfield::toJson(dir::Sync{}), 2);
  ASSERT_EQ(host.replies(id).size(), 2u);
  EXPECT_TRUE(host.replies(id).back().more);
  host.credit(id, 10);
  ASSERT_EQ(host.replies(id).size(), 4u);
  EXPECT_EQ(jackfield::fromJson<dir::SyncPart>(host.replies(id).back().body).cursor, "sample-1");
}

TEST_F(SampleDirectoryTest, RefusesACursorThatItNeverGave) {
  const auto refused = host.call("directory/1.sync", jackfield::toJson(dir::Sync{dir::SyncMode::incremental, "stale"}));
  EXPECT_EQ(refused.status, Status::state);
}

}  // namespace
}  // namespace sample_directory
