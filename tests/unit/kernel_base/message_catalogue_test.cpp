// SPDX-License-Identifier: Apache-2.0
// Message catalogues.
#include "kernel/base/message_catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/error.hpp>

#include "scratch_folder.hpp"

namespace jackfield::kernel {
namespace {

constexpr const char* one =
    R"([{"code":"a.b","severity":"error","text":"{peer} says {what}","cause":"c","action":"d"}])";

TEST(MessageCatalogue, FillsNamedArgumentsIntoTheText) {
  MessageCatalogue catalogue;
  catalogue.add(one, "test");
  EXPECT_EQ(catalogue.sentence("a.b", {{"what", "no"}, {"peer", "pbx"}}), "pbx says no");
}

TEST(MessageCatalogue, LeavesAGapVisibleAndDoesNotFillInTwice) {
  EXPECT_EQ(fillIn("{a} {b} {", {{"a", "{b}"}}), "{b} {b} {");
}

TEST(MessageCatalogue, AcceptsTheSameDocumentAgainButNotAnotherTextForACode) {
  MessageCatalogue catalogue;
  catalogue.add(one, "first");
  EXPECT_NO_THROW(catalogue.add(one, "again"));
  try {
    catalogue.add(R"([{"code":"a.b","text":"something else"}])", "plugins/x/messages.json");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "messages.duplicate");
    EXPECT_THAT(error.what(), testing::HasSubstr("plugins/x/messages.json"));
  }
}

TEST(MessageCatalogue, NamesFileAndPlaceOfAMalformedEntry) {
  const ScratchFolder folder;
  MessageCatalogue catalogue;
  try {
    catalogue.addFile(folder.write("messages.json", R"([{"code":"a.b","severity":"loud"}])"));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.field(), "/0/severity");
    EXPECT_THAT(error.what(), testing::HasSubstr("messages.json"));
  }
  EXPECT_THROW(catalogue.addFile(folder.path() / "missing.json"), Error);
}

TEST(MessageCatalogue, HoldsTheHostsOwnMessagesWithCauseAndAction) {
  const auto message = MessageCatalogue::instance().find("log.heldBack");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->severity, MessageSeverity::warning);
  EXPECT_FALSE(message->cause.empty());
  EXPECT_FALSE(message->action.empty());
  EXPECT_FALSE(MessageCatalogue::instance().all().empty());
}

}  // namespace
}  // namespace jackfield::kernel
