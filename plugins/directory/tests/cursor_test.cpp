// SPDX-License-Identifier: Apache-2.0
// Cursors: what an incremental run may rest on.
#include "cursor.hpp"

#include <gtest/gtest.h>

namespace jackfield::directory {

namespace {

std::string codeOf(const std::function<void()>& call) {
  try {
    call();
    return "none";
  } catch (const Error& error) {
    return error.code();
  }
}

}  // namespace

TEST(DirectoryCursor, ComesBackAsItWent) {
  Cursor cursor;
  cursor.settings = "s";
  cursor.groups = "g";
  cursor.domains["user"] = {"usn", "08ca25b8", "41"};
  const Cursor back = readCursor(cursorText(cursor), "s");
  EXPECT_EQ(back.groups, "g");
  EXPECT_EQ(changedSince(back.domains.at("user"), {"usn", "08ca25b8", "50"}), "(uSNChanged>=42)");
}

TEST(DirectoryCursor, OfAnotherServerOrTimeAsksForAFullRun) {
  EXPECT_EQ(codeOf([] { readCursor("", "s"); }), "directory.sync.cursor");
  EXPECT_EQ(codeOf([] { readCursor("{\"version\":2}", "s"); }), "directory.sync.cursor");
  EXPECT_EQ(codeOf([] { readCursor("[]", "s"); }), "directory.sync.cursor");
  EXPECT_EQ(codeOf([] { changedSince({"usn", "one", "1"}, {"usn", "two", "1"}); }), "directory.sync.cursor");
  EXPECT_EQ(codeOf([] { changedSince({"usn", "one", "1"}, {"csn", "", "1"}); }), "directory.sync.cursor");
  EXPECT_EQ(codeOf([] { changedSince({"csn", "", "x)(uid=*"}, {"csn", "", "1"}); }), "directory.sync.cursor");
  for (const char* wrong : {"99999999999999999999x", "99999999999999999999", "-1", ""})
    EXPECT_EQ(codeOf([&] { changedSince({"usn", "", wrong}, {"usn", "", "1"}); }), "directory.sync.cursor") << wrong;
}

TEST(DirectoryCursor, MovesATimestampBack) {
  EXPECT_EQ(earlier("20260301000001Z", 2), "20260228235959Z");
  EXPECT_EQ(earlier("20260301000001.123Z", 1), "20260301000000Z");
  EXPECT_EQ(earlier("nonsense", 1), "");
}

TEST(DirectoryCursor, FingerprintFollowsWhatDecidesWhoComes) {
  Settings settings;
  const std::string before = settingsFingerprint(settings);
  settings.user.password = "new";
  settings.user.servers = {{"other", 636, Security::ldaps}};
  EXPECT_EQ(settingsFingerprint(settings), before);
  settings.contact_filter = "(sn=a*)";
  EXPECT_NE(settingsFingerprint(settings), before);
}

}  // namespace jackfield::directory
